"""Asking BPS for a variable: pages of periods, windows of years, and windows that don't fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingest.errors import (
    BadKeyError,
    BlockedError,
    FetchError,
    IngestError,
    NothingAvailableError,
    ReplyTooLargeError,
    UnknownReplyError,
    WindowTooWideError,
)
from ingest.protocol import Answer, Reply, Request
from ingest.sources import PROTOCOLS
from tests.ingest.parsing import FIXTURES, dataset

NOTHING = (FIXTURES / "bps_nothing.json").read_bytes()
TOO_LARGE = (FIXTURES / "bps_too_large.json").read_bytes()
TOO_WIDE = (FIXTURES / "bps_too_wide.json").read_bytes()
BAD_KEY = (FIXTURES / "bps_bad_key.json").read_bytes()
DATA = b'{"status":"OK","data-availability":"available","datacontent":{}}'


class Service:
    """Answers like BPS from a list of years, ten a page, and remembers what it was asked."""

    def __init__(self, years: list[int], answer: Callable[[list[int]], bytes]) -> None:
        self.years, self.answer = sorted(years, reverse=True), answer
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        self.asked.append(request)
        if request.params["model"] == "th":
            body = self._page(int(request.params.get("page", 1)))
        else:
            body = self.answer([int(th) for th in request.params["th"].split(";")])
        day = date(2026, 11, 22)
        return Reply(body, "", 200, "application/json", datetime.now(UTC), day, is_sample=False)

    def _page(self, page: int) -> bytes:
        rows = [{"th_id": year - 1900, "th": str(year)} for year in self.years]
        shown = rows[10 * (page - 1) : 10 * page]
        pages = -(-len(rows) // 10)
        envelope = {"page": page, "pages": pages, "per_page": 10, "count": len(shown),
                    "total": len(rows)}  # fmt: skip
        return json.dumps(
            {"status": "OK", "data-availability": "available", "data": [envelope, shown]}
        ).encode()


def answers(service: Service, domain: str = "0000", years: str = "2010:") -> list[Answer]:
    described = dataset(
        protocol="bps.dynamic_data",
        request={"domain": domain, "variable": 543, "years": years},
        region={"from": "vervar"},
        period={"months": {"Agustus": 8}},
        indicator="unemployment_rate",
    )
    return list(PROTOCOLS["bps.dynamic_data"].collect(described, service))


def collect(service: Service, domain: str = "0000", years: str = "2010:") -> list[Request]:
    found = answers(service, domain, years)
    return [request for request, reply in found if not isinstance(reply, IngestError)]


def errors(found: list[Answer]) -> dict[str, type[IngestError]]:
    return {r.partition: type(reply) for r, reply in found if isinstance(reply, IngestError)}


def data(*periods: int) -> bytes:
    listed = [{"val": period, "label": str(1900 + period)} for period in periods]
    return json.dumps({"status": "OK", "tahun": listed, "datacontent": {}}).encode()


def partitions(requests: list[Request]) -> list[str]:
    return [request.partition for request in requests if request.keep]


def test_windows_hold_three_years_for_the_nation_and_two_elsewhere() -> None:
    years = list(range(2018, 2026))
    assert partitions(collect(Service(years, lambda _: DATA))) == [
        "th-118-120", "th-121-123", "th-124-125",
    ]  # fmt: skip
    assert partitions(collect(Service(years, lambda _: DATA), domain="3600")) == [
        "th-118-119", "th-120-121", "th-122-123", "th-124-125",
    ]  # fmt: skip


def test_the_question_names_variable_domain_and_years_and_no_key() -> None:
    service = Service([2023], lambda _: DATA)
    requests = collect(service)
    assert [r.path for r in requests] == ["/list", "/list"]
    assert requests[0].params == {"model": "th", "lang": "ind", "domain": "0000", "var": "543"}
    assert not requests[0].keep
    assert requests[1].partition == "th-123"
    assert requests[1].params == {
        "model": "data", "lang": "ind", "domain": "0000", "var": "543", "th": "123",
    }  # fmt: skip


def test_every_page_of_the_period_list_is_read() -> None:
    service = Service(list(range(1986, 2025)), lambda _: DATA)
    requests = collect(service, years="1986:")
    assert [r.partition for r in requests if not r.keep] == ["th", "th-p2", "th-p3", "th-p4"]
    asked = [th for r in requests if r.keep for th in r.params["th"].split(";")]
    assert [int(th) for th in asked] == list(range(86, 125))


@pytest.mark.parametrize(
    ("years", "first", "last"), [("2010:", 110, 124), ("2018:2020", 118, 120), ("2023", 123, 123)]
)
def test_only_the_years_asked_for_are_fetched(years: str, first: int, last: int) -> None:
    requests = collect(Service(list(range(2000, 2025)), lambda _: DATA), years=years)
    asked = [int(th) for r in requests if r.keep for th in r.params["th"].split(";")]
    assert asked == list(range(first, last + 1))


def test_a_year_without_survey_is_left_out_of_its_window() -> None:
    requests = collect(Service([1994, 1996, 1997], lambda _: DATA), years="1986:")
    assert [(r.partition, r.params["th"]) for r in requests if r.keep] == [("th-94-97", "94;96;97")]


def test_a_window_found_too_wide_is_cut_to_the_size_the_message_names() -> None:
    service = Service(list(range(2018, 2023)), lambda th: TOO_WIDE if len(th) > 2 else DATA)
    assert partitions(collect(service)) == ["th-118-119", "th-120-121", "th-122"]


def test_a_window_that_was_cut_up_is_no_failure_and_nothing_is_asked_twice() -> None:
    one = TOO_WIDE.replace(b"is 2.", b"is 1.")
    for refusal, most in ((TOO_WIDE, 2), (one, 1), (TOO_LARGE, 1)):
        service = Service(
            list(range(2018, 2024)),
            lambda th, most=most, refusal=refusal: refusal if len(th) > most else DATA,
        )
        found = answers(service)
        assert errors(found) == {}
        read = [th for r, _ in found if r.keep for th in r.params["th"].split(";")]
        assert [int(th) for th in read] == list(range(118, 124))


def test_a_window_too_large_to_send_is_halved() -> None:
    service = Service([2021, 2022, 2023], lambda th: TOO_LARGE if len(th) > 1 else DATA)
    assert partitions(collect(service)) == ["th-121", "th-122", "th-123"]


def test_a_single_year_too_large_fails_alone() -> None:
    service = Service([2021, 2022, 2023], lambda th: TOO_LARGE if 122 in th else DATA)
    found = answers(service)
    assert errors(found) == {"th-122": ReplyTooLargeError}
    assert [r.partition for r, _ in found if r.keep] == ["th-121", "th-122", "th-123"]


def test_a_window_without_figures_is_said_to_have_none() -> None:
    service = Service(list(range(2018, 2024)), lambda th: NOTHING if 118 in th else DATA)
    assert errors(answers(service)) == {"th-118-120": NothingAvailableError}
    assert partitions(collect(service)) == ["th-121-123"]


def test_a_maximum_that_would_not_help_stops_the_asking() -> None:
    service = Service([2022, 2023], lambda _: TOO_WIDE)
    assert errors(answers(service)) == {"th-122-123": WindowTooWideError}
    assert len(service.asked) == 2


def test_the_windows_after_one_that_fails_are_asked_for() -> None:
    def answer(th: list[int]) -> bytes:
        if 121 in th:
            raise FetchError("cut off")
        return data(*th)

    found = answers(Service(list(range(2018, 2027)), answer))
    assert errors(found) == {"th-121-123": FetchError}
    assert [r.partition for r, _ in found if r.keep] == ["th-118-120", "th-121-123", "th-124-126"]


def test_a_service_that_is_away_is_not_asked_for_every_window() -> None:
    def answer(_: list[int]) -> bytes:
        raise FetchError("no connection")

    service = Service(list(range(1990, 2025)), answer)
    with pytest.raises(FetchError):
        answers(service, years="1990:")
    assert len([r for r in service.asked if r.keep]) == 3


def test_failures_that_an_answer_comes_between_are_not_added_up() -> None:
    def answer(th: list[int]) -> bytes:
        if th[0] % 2:
            raise FetchError("cut off")
        return data(*th)

    service = Service(list(range(2000, 2024)), answer)
    found = answers(service, years="2000:")
    assert len(errors(found)) == 4  # of eight windows of three years every second one
    assert len(partitions([r for r, _ in found])) == 8


def test_a_block_stops_the_asking() -> None:
    def answer(_: list[int]) -> bytes:
        raise BlockedError("left alone")

    service = Service([2018, 2021, 2024], answer)
    with pytest.raises(BlockedError):
        answers(service, domain="3600")
    assert len(service.asked) == 2


def test_a_reply_about_other_years_is_refused_and_the_rest_goes_on() -> None:
    service = Service(list(range(2018, 2024)), lambda th: data(*(p - (118 in th) for p in th)))
    found = answers(service)
    assert errors(found) == {"th-118-120": UnknownReplyError}
    assert str(found[1][1]) == (
        "test_dataset: reply_not_asked_for: asked for the periods 118, 119, 120, the reply lists "
        "117"
    )
    strangers = Service([2018, 2019], lambda _: data(118, 3, 20))
    assert str(answers(strangers)[1][1]).endswith("the reply lists 20, 3")


def test_a_year_the_reply_is_silent_about_is_asked_for_alone() -> None:
    def answer(th: list[int]) -> bytes:
        return data(118, 119) if th == [118, 119, 120] else data(*th)

    requests = collect(Service(list(range(2018, 2022)), answer))
    assert partitions(requests) == ["th-118-120", "th-120", "th-121"]


def test_a_reply_that_lists_no_year_at_all_is_refused() -> None:
    service = Service([2023], lambda _: data())
    found = answers(service)
    assert errors(found) == {"th-123": UnknownReplyError}
    assert str(found[1][1]) == (
        "test_dataset: reply_not_asked_for: asked for the periods 123, the reply lists none of them"
    )


def test_a_refused_key_stops_at_once() -> None:
    service = Service([2021, 2022, 2023, 2024], lambda _: BAD_KEY)
    with pytest.raises(BadKeyError):
        collect(service)
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "data",
    [[], "x", [{"pages": 1}], [{"pages": "1"}, []], [{"pages": 10**6}, []],
     [{"pages": 1}, [{"th": "2023"}]], [{"pages": 1}, ["2023"]],
     [{"pages": 2, "page": 2}, [{"th_id": 123, "th": "2023"}]],
     [{"pages": 1, "total": 2}, [{"th_id": 123, "th": "2023"}]]],
)  # fmt: skip
def test_a_period_list_of_another_form_is_an_unknown_reply(data: Any) -> None:
    body: Mapping[str, Any] = {"status": "OK", "data-availability": "available", "data": data}
    service = Service([], lambda _: DATA)
    service._page = lambda _: json.dumps(body).encode()  # type: ignore[method-assign]
    with pytest.raises(UnknownReplyError, match=r"^test_dataset: "):
        collect(service)


def test_a_period_without_its_year_says_so_and_an_error_names_the_dataset() -> None:
    listed = [{"pages": 1, "page": 1}, [{"th_id": 123}]]
    body = {"status": "OK", "data-availability": "available", "data": listed}
    service = Service([], lambda _: DATA)
    service._page = lambda _: json.dumps(body).encode()  # type: ignore[method-assign]
    with pytest.raises(UnknownReplyError) as refused:
        collect(service)
    assert str(refused.value) == "test_dataset: a row of the period list is no th_id and th"
    odd = answers(Service([2023], lambda _: b'{"status":"Error","message":"odd"}'))
    assert str(odd[1][1]) == "test_dataset: BPS answered with an unknown error: 'odd'"
