"""From a file's bytes to a sheet: named columns and rows of text, whatever the format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.errors import UnreadableFileError
from ingest.sources.table_model import CsvFile, TableDataset
from ingest.sources.table_xlsx import Line, cell_name, xlsx_lines
from ingest.sources.text_rows import decode, rows

#: What stands between the levels of a column's name.
JOINT = " | "
NO_LINE = Line(0, ())


@dataclass(frozen=True)
class SheetRow:
    """One row: its place for people, and its cells by column, exactly as written.

    ``surplus`` is how many cells more, or less, than the header the row has; its cells are
    then only good for telling that it is a note. ``numbers`` are the columns whose cells hold
    a typed number, written with a point; ``percents`` those that show it as a percentage;
    ``troubles`` says why a cell can't be read, by column. ``names`` are the cells' own.
    """

    place: str
    cells: Mapping[str, str]
    surplus: int = 0
    numbers: frozenset[str] = frozenset()
    percents: frozenset[str] = frozenset()
    troubles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def locate(self, column: str) -> str:
        """Say where a cell stands: ``Data!C7``, or the line and the column's name."""
        return self.names.get(column) or f"{self.place}, {column}"


@dataclass(frozen=True)
class Sheet:
    """The rows below the header, to be gone through once: a file of text makes them as it goes."""

    header: Sequence[str]
    rows: Iterable[SheetRow]


def read_sheet(dataset: TableDataset, body: bytes) -> Sheet:
    """Read the file's sheet; raise UnreadableFileError where the header is not there."""
    lines, sheet = _lines(dataset, body)
    first = dataset.file.header_row
    last = first + dataset.file.header_levels - 1
    by_number = {line.number: line for line in lines if first <= line.number <= last}
    if last not in by_number:
        raise UnreadableFileError(
            f"{dataset.dataset}: line {last} should be the header and is empty"
        )
    printed = _header([by_number.get(number, NO_LINE) for number in range(first, last + 1)])
    header = [dataset.named_here(column) for column in printed]
    _check_header(header, dataset)
    below = (_row(line, header, sheet) for line in lines if line.number > last)
    return Sheet(header, _filled(_before_notes(below, dataset), dataset.fill_down))


def _lines(dataset: TableDataset, body: bytes) -> tuple[Sequence[Line], str]:
    """Return the lines that hold anything, and the name of the sheet they stand in."""
    if isinstance(dataset.file, CsvFile):
        text = decode(body, dataset.file.encoding, dataset.dataset)
        found = rows(text, dataset.file.delimiter, dataset.dataset)
        return [Line(number, tuple(cells)) for number, cells in found], ""
    return xlsx_lines(dataset.file, body, dataset.dataset)


def _header(levels: Sequence[Line]) -> list[str]:
    """Join the levels of the header into one name a column."""
    width = max(len(level.cells) for level in levels)
    tidy = [
        [" ".join(cell.split()) for cell in level.cells] + [""] * (width - len(level.cells))
        for level in levels
    ]
    for upper in tidy[:-1]:
        for at in range(1, width):
            upper[at] = upper[at] or upper[at - 1]
    columns = zip(*tidy, strict=True)
    return [JOINT.join(dict.fromkeys(filter(None, column))) for column in columns]


def _check_header(header: Sequence[str], dataset: TableDataset) -> None:
    """Every column the catalogue names stands in the header exactly once."""
    named = dataset.columns_named()
    missing = [name for name in named if name not in header]
    if missing:
        raise UnreadableFileError(
            f"{dataset.dataset}: no column {', '.join(repr(name) for name in missing)}; "
            f"the header (line {dataset.file.header_row}) has: {', '.join(header)}"
        )
    twice = [name for name in named if header.count(name) > 1]
    if twice:
        raise UnreadableFileError(
            f"{dataset.dataset}: the column {twice[0]!r} stands twice in the header"
        )


def _row(line: Line, header: Sequence[str], sheet: str) -> SheetRow:
    width = len(line.cells)
    while width > len(header) and not line.cells[width - 1].strip():
        width -= 1  # delimiters at the end of a line add nothing
    if not sheet:
        cells = dict(zip(header, line.cells, strict=False))
        return SheetRow(f"line {line.number}", cells, width - len(header))
    # A spreadsheet has no delimiters to miscount: cells that are not there are blank.
    padded = [*line.cells, *[""] * max(0, len(header) - width)]
    at = {name: place for place, name in enumerate(header)}
    return SheetRow(
        place=f"{sheet}!{line.number}",
        cells=dict(zip(header, padded, strict=False)),
        surplus=max(0, width - len(header)),
        numbers=frozenset(name for name, place in at.items() if place in line.numbers),
        percents=frozenset(name for name, place in at.items() if place in line.percents),
        troubles={
            name: line.troubles[place] for name, place in at.items() if place in line.troubles
        },
        names={name: cell_name(sheet, place, line.number) for name, place in at.items()},
    )


def _before_notes(below: Iterator[SheetRow], dataset: TableDataset) -> Iterator[SheetRow]:
    """Yield rows until the first that is declared to be no data any more."""
    end = dataset.ends_before
    for row in below:
        if end and re.search(end.matches, row.cells.get(end.column, "")):
            return
        yield row


def _filled(sheet_rows: Iterator[SheetRow], columns: Sequence[str]) -> Iterator[SheetRow]:
    """Repeat the cell above in the blanks of the columns that are declared to be so meant."""
    above = dict.fromkeys(columns, "")
    for row in sheet_rows:
        above = {name: row.cells.get(name, "").strip() or above[name] for name in columns}
        yield _with_cells(row, above) if above else row


def _with_cells(row: SheetRow, cells: Mapping[str, str]) -> SheetRow:
    return SheetRow(
        row.place, {**row.cells, **cells}, row.surplus, row.numbers, row.percents,
        row.troubles, row.names,
    )  # fmt: skip
