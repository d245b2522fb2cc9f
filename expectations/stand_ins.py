"""Picks, of many rows, those that stand for all of them before a suite's checks.

Every check looks at one row, and of it at one or two columns (``expectations.suites``). So rows
that are alike there are judged alike, of numbers held to bounds the least and the greatest speak
for all, and a page of 50,000 rows comes down to some hundred. Where they all pass, so do the rest;
where one fails, nothing is known of how many others do, and all have to be judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from expectations.suites import Check

NULLNESS = frozenset({"expect_column_values_to_be_null", "expect_column_values_to_not_be_null"})
BOUNDS = frozenset(
    {"expect_column_values_to_be_between", "expect_column_pair_values_a_to_be_greater_than_b"}
)
PLACE = "place"


def stand_ins(page: pa.Table, checks: Iterable[Check]) -> pa.Table:
    """Return the rows of a page that stand for all of it, in its order."""
    wanted: set[int] = set()
    groups = {(_kind(check, page), tuple(check.columns)) for check in checks}
    for kind, columns in sorted(groups):
        read = [page[name] for name in columns]
        if kind == "values":
            wanted.update(_firsts(read))
            continue
        wanted.update(_firsts_missing(read))
        if kind == "bounds":
            try:
                wanted.update(_extremes(read))
            except pa.ArrowInvalid:  # their difference is no integer of the machine's
                wanted.update(_firsts(read))
    return page.take(pa.array(sorted(wanted), pa.int64()))


def _kind(check: Check, page: pa.Table) -> str:
    """Say what of its columns a check's verdict hangs on: nullness, bounds or each value."""
    if check.expectation in NULLNESS:
        return "nullness"
    are_numbers = all(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        for kind in (page.schema.field(name).type for name in check.columns)
    )
    return "bounds" if check.expectation in BOUNDS and are_numbers else "values"


def _is_missing(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Tell where a frame has nothing: it takes what is no number for missing."""
    return pc.is_null(column, nan_is_null=True)


def _firsts_missing(columns: Sequence[pa.ChunkedArray]) -> Iterator[int]:
    """Return the place of the first row of each way to be missing; mostly nothing is."""
    if any(column.null_count or pa.types.is_floating(column.type) for column in columns):
        return _firsts([_is_missing(column) for column in columns])
    return iter((0,))


def _firsts(columns: Sequence[pa.ChunkedArray]) -> Iterator[int]:
    """Return the place of the first row of each distinct combination of values."""
    names = [str(number) for number in range(len(columns))]
    table = pa.table(
        [*columns, pa.array(range(len(columns[0])), pa.int64())], names=[*names, PLACE]
    )
    found = table.group_by(names, use_threads=False).aggregate([(PLACE, "min")])
    yield from found[f"{PLACE}_min"].to_pylist()


def _extremes(columns: Sequence[pa.ChunkedArray]) -> Iterator[int]:
    """Return the places of the least and the greatest number, or difference of two columns.

    Integers are compared exactly, all else as floats, as in a frame.
    """
    if not all(pa.types.is_integer(column.type) for column in columns):
        columns = [pc.cast(column, pa.float64(), safe=False) for column in columns]
        columns = [pc.if_else(_is_missing(column), None, column) for column in columns]
    numbers = columns[0] if len(columns) == 1 else pc.subtract_checked(*columns)
    ends = pc.min_max(numbers)
    for end in (ends["min"], ends["max"]):
        if end.is_valid:
            yield pc.index(numbers, end).as_py()
