"""The cells of a workbook's sheet as text: what a reader of the sheet would copy by hand."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.utils import get_column_letter

from ingest import office_files
from ingest.errors import HtmlReplyError, UnreadableFileError
from ingest.sources.table_model import XlsxFile
from ingest.sources.text_rows import looks_like_html

Trouble = tuple[str, str]

#: Excel keeps fifteen digits; what follows in a binary fraction is noise.
DIGITS = 15
_PERCENT = re.compile(r"%")
#: A comma behind the last digit place shows thousands: "#,##0," prints 1,234,567 as 1,235.
_SCALED = re.compile(r"[0#?],+(?![0#?])")
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
NO_VALUE: Trouble = (
    "formula_cell",
    "the cell holds a formula whose result was never saved: open the file in a spreadsheet "
    "program, save it, or paste the values",
)
SCALED: Trouble = (
    "scaled_format",
    "the cell shows thousands or millions of what it holds: remove its number format",
)


@dataclass(frozen=True)
class Line:
    """One line of a sheet. The sets and ``troubles`` count columns from 0."""

    number: int
    cells: Sequence[str]
    numbers: frozenset[int] = frozenset()
    percents: frozenset[int] = frozenset()
    formulas: frozenset[int] = frozenset()
    troubles: Mapping[int, Trouble] = field(default_factory=dict)


def xlsx_lines(file: XlsxFile, body: bytes, dataset: str) -> tuple[Sequence[Line], str]:
    """Return the lines of the chosen sheet that hold anything, and the sheet's name.

    A formula counts with the result that was saved beside it, which is what its publisher
    saw. Raises UnreadableFileError for what is no workbook, must not be opened, or has not
    exactly one sheet of the kind described.
    """
    if looks_like_html(body):
        raise HtmlReplyError(f"{dataset}: a web page came where a workbook was expected")
    try:
        office_files.judge(body)
    except office_files.HostileFileError as error:
        raise office_files.HostileFileError(error.rule, f"{dataset}: {error}") from None
    except UnreadableFileError as error:
        raise UnreadableFileError(f"{dataset}: {error}") from None
    book = open_workbook(body, dataset)
    try:
        name = _choose(book.sheetnames, file, dataset)
        return list(lines_of(body, book, name, dataset)), name
    finally:
        book.close()


def open_workbook(body: bytes, dataset: str, *, values: bool = True) -> Any:
    """Open a judged workbook for reading; ``values`` reads results in place of formulas."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of looks that openpyxl can't keep
            return openpyxl.load_workbook(
                io.BytesIO(body), read_only=True, data_only=values, keep_links=False
            )
    except Exception as error:  # openpyxl raises whatever its parts meet
        raise UnreadableFileError(
            f"{dataset}: the workbook can't be read: {type(error).__name__}: {error}"
        ) from None


def lines_of(body: bytes, book: Any, sheet: str, dataset: str) -> Iterator[Line]:
    """Yield the lines of one sheet that hold anything."""
    formulas = _formulas(body, sheet, dataset)
    try:
        for number, row in enumerate(_rows(book[sheet]), start=1):
            line = _line(number, row, formulas.get(number, frozenset()))
            if line.formulas or any(cell.strip() for cell in line.cells):
                yield line
    except UnreadableFileError:
        raise
    except Exception as error:
        raise UnreadableFileError(
            f"{dataset}: sheet '{sheet}' can't be read: {type(error).__name__}: {error}"
        ) from None


def cell_name(sheet: str, column: int, row: int) -> str:
    """Name a cell as spreadsheets do; ``column`` counts from 0."""
    return f"{sheet}!{get_column_letter(column + 1)}{row}"


def _choose(names: Sequence[str], file: XlsxFile, dataset: str) -> str:
    if file.sheet is not None:
        fits = [name for name in names if name.strip() == file.sheet.strip()]
    elif file.sheet_matches is not None:
        fits = [name for name in names if re.search(file.sheet_matches, name)]
    else:
        fits = list(names)
    if len(fits) == 1:
        return fits[0]
    said = f"the workbook has the sheets {', '.join(repr(name) for name in names)}"
    raise UnreadableFileError(
        f"{dataset}: {len(fits)} of them fit; {said}; name one with file.sheet"
    )


def _formulas(body: bytes, sheet: str, dataset: str) -> Mapping[int, frozenset[int]]:
    """Return where formulas stand: by line, the columns from 0."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = [name for name in archive.namelist() if "worksheets/" in name]
        if not any(_FORMULA.search(archive.read(name)) for name in names):
            return {}
    book = open_workbook(body, dataset, values=False)
    try:
        found = {
            number: frozenset(at for at, cell in enumerate(row) if cell.data_type == "f")
            for number, row in enumerate(_rows(book[sheet]), start=1)
        }
    except Exception as error:
        raise UnreadableFileError(f"{dataset}: sheet '{sheet}' can't be read: {error}") from None
    finally:
        book.close()
    return {number: columns for number, columns in found.items() if columns}


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    """Yield all rows there are: what a sheet says of its own size may be wrong."""
    sheet.reset_dimensions()
    rows: Iterator[Sequence[Any]] = sheet.iter_rows()
    return rows


def _line(number: int, row: Sequence[Any], formulas: frozenset[int]) -> Line:
    cells: list[str] = []
    numbers, percents = set(), set()
    troubles: dict[int, Trouble] = {}
    for at, cell in enumerate(row):
        value, shown = cell.value, getattr(cell, "number_format", None) or "General"
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        plain = _QUOTED.sub("", shown)
        percent = is_number and bool(_PERCENT.search(plain))
        cells.append(text_of(value, percent=percent))
        if is_number:
            numbers.add(at)
            if _SCALED.search(plain.partition(";")[0]):
                troubles[at] = SCALED
        if percent:
            percents.add(at)
        if at in formulas and value is None:
            troubles[at] = NO_VALUE
    return Line(number, tuple(cells), frozenset(numbers), frozenset(percents), formulas, troubles)


def text_of(value: object, *, percent: bool = False) -> str:
    """Write a cell's value as text: numbers in full with a point, days as 2025-08-17."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number_text(value, percent)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _number_text(value: float, percent: bool) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    number = Decimal(value) if isinstance(value, int) else Decimal(format(value, f".{DIGITS}g"))
    if abs(number.adjusted()) > office_files.MAX_NUMBER:
        return f"{number:E}"
    text = format(number.scaleb(2) if percent else number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
