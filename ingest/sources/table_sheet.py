"""From a file's bytes to a sheet: named columns and rows of text, whatever the format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.errors import UnreadableFileError
from ingest.sources.table_model import TableDataset
from ingest.sources.text_rows import decode, rows


@dataclass(frozen=True)
class SheetRow:
    """One row: its place for people, and its cells by column, exactly as written.

    ``surplus`` is how many cells more, or less, than the header the row has; its cells are
    then only good for telling that it is a note.
    """

    place: str
    cells: Mapping[str, str]
    surplus: int = 0


@dataclass(frozen=True)
class Sheet:
    """The rows below the header."""

    header: Sequence[str]
    rows: Sequence[SheetRow]


def read_sheet(dataset: TableDataset, body: bytes) -> Sheet:
    """Read the file's only sheet; raise UnreadableFileError where the header is not there."""
    text = decode(body, dataset.file.encoding, dataset.dataset)
    lines = list(rows(text, dataset.file.delimiter, dataset.dataset))
    header_at = next(
        (at for at, (line, _) in enumerate(lines) if line == dataset.file.header_row), None
    )
    if header_at is None:
        raise UnreadableFileError(
            f"{dataset.dataset}: line {dataset.file.header_row} should be the header and is empty"
        )
    header = [" ".join(cell.split()) for cell in lines[header_at][1]]
    _check_header(header, dataset)
    below = [_row(line, cells, header) for line, cells in lines[header_at + 1 :]]
    return Sheet(header, below)


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


def _row(line: int, cells: Sequence[str], header: Sequence[str]) -> SheetRow:
    width = len(cells)
    while width > len(header) and not cells[width - 1].strip():
        width -= 1  # delimiters at the end of a line add nothing
    named = dict(zip(header, cells, strict=False))
    return SheetRow(f"line {line}", named, width - len(header))
