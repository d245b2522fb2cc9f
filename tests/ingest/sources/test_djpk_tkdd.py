"""DJPK transfers: the page whose form is unverified, and the JSON that was there before."""

from __future__ import annotations

import importlib.util
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ingest.errors import (
    HtmlReplyError,
    NothingAvailableError,
    UnknownReplyError,
    UnreadableFileError,
)
from ingest.observation import ParseResult
from ingest.protocol import Snapshot
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from tests.ingest.parsing import context, dataset, recorded, rules
from tests.replicas.djpk import page

NAMED = "2025-28.07-banten-kota_serang"
needs_lxml = pytest.mark.skipif(
    importlib.util.find_spec("lxml") is None, reason="lxml is not installed: make test installs it"
)


def tkdd(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "djpk.tkdd",
            "source": "djpk",
            "request": {"provinces": ["Banten"], "years": "2016:"},
            "account": "transfer_account",
            "nomenclatures": [{"years": "2016:", "accounts": {"DAU": "transfer_dau"}}],
            **fields,
        }
    )


def parse(described: Dataset, body: str | bytes, partition: str = NAMED) -> ParseResult:
    raw = body.encode() if isinstance(body, str) else body
    snapshot = Snapshot(described.dataset, partition, "0" * 64)
    return PROTOCOLS["djpk.tkdd"].parse(described, snapshot, raw, context())


PAGE = page(
    [
        ("DAU", Decimal("3850930000000"), Decimal("1200000000000")),
        ("Dana Lain", Decimal("10000000"), Decimal(0)),
    ],
    "Juni",
)


@needs_lxml
def test_miliar_become_rupiah_and_rows_nested_wrongly_stay_apart():
    result = parse(tkdd(), PAGE)
    assert (result.n_items, rules(result)) == (4, [])
    found = {(r["category"], r["stage"]): r for r in result.observations.to_pylist()}
    dau = found["total", "allocation"]
    assert (dau["indicator_id"], dau["region_code"]) == ("transfer_dau", "3673")
    assert (dau["value"], dau["precision"]) == (3_850_930_000_000, 10_000_000)
    assert dau["value_text"] == "3.850,93 M"
    assert dau["period_label"] == "2025"
    paid = found["total", "realised_to_date"]
    assert paid["period_label"] == "2025-01-01/2025-06-30"
    assert found["Dana Lain", "allocation"]["indicator_id"] == "transfer_account"
    assert found["Dana Lain", "allocation"]["value"] == 10_000_000


@needs_lxml
def test_a_number_without_a_unit_is_rejected_until_the_catalogue_says_what_it_is_in():
    bare = PAGE.replace(" M<", "<")
    assert rules(parse(tkdd(), bare)) == ["unknown_unit"] * 4
    result = parse(tkdd(unit="rupiah", decimal=","), bare.replace("3.850,93", "3.850.930.000.000"))
    assert result.observations["value"].to_pylist()[0] == 3_850_930_000_000
    assert rules(parse(tkdd(), PAGE.replace(" M<", " T<"))) == ["unknown_unit"] * 4


@needs_lxml
def test_money_paid_up_to_an_unknown_month_is_rejected_and_the_allocation_kept():
    result = parse(tkdd(), PAGE.replace("s.d Juni", "s.d Audited"))
    assert rules(result) == ["unknown_period"] * 2
    assert set(result.observations["stage"].to_pylist()) == {"allocation"}


@needs_lxml
def test_a_page_without_the_table_or_cut_off_is_no_empty_report():
    with pytest.raises(HtmlReplyError, match="tbl_data"):
        parse(tkdd(), PAGE.replace("tbl_data", "lain"))
    with pytest.raises(UnreadableFileError, match="cut off"):
        parse(tkdd(), PAGE.split("Dana Lain")[0])
    with pytest.raises(NothingAvailableError, match="no transfers"):
        parse(tkdd(), page([], "Juni"))


def test_the_json_of_before_is_walked_to_its_leaves():
    body = recorded("djpk_tkdd_filter_2018-2021.shape.json")
    result = parse(tkdd(unit="rupiah", status="(?P<month>x)"), body, "2020-28.07")
    assert (result.n_items, rules(result)) == (6, ["unknown_period"] * 3)
    rows = result.observations.to_pylist()
    assert [row["locator"] for row in rows] == [
        "postur.1, Anggaran", "postur.1.1, Anggaran", "postur.1.1.1, Anggaran",
    ]  # fmt: skip
    assert [row["category"] for row in rows] == ["…", "… #2", "… #3"]
    assert orjson.loads(rows[2]["attributes"])["code"] == "000000"
    assert {row["value"] for row in rows} == {0}


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", UnreadableFileError),
        ('{"postur": {"1"', UnreadableFileError),
        ('{"pohon": {}}', UnknownReplyError),
        ("null", UnknownReplyError),
        ("teks saja", UnreadableFileError),
    ],
)
@needs_lxml
def test_what_is_neither_says_so(body, error):
    with pytest.raises(error):
        parse(tkdd(), body)
