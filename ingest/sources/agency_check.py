"""Holds a filled-in template to its description and names every cell that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ingest import office_files, personal_data
from ingest.errors import NumberError, RegionError, UnreadableFileError
from ingest.numbers import parse_number
from ingest.observation import ParseResult
from ingest.protocol import Context, Snapshot
from ingest.sources import agency_words
from ingest.sources.agency_model import (
    DATA,
    HEADER_ROWS,
    INSTRUCTIONS,
    LISTS,
    NUMBERS,
    AgencyDataset,
    TemplateColumn,
)
from ingest.sources.agency_template import header_rows, instruction_rows, list_rows
from ingest.sources.table_cells import read_cells
from ingest.sources.table_sheet import Sheet, SheetRow
from ingest.sources.table_xlsx import Line, cell_name, lines_of, open_workbook

MAX_ROWS = 50_000
#: As much of a wrong value as a report repeats.
SHOWN = 80


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where, what stands there, which rule it breaks.

    ``value`` is None where it must not be repeated: personal data.
    """

    sheet: str
    cell: str
    value: str | None
    rule: str
    said_id: str
    said_en: str


@dataclass(frozen=True)
class Checked:
    """What a file came to: its findings, or its figures where there are none."""

    findings: tuple[Finding, ...]
    result: ParseResult | None = None

    @property
    def is_right(self) -> bool:
        """Tell whether the file may land."""
        return not self.findings

    @property
    def is_unsafe(self) -> bool:
        """Tell whether the file must not even be copied: personal data, or hostile."""
        return any(one.rule in agency_words.UNSAFE for one in self.findings)


def check(dataset: AgencyDataset, body: bytes, context: Context, snapshot: Snapshot) -> Checked:
    """Check a whole file. Never raises for what a file holds."""
    unsafe = _unsafe(body, context)
    if unsafe:
        return Checked(tuple(unsafe))
    try:
        return _Checker(dataset, context, snapshot).check(body)
    except UnreadableFileError as error:
        return Checked((_finding("", "", None, "unreadable", detail=str(error)),))


def districts(context: Context) -> frozenset[str]:
    """Return the regency codes that a NIK can begin with."""
    return personal_data.nik_prefixes(context.regions.codes("kemendagri"))


def _unsafe(body: bytes, context: Context) -> list[Finding]:
    """Look for what forbids even keeping a copy, before any library opens the file."""
    if not office_files.is_workbook(body) and not body.startswith(office_files.OLE):
        return [_finding("", "", None, "not_a_workbook")]
    try:
        office_files.judge(body, strict=True)
        places = personal_data.in_workbook(body, districts(context))
    except office_files.HostileFileError as error:
        return [_finding("", "", None, error.rule, detail=str(error))]
    except UnreadableFileError as error:
        return [_finding("", "", None, "unreadable", detail=str(error))]
    return [_finding(place.sheet, place.cell, None, place.kind) for place in places]


def _finding(sheet: str, cell: str, value: str | None, rule: str, **facts: str) -> Finding:
    said = agency_words.say(rule, facts)
    return Finding(sheet, cell, None if value is None else value[:SHOWN], rule, said[0], said[1])


