"""Rows that came as JSON objects, as the sheet that the grammar of tables reads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ingest.errors import UnreadableFileError
from ingest.sources.table_model import TableDataset
from ingest.sources.table_sheet import Sheet, SheetRow


def sheet_of(dataset: TableDataset, rows: Sequence[Any]) -> Sheet:
    """Lay objects out as a sheet; raise UnreadableFileError where no row has a column we need.

    A row without one of them is no row of this table: it will be rejected, not read as blank.
    """
    named = dataset.columns_named()
    renamed = [_renamed(dataset, row) for row in rows]
    header = list(dict.fromkeys(key for row in renamed for key in row))
    missing = [name for name in named if name not in header]
    if rows and missing:
        raise UnreadableFileError(
            f"{dataset.dataset}: no row has the key {', '.join(repr(name) for name in missing)}; "
            f"they have: {', '.join(sorted(header))}"
        )
    return Sheet(header, [_row(n, row, named, header) for n, row in enumerate(renamed, start=1)])


def _renamed(dataset: TableDataset, row: Any) -> Mapping[str, Any]:
    """Give the row's keys the names that the catalogue uses."""
    if not isinstance(row, Mapping):
        return {}
    keys = [dataset.named_here(key) for key in row]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise UnreadableFileError(
            f"{dataset.dataset}: the rows have {twice[0]!r} under two names (`aliases`)"
        )
    return dict(zip(keys, row.values(), strict=True))


def _row(
    number: int, row: Mapping[str, Any], named: Sequence[str], header: Sequence[str]
) -> SheetRow:
    lacking = sum(name not in row for name in named)
    return SheetRow(
        place=f"row {number}",
        cells={name: text_of(row.get(name)) for name in header},
        surplus=-lacking,
        numbers=frozenset(name for name, value in row.items() if _is_number(value)),
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def text_of(value: Any) -> str:
    """Write a JSON value as a cell; numbers with a point, every digit as printed."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if _is_number(value):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)
