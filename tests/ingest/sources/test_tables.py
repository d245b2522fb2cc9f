"""A table nobody has seen is read with one catalogue file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.errors import HtmlReplyError, UnreadableFileError
from ingest.schema import Dataset
from tests.ingest.parsing import dataset, parse, rules

PORTAL = """Tabel 1. Ketenagakerjaan;;;;
;;;;
Provinsi; Kabupaten/Kota;Tahun;TPT  (%);Angkatan Kerja (ribu)
(1);(2);(3);(4);(5)
BANTEN;Serang;2023;  9,94 ;1.234,5
BANTEN;Kota Serang;2023;7,55*;322,4
BANTEN;Kab. Lebak;2023;…;-;;
Sumber: BPS
"""


def table(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "table",
            "file": {"encoding": "utf-8-sig", "delimiter": ";", "header_row": 3},
            "decimal": ",",
            "region": {
                "column": "Kabupaten/Kota", "by": "name", "within": "Provinsi",
                "default_type": "kabupaten",
            },
            "period": {"column": "Tahun", "kind": "round"},
            "constants": {"claimant": "BPS", "note": "portal"},
            "measures": [
                {"column": "TPT (%)", "indicator": "unemployment_rate", "unit": "%",
                 "precision": "0.01"},
                {"column": "Angkatan Kerja (ribu)", "indicator": "labour_force",
                 "unit": "ribu orang"},
            ],
            "rows_ignored": [{"column": "Provinsi", "matches": r"^\(1\)$|^Sumber"}],
            **fields,
        }
    )  # fmt: skip


def test_padding_bare_names_scales_and_marks_are_read_as_declared() -> None:
    result = parse(table(), PORTAL.encode())
    assert (result.n_items, rules(result)) == (6, [])
    rows = {(r["region_code"], r["indicator_id"]): r for r in result.observations.to_pylist()}
    assert rows["3604", "unemployment_rate"]["value"] == Decimal("9.94")
    assert rows["3604", "unemployment_rate"]["value_text"] == "9,94"
    assert rows["3604", "unemployment_rate"]["locator"] == "line 5, TPT (%)"
    assert rows["3604", "labour_force"]["value"] == Decimal("1234500")
    assert rows["3673", "unemployment_rate"]["obs_status"] == "P"
    assert rows["3673", "unemployment_rate"]["note"] == "portal; printed with the mark '*'"
    assert rows["3602", "unemployment_rate"]["value"] is None
    assert rows["3602", "labour_force"]["value_text"] == "-"
    assert {r["obs_status"] for key, r in rows.items() if key[0] == "3602"} == {"O"}


def test_a_bare_name_without_a_declared_rule_is_rejected() -> None:
    described = table(region={"column": "Kabupaten/Kota", "by": "name", "within": "Provinsi"})
    result = parse(described, PORTAL.encode())
    assert rules(result) == ["ambiguous_region"] * 2
    assert result.observations.num_rows == 4


@pytest.mark.parametrize(
    ("old", "new", "rule", "said"),
    [
        ("9,94", "106", "out_of_bounds", "never above 100"),
        ("9,94", "9.94", "wrong_decimal_style", "9.94"),
        ("9,94", "sembilan", "not_a_number", "sembilan"),
        ("Kota Serang", "Kota Atlantis", "unknown_region", "Atlantis"),
        ("Kota Serang;2023", "Kota Serang;lalu", "unknown_period", "lalu"),
        ("Kota Serang", "Serang", "duplicate_row", "line 5"),
        ("Kota Serang;2023;7,55*;322,4", "Kota Serang;2023;7,55*", "ragged_row", "1 cells less"),
    ],
)
def test_a_bad_cell_is_rejected_with_its_place(old: str, new: str, rule: str, said: str) -> None:
    result = parse(table(), PORTAL.replace(old, new).encode())
    assert set(rules(result)) == {rule}
    assert result.n_items == 6
    first = result.rejected.to_pylist()[0]
    assert said in first["message"]
    assert first["locator"].startswith("line ")


def test_an_undeclared_decimal_style_rejects_what_could_be_two_numbers() -> None:
    body = PORTAL.replace("1.234,5", "1.234").encode()
    assert rules(parse(table(decimal=None), body)) == ["ambiguous_number"]


def test_a_measures_unit_of_another_dimension_is_rejected() -> None:
    measures = [{"column": "TPT (%)", "indicator": "unemployment_rate", "unit": "ribu orang"}]
    body = PORTAL.encode()
    assert rules(parse(table(measures=measures), body)) == ["incompatible_unit"] * 3


def test_wide_years_become_rows() -> None:
    body = b"kode,2022,2023\n3604,10.61,9.94\n"
    described = table(
        file={}, decimal=".", region={"column": "kode"}, rows_ignored=[],
        period={"fixed": "2023", "kind": "round"},
        measures=[
            {"column": year, "indicator": "unemployment_rate", "unit": "%",
             "period": {"fixed": f"{year}-08", "kind": "round"}}
            for year in ("2022", "2023")
        ],
    )  # fmt: skip
    rows = parse(described, body).observations
    assert rows["period_label"].to_pylist() == ["2022-08", "2023-08"]
    assert rows["value"].to_pylist() == [Decimal("10.61"), Decimal("9.94")]


def test_dimensions_make_the_category_with_names_as_printed() -> None:
    body = b"kode,prog,name,rp\n3600,1.01,Program  A ,100\n3600,1.01,Program A,200\n"
    described = table(
        file={}, decimal=".", region={"column": "kode"}, rows_ignored=[],
        period={"fixed": 2023, "kind": "flow"},
        measures=[{"column": "rp", "indicator": "programme_budget", "unit": "IDR"}],
        constants={"stage": "enacted", "perimeter": "own_government",
                   "source_url": "https://example.org/x", "provenance_tier": "primary"},
        dimensions={"breakdown": "programme_account", "category": "{prog} {name}"},
        attributes=["prog", "name"],
    )  # fmt: skip
    rows = parse(described, body).observations.to_pylist()
    assert [r["category"] for r in rows] == ["1.01 Program  A ", "1.01 Program A"]
    assert rows[0]["attributes"] == '{"prog":"1.01","name":"Program  A "}'
    assert (rows[0]["stage"], rows[0]["perimeter"]) == ("enacted", "own_government")
    assert (rows[0]["source_url"], rows[0]["source_id"]) == ("https://example.org/x", "bps")
    assert rows[0]["provenance_tier"] == "primary"


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (b"", UnreadableFileError, "empty"),
        (b"\x00" * 64, UnreadableFileError, "NUL"),
        (PORTAL.encode("latin-1", "replace")[:40] + b"\xe9", UnreadableFileError, "utf-8-sig"),
        (PORTAL.replace("Tahun", "Thn").encode(), UnreadableFileError, "'Tahun'"),
        (PORTAL.replace("Provinsi;", "Tahun;").encode(), UnreadableFileError, "'Provinsi'"),
        (b"one line only\n", UnreadableFileError, "line 3"),
        (b'a;b\n\n"cut', UnreadableFileError, "cut off"),
        (b"<html>busy</html>", HtmlReplyError, "web page"),
    ],
)
def test_a_file_of_another_form_is_refused_whole(
    body: bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        parse(table(), body)


@pytest.mark.parametrize(
    "fields",
    [
        {"file": {"encoding": "klingon"}},
        {"period": {"fixed": "soon", "kind": "flow"}},
        {"measures": []},
        {"measures": [{"column": "a", "indicator": "b", "unit": "%", "precision": "1e-9"}]},
        {"rows_ignored": [{"column": "a", "matches": "("}]},
        {"dimensions": {"breakdown": "a", "category": "constant"}},
    ],
)
def test_a_description_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        table(**fields)
