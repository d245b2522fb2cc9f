"""Writes a table as CSV, as CSV for Indonesian Excel, as XLSX and as Parquet."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from portal.downloads.cells import for_csv, for_indonesian_excel, harmless
from portal.downloads.tables import Table

#: More digits than this a spreadsheet rounds away: such a number is written as text.
EXCEL_DIGITS = 15
EXCEL_TEXT = 32_767


def write_csv(rows: pa.Table, file: Path) -> None:
    """Write UTF-8, comma, decimal point: for programs."""
    _write_csv(rows, file, "utf-8", ",", for_csv)


def write_indonesian_csv(rows: pa.Table, file: Path) -> None:
    """Write with a byte order mark, semicolons and decimal commas: Excel opens it by a click."""
    _write_csv(rows, file, "utf-8-sig", ";", for_indonesian_excel)


def write_parquet(rows: pa.Table, file: Path) -> None:
    """Write Parquet with the types of the mart."""
    pq.write_table(rows, file, compression="zstd")


def write_xlsx(table: Table, file: Path, about: Sequence[str], made_at: datetime.datetime) -> None:
    """Write a workbook: what the table is and under what terms, then the table."""
    import xlsxwriter  # type: ignore[import-untyped]

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(str(file), options) as book:
        book.set_properties({"title": table.name, "created": made_at.replace(tzinfo=None)})
        notes = book.add_worksheet("README")
        notes.set_column(0, 0, 110)
        for nth, line in enumerate(about):
            notes.write_string(nth, 0, harmless(line))
        sheet = book.add_worksheet(table.name[:31])
        head = book.add_format({"bold": True, "bottom": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(table.rows.column_names):
            sheet.write_string(0, column, name, head)
        for nth, row in enumerate(_values(table.rows), start=1):
            for column, value in enumerate(row):
                _write_cell(sheet, nth, column, value, day)
        if table.rows.num_rows:
            sheet.autofilter(0, 0, table.rows.num_rows, table.rows.num_columns - 1)


def _write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float, Decimal)) and _fits(value):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime.date):
        sheet.write_datetime(row, column, value, day)
    else:
        text = value if isinstance(value, str) else for_csv(value)
        sheet.write_string(row, column, harmless(text)[:EXCEL_TEXT])


def _fits(value: Decimal | float) -> bool:
    """Tell whether a spreadsheet keeps every digit; an amount below a million, at a glance."""
    if -1_000_000 < value < 1_000_000 or isinstance(value, float):
        return True
    return len(Decimal(value).normalize().as_tuple().digits) <= EXCEL_DIGITS


def _write_csv(
    rows: pa.Table, file: Path, encoding: str, delimiter: str, write: Callable[[Any], str]
) -> None:
    with file.open("w", encoding=encoding, newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(rows.column_names)
        for row in _values(rows):
            writer.writerow([write(value) for value in row])


def _values(rows: pa.Table) -> zip[tuple[Any, ...]]:
    return zip(*(column.to_pylist() for column in rows.columns), strict=True)
