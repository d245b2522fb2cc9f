"""The replica says what the service says: held against replies that were recorded from it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from lumbung.settings import ROOT
from tests.replicas.bps import DEFAULT_KEY, Replica, Variable, sample

RECORDED = ROOT.parent / "shared" / "recorded"
recorded_only = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="no recorded replies beside this checkout"
)


def ask(replica: Replica, path: str, agent: str = "conformance/1 (+test)") -> Any:
    headers = {"User-Agent": agent}
    request = urllib.request.Request(replica.url + path, headers=headers)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
        return json.loads(response.read())


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


@pytest.fixture
def replica():
    national = sample()[0]
    national.domain = "0000"
    with Replica([*sample(), national]) as running:
        yield running


LIST = f"/list?key={DEFAULT_KEY}&domain=3600&var=64"


@recorded_only
@pytest.mark.parametrize(
    ("path", "name"),
    [
        (LIST.replace(DEFAULT_KEY, "f" * 32) + "&model=th", "bps_error_bad_key.json"),
        (LIST + "&model=data", "bps_error_missing_th.json"),
        (LIST + "&model=data&th=110:112", "bps_error_max_th_2_province.json"),
        (
            LIST.replace("3600", "0000") + "&model=data&th=113:119",
            "bps_error_max_th_3_national.json",
        ),
        (LIST + "&model=data&th=86:87", "bps_data_list_not_available.json"),
    ],
)
def test_a_refusal_is_the_recorded_one_to_the_letter(replica, path, name):
    assert ask(replica, path) == recorded(name)


@recorded_only
def test_a_data_reply_has_the_recorded_form(replica):
    ours = ask(replica, LIST + "&model=data&th=123")
    theirs = recorded("bps_data_0000_var543_th123.json")
    assert list(ours) == list(theirs)
    for part in ("subject", "var", "turvar", "vervar", "tahun", "turtahun"):
        assert list(ours[part][0]) == list(theirs[part][0]), part
        assert {k: type(v) for k, v in ours[part][0].items()} == {
            k: type(v) for k, v in theirs[part][0].items()
        }, part


@recorded_only
def test_a_list_page_has_the_recorded_form(replica):
    ours = ask(replica, LIST + "&model=turth")
    theirs = recorded("bps_turth_0000_var543.json")
    assert list(ours) == list(theirs)
    assert list(ours["data"][0]) == list(theirs["data"][0])
    assert list(ours["data"][1][0]) == list(theirs["data"][1][0])


def test_the_documented_key_of_banten_in_august_2023(replica):
    variable = Variable(
        domain="3600", var_id=543, title="TPT", unit="Persen", vervars={3600: "BANTEN"},
        cells={(3600, "0", 2023, 190): 7.52}, turths={190: "Agustus"},
    )  # fmt: skip
    replica.variables["3600", 543] = variable
    reply = ask(replica, LIST.replace("var=64", "var=543") + "&model=data&th=123")
    assert reply["datacontent"] == {"36005430123190": 7.52}


def test_both_styles_of_address_mean_the_same(replica):
    path = f"/list/model/data/lang/ind/domain/3600/var/64/th/122:123/key/{DEFAULT_KEY}/"
    assert ask(replica, path) == ask(replica, LIST + "&model=data&th=122;123")


def test_a_list_has_ten_rows_a_page_whatever_is_asked(replica):
    replica.variables["3600", 64].cells.update(
        {(3604, "0", y, 190): 1.0 for y in range(1990, 2018)}
    )
    pages = [ask(replica, LIST + f"&model=th&perpage=1000&page={page}") for page in (1, 2, 3, 4)]
    assert [page["data"][0]["count"] for page in pages] == [10, 10, 10, 6]
    assert pages[0]["data"][0]["pages"] == 4
    assert pages[0]["data"][1][0] == {"th_id": 125, "th": "2025"}
    assert ask(replica, LIST + "&model=th&page=5")["data"] == ""


def test_an_answer_that_grows_too_large_is_null(replica):
    replica.cell_limit = 1
    assert ask(replica, LIST + "&model=data&th=123") is None


@pytest.mark.parametrize("agent", ["curl/8.5.0", "Python-urllib/3.11"])
def test_the_firewall_stops_who_does_not_say_who_it_is_and_repeats_the_key(replica, agent):
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask(replica, LIST + "&model=th", agent)
    assert caught.value.code == 403
    assert DEFAULT_KEY in caught.value.read().decode()


def test_domains_are_asked_for_at_their_own_address(replica):
    reply = ask(replica, f"/domain/type/kabbyprov/prov/3600/key/{DEFAULT_KEY}/")
    assert [row["domain_id"] for row in reply["data"][1]] == ["3604"]
    assert ask(replica, f"/list/model/domain/key/{DEFAULT_KEY}/")["status"] == "Error"
    assert ask(replica, "/domain/type/all")["message"] == "Parameter key is missing"