class _Checker:
    """Checks one file, collecting findings sheet by sheet."""

    def __init__(self, dataset: AgencyDataset, context: Context, snapshot: Snapshot) -> None:
        self.dataset, self.context, self.snapshot = dataset, context, snapshot
        self.columns = {column.column: column for column in dataset.columns}
        self.findings: list[Finding] = []

    def check(self, body: bytes) -> Checked:
        book = open_workbook(body, self.dataset.dataset)
        try:
            names: Sequence[str] = book.sheetnames
            self._sheets(body, book, names)
            if DATA not in names:
                return Checked(tuple(self.findings))
            lines = list(lines_of(body, book, DATA, self.dataset.dataset))
        finally:
            book.close()
        sheet = self._data(lines)
        if self.findings or sheet is None:
            return Checked(tuple(self.findings))
        return self._figures(sheet)

    def _find(self, sheet: str, cell: str, value: str | None, rule: str, **facts: str) -> None:
        self.findings.append(_finding(sheet, cell, value, rule, **facts))

    # -- sheets around the data ------------------------------------------------------------

    def _sheets(self, body: bytes, book: Any, names: Sequence[str]) -> None:
        """Refuse sheets that are none of the template's, and words added to those that are."""
        own = {
            INSTRUCTIONS: instruction_rows(self.dataset),
            LISTS: list_rows(self.dataset, self.context.regions),
        }
        for name in names:
            if name in own:
                self._unchanged(name, own[name], lines_of(body, book, name, self.dataset.dataset))
            elif name != DATA:
                self._find(name, "", None, "unknown_sheet")
        if DATA not in names:
            self._find(DATA, "", None, "missing_sheet")

    def _unchanged(self, name: str, own: Sequence[Sequence[str]], lines: Iterator[Line]) -> None:
        known = {cell.strip() for row in own for cell in row}
        for line in lines:
            for at, text in enumerate(line.cells):
                if text.strip() not in known:
                    self._find(*_place(name, at, line.number), text, "outside_template")

    # -- the data sheet ---------------------------------------------------------------------

    def _data(self, lines: Sequence[Line]) -> Sheet | None:
        by_number = {line.number: line for line in lines}
        header = [cell.strip() for cell in by_number[1].cells] if 1 in by_number else []
        while header and not header[-1]:
            header.pop()
        self._header(header)
        known = {cell for row in header_rows(self.dataset) for cell in row}
        for number in range(2, HEADER_ROWS + 1):
            self._beside(by_number.get(number), header, known)
        if any(one.rule in ("missing_column", "repeated_column") for one in self.findings):
            return None
        below = [line for line in lines if line.number > HEADER_ROWS]
        if not below:
            self._find(DATA, "", None, "no_rows")
        if len(below) > MAX_ROWS:
            self._find(DATA, "", None, "too_many_rows", limit=f"{MAX_ROWS}")
            return None
        return Sheet(header, [self._row(line, header) for line in below])

    def _header(self, header: Sequence[str]) -> None:
        for at, name in enumerate(header):
            if name not in self.columns:
                self._find(*_place(DATA, at, 1), name, "unknown_column")
            elif name in header[:at]:
                self._find(*_place(DATA, at, 1), name, "repeated_column")
        for name in self.columns:
            if name not in header:
                self._find(DATA, "", name, "missing_column", column=name)

    def _beside(self, line: Line | None, header: Sequence[str], known: set[str]) -> None:
        """Find what stands below the keys and is none of their names."""
        for at, text in enumerate(line.cells if line else ()):
            if text.strip() and text.strip() not in known:
                self._find(*_place(DATA, at, line.number if line else 0), text, "outside_template")

    def _row(self, line: Line, header: Sequence[str]) -> SheetRow:
        cells: dict[str, str] = {}
        for at, raw in enumerate(line.cells):
            text = raw.strip()
            column = self.columns.get(header[at]) if at < len(header) else None
            if column is None:
                if text:
                    self._find(*_place(DATA, at, line.number), text, "outside_template")
                continue
            cells[column.column] = self._cell(line, at, column, text)
        for at, name in enumerate(header):
            if name in self.columns and name not in cells:
                cells[name] = self._cell(line, at, self.columns[name], "")
        numbers = frozenset(header[at] for at in line.numbers if at < len(header))
        names = {name: cell_name(DATA, at, line.number) for at, name in enumerate(header)}
        return SheetRow(f"{DATA}!{line.number}", cells, 0, numbers, names=names)

    def _cell(self, line: Line, at: int, column: TemplateColumn, text: str) -> str:
        """Check one cell and return our word for it."""
        broken = self._broken(line, at, column, text)
        if broken:
            rule, facts = broken
            self._find(*_place(DATA, at, line.number), text, rule, **facts)
        return column.allowed.get(text, text) if column.type == "choice" else text

    def _broken(
        self, line: Line, at: int, column: TemplateColumn, text: str
    ) -> tuple[str, Mapping[str, str]] | None:
        """Return the rule that a cell breaks and its facts, None where it is right."""
        if at in line.formulas:
            return "formula_cell", {}
        if at in line.troubles or at in line.percents:
            return "number_format", {}
        if not text:
            return ("required", {"column": column.column}) if column.required else None
        if column.type in NUMBERS:
            return _number_broken(column, text, is_typed=at in line.numbers)
        if column.type == "region":
            return self._region_broken(text)
        return _text_broken(column, text)

    def _region_broken(self, text: str) -> tuple[str, Mapping[str, str]] | None:
        try:
            self.context.regions.resolve_code(text)
        except RegionError as error:
            return "unknown_region", {"detail": str(error)}
        return None

    # -- figures ------------------------------------------------------------------------------

    def _figures(self, sheet: Sheet) -> Checked:
        """Read the figures; what the reader rejects is wrong too, each cell once."""
        result = read_cells(self.dataset.as_table(), self.snapshot, sheet, self.context)
        for item in result.rejected.to_pylist():
            name, _, cell = item["locator"].rpartition("!")
            self._find(name, cell, item["raw_value"], item["rule"], detail=item["message"])
        return Checked(tuple(self.findings), result)


def _place(sheet: str, column: int, row: int) -> tuple[str, str]:
    return sheet, cell_name("", column, row).lstrip("!")


def _number_broken(
    column: TemplateColumn, text: str, *, is_typed: bool
) -> tuple[str, Mapping[str, str]] | None:
    try:
        value = parse_number(text, "." if is_typed else ",", frozenset()).value or Decimal(0)
    except NumberError as error:
        return "not_a_number", {"detail": str(error)}
    if column.type == "integer" and value != value.to_integral_value():
        return "not_whole", {}
    if column.minimum is not None and value < column.minimum:
        return "too_small", {"limit": f"{column.minimum}"}
    if column.maximum is not None and value > column.maximum:
        return "too_big", {"limit": f"{column.maximum}"}
    return None


def _text_broken(column: TemplateColumn, text: str) -> tuple[str, Mapping[str, str]] | None:
    if column.type == "choice" and text not in column.allowed:
        return "not_allowed", {"allowed": ", ".join(column.allowed)}
    if column.pattern is not None and not re.fullmatch(column.pattern, text):
        return "bad_form", {"example": column.example}
    if len(text) > column.max_length:
        return "too_long", {"limit": str(column.max_length)}
    return ("looks_like_formula", {}) if text[0] in "=@|" else None
