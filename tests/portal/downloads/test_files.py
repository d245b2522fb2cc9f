"""Files hold what the table holds, and nothing in them is run by a spreadsheet."""

from __future__ import annotations

import csv
import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.downloads import files
from portal.downloads.cells import for_csv, for_indonesian_excel, harmless
from portal.downloads.tables import Table

HOSTILE = '=HYPERLINK("http://evil.example","klik")'
ROWS = pa.table({
    "name": ["Kota Serang", HOSTILE, "@SUM(A1)", None],
    "rate_pct": pa.array([Decimal("6.9500"), Decimal("-0.4500"), None, Decimal("0.0000")],
                         pa.decimal128(9, 4)),
    "budget_idr": [1_544_828_735_535, -5, None, 9_007_199_254_740_993],
    "is_derived": [True, False, None, False],
    "as_of_date": [datetime.date(2025, 12, 16), None, None, None],
    "value_text": ["-0,45", "-1+cmd|' /C calc'!A0", "+6281", "\t=1"],
    "row_provenance_tier": ["primary", None, None, None],
    "row_terms_known": [True, False, None, True],
    "row_source_ids": ["bps", "cited", None, "bps"],
})  # fmt: skip
TABLE = Table("unemployment", "One row a region.", ROWS, {})


def read(file: Path, delimiter: str, encoding: str) -> list[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines, delimiter=delimiter))


def test_csv_is_for_programs(tmp_path: Path) -> None:
    files.write_csv(ROWS, tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read(tmp_path / "a.csv", ",", "utf-8")
    assert [row["rate_pct"] for row in rows] == ["6.95", "-0.45", "", "0"]
    assert [row["budget_idr"] for row in rows] == ["1544828735535", "-5", "", "9007199254740993"]
    assert rows[0]["is_derived"] == "true"
    assert rows[0]["as_of_date"] == "2025-12-16"
    assert rows[0]["row_provenance_tier"] == "primary"


def test_indonesian_csv_opens_by_a_click(tmp_path: Path) -> None:
    files.write_indonesian_csv(ROWS, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = read(tmp_path / "a.csv", ";", "utf-8-sig")
    assert [row["rate_pct"] for row in rows] == ["6,95", "-0,45", "", "0"]
    assert rows[0]["budget_idr"] == "1544828735535"


def test_workbook_holds_numbers_as_numbers_and_formulas_as_text(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    files.write_xlsx(TABLE, file, ["=about"], datetime.datetime(2026, 11, 22))
    book = openpyxl.load_workbook(file)
    sheet = book["unemployment"]
    assert [cell.value for cell in sheet[1]] == ROWS.column_names
    first = [cell.value for cell in sheet[2]]
    assert first[:4] == ["Kota Serang", 6.95, 1544828735535, True]
    assert first[4].date() == datetime.date(2025, 12, 16)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "b", "d"}
    assert sheet["A3"].value == "'" + HOSTILE
    assert sheet["C5"].value == "9007199254740993", "a spreadsheet would round it"
    assert book["README"]["A1"].value == "'=about"


def test_parquet_keeps_the_marts_types(tmp_path: Path) -> None:
    files.write_parquet(ROWS, tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").equals(ROWS)


@pytest.mark.parametrize("text", [HOSTILE, "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=1", "+a", "-"])
def test_a_text_that_would_run_is_made_harmless_except_bare_signs(text: str) -> None:
    assert harmless(text) == (text if text == "-" else "'" + text)


@pytest.mark.parametrize("text", ["-0,45", "+6.281", "-12%", "Kota Serang", "6=6", ""])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text())
def test_no_text_begins_with_a_formula(text: str) -> None:
    safe = harmless(text)
    assert safe.removeprefix("'") == text.removeprefix("'") or safe == text
    if safe[:1] in ("=", "@", "\t", "\r", "\n"):
        raise AssertionError(safe)


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_decimals_keep_their_value_in_both_csvs(value: Decimal) -> None:
    assert Decimal(for_csv(value)) == value
    assert Decimal(for_indonesian_excel(value).replace(",", ".")) == value


def test_only_rows_of_known_terms_are_open() -> None:
    kept: list[Any] = TABLE.open_rows["name"].to_pylist()
    assert kept == ["Kota Serang", "@SUM(A1)", None]
    assert TABLE.tiers == ["primary"]
