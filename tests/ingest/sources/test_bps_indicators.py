"""Strategic indicators: one latest figure each, kept period by period."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.errors import (
    BlockedError,
    IngestError,
    NothingAvailableError,
    PeriodError,
    UnknownReplyError,
    UnreadableFileError,
)
from ingest.observation import ParseResult
from ingest.protocol import Answer, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from ingest.sources.period_texts import read_part, read_period
from tests.ingest.parsing import context, dataset, parse, recorded, rules
from tests.ingest.replies import answered
from tests.replicas.bps_lists import Indicator, Replica, sample_indicators

PROTOCOL = PROTOCOLS["bps.strategic_indicators"]
RATE = {"var": 543, "indicator": "unemployment_rate", "unit": "Persen", "precision": "0.01"}


def described(domain: str = "3600", **fields: Any) -> Dataset:
    return dataset(
        **{"protocol": "bps.strategic_indicators", "request": {"domain": domain},
           "select": [RATE], **fields}
    )  # fmt: skip


class Service:
    """A replica asked without a network."""

    def __init__(self, indicators: list[Indicator] | None = None) -> None:
        self.indicators = sample_indicators() if indicators is None else indicators
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Any:
        self.asked.append(request)
        replica = Replica.__new__(Replica)
        replica.indicators = self.indicators
        return answered(replica._indicators(request.params))


def kept(answers: list[Answer]) -> dict[str, Any]:
    return {request.partition: reply for request, reply in answers if request.keep}


def read(dataset: Dataset, partition: str, body: bytes) -> ParseResult:
    return PROTOCOL.parse(dataset, Snapshot(dataset.dataset, partition, "0" * 64), body, context())


def test_the_page_with_the_indicator_is_kept_under_its_period() -> None:
    service = Service()
    answers = list(PROTOCOL.collect(described(), service))
    assert [r.partition for r, _ in answers] == ["list", "list-p2", "var-543-2026-02"]
    assert [r.keep for r, _ in answers] == [False, False, True]
    assert answers[2][0].params["page"] == "2"
    result = read(described(), "var-543-2026-02", answers[2][1].body)
    (row,) = result.observations.to_pylist()
    assert (row["value"], row["region_code"], row["period_label"]) == (
        Decimal("6.69"), "3600", "2026-02",
    )  # fmt: skip
    assert (row["period_kind"], row["unit"], row["precision"]) == (
        "round", "percent", Decimal("0.01"),
    )  # fmt: skip
    assert row["value_text"] == "6.69"
    assert result.n_items == 1


def test_a_newer_figure_has_a_partition_of_its_own() -> None:
    service = Service()
    before = kept(list(PROTOCOL.collect(described(), service)))
    service.indicators[-1].period, service.indicators[-1].value = "Agustus 2026", 6.4
    after = kept(list(PROTOCOL.collect(described(), service)))
    assert list(before) == ["var-543-2026-02"]
    assert list(after) == ["var-543-2026-08"]
    # The older partition's question has no row in the newer page: nothing is read twice.
    assert read(described(), "var-543-2026-02", after["var-543-2026-08"].body).n_items == 0


def test_a_restated_figure_stays_in_its_partition() -> None:
    service = Service()
    before = kept(list(PROTOCOL.collect(described(), service)))
    service.indicators[-1].value = 6.7
    after = kept(list(PROTOCOL.collect(described(), service)))
    assert before.keys() == after.keys()


def test_a_figure_that_moves_on_while_it_is_read_is_an_error() -> None:
    service = Service()

    def fetch(request: Request) -> Any:
        if request.keep:
            service.indicators[-1].period = "Agustus 2026"
        return service(request)

    answers = list(PROTOCOL.collect(described(), fetch))
    assert isinstance(answers[2][1], UnknownReplyError)
    assert "reply_not_asked_for" in str(answers[2][1])


@pytest.mark.parametrize("n", [0, 2])
def test_an_indicator_listed_never_or_twice_fails_alone(n: int) -> None:
    rates = [Indicator(543, 24 + i, "TPT", 5.0, "Persen", "2025") for i in range(n)]
    other = Indicator(7, 3, "TPAK", 66.0, "Persen", "Agustus 2025")
    both = described(
        select=[RATE, {"indicator_id": 3, "indicator": "participation_rate", "unit": "Persen"}]
    )
    answers = kept(list(PROTOCOL.collect(both, Service([*rates, other]))))
    assert isinstance(answers["var-543"], UnknownReplyError)
    assert f"{n} times" in str(answers["var-543"])
    assert not isinstance(answers["id-3-2025-08"], IngestError)


def test_a_domain_without_indicators_is_nothing_available() -> None:
    with pytest.raises(NothingAvailableError):
        list(PROTOCOL.collect(described(domain="3601"), Service()))


def test_a_block_stops_the_asking() -> None:
    def fetch(request: Request) -> Any:
        if request.keep:
            raise BlockedError("left alone")
        return Service()(request)

    with pytest.raises(BlockedError):
        list(PROTOCOL.collect(described(), fetch))


def page(**changes: Any) -> bytes:
    row = sample_indicators()[-1].row | changes
    head = {"page": 1, "pages": 1, "total": 1}
    return json.dumps({"status": "OK", "data": [head, [row]]}).encode()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"unit": "Ribu Orang"}, "unit_changed"),
        ({"periode": "Panen raya 2026"}, "unknown_period"),
        ({"periode": "Februari 2025 - Februari 2026"}, "unknown_period"),
        ({"periode": ""}, "unknown_period"),
        ({"value": 106}, "out_of_bounds"),
        ({"value": "kira-kira"}, "not_a_number"),
        ({"value": [6.69]}, "not_a_number"),
        ({"value": True}, "not_a_number"),
        ({"value": "6.690"}, "ambiguous_number"),
    ],
)
def test_what_can_not_be_is_rejected_with_its_rule(changes: dict[str, Any], rule: str) -> None:
    result = parse(described(), page(**changes))
    assert rules(result) == [rule]
    assert result.rejected["locator"][0].as_py().startswith("var-543")


@pytest.mark.parametrize(("value", "text"), [(None, ""), ("-", "-"), ("…", "…")])
def test_no_figure_is_a_missing_one(value: Any, text: str) -> None:
    (row,) = parse(described(), page(value=value)).observations.to_pylist()
    assert (row["value"], row["value_text"], row["obs_status"]) == (None, text, "O")


def test_a_text_is_read_in_the_declared_style() -> None:
    result = parse(described(decimal=","), page(value="6,69"))
    assert result.observations["value"].to_pylist() == [Decimal("6.69")]


@pytest.mark.parametrize("data", [None, [], [{"page": 1}], [{"page": 1}, ["x"]], {}])
def test_another_form_is_unreadable(data: Any) -> None:
    with pytest.raises(UnreadableFileError):
        parse(described(), json.dumps({"status": "OK", "data": data}).encode())


@pytest.mark.parametrize(
    "select",
    [
        [],
        [RATE, RATE],
        [{k: v for k, v in RATE.items() if k != "var"}],
        [RATE | {"indicator_id": 1}],
    ],
)
def test_each_indicator_is_named_once_and_one_way(select: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        described(select=select)


def test_the_recorded_list_is_read() -> None:
    both = described(
        domain="0000",
        select=[RATE, {"indicator_id": 3, "indicator": "inflation", "unit": "Persen"}]
        if "inflation" in context().indicators
        else [RATE],
    )
    rows = parse(both, recorded("bps_indicators_0000_p1.trimmed.json")).observations.to_pylist()
    rate = next(row for row in rows if row["indicator_id"] == "unemployment_rate")
    assert (rate["value"], rate["period_label"], rate["region_code"]) == (
        Decimal("4.68"), "2026-02", "0000",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("September 2026", "2026-09"), ("Pebruari 2026", "2026-02"), ("Nop 2024", "2024-11"),
        ("2025", "2025"), ("Tahun 2025", "2025"), ("Triwulan III-2026", "2026-Q3"),
        ("Triwulan IV 2025", "2025-Q4"), ("Semester I 2026", "2026-S1"),
        ("Semester 2/2025", "2025-S2"),
        ("2026 Agustus", "2026-08"),
    ],
)  # fmt: skip
def test_periods_are_read_as_people_write_them(text: str, label: str) -> None:
    assert read_period(text).label == label


@pytest.mark.parametrize(
    "text",
    ["", "Agustus", "2025 2026", "Semester III 2026", "Triwulan V 2026", "12026", "Agust-us 2026"],
)
def test_other_texts_are_no_periods(text: str) -> None:
    with pytest.raises(PeriodError):
        read_period(text)


def test_a_month_inside_a_label_wins_and_two_months_are_none() -> None:
    part = read_part("Semester 1 (Maret)")
    assert part is not None
    assert part.suffix == "-03"
    assert read_part("Januari - Maret") is None
    assert read_part("Panen raya") is None
