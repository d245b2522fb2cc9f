"""Asks DuckDB for the few values that stand for all rows of a frame before a suite's checks.

Every check looks at one row, and of it at one or two columns (``expectations.suites``). So rows
that are alike there are judged alike, of numbers held to bounds the least and the greatest speak
for all, and a frame of millions comes down to some hundred rows. Where they all pass, so do the
rest; where one fails, nothing is known of how many others do, and all have to be judged.

The rows are made of columns that have nothing to do with each other: each check has its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from expectations.suites import Check, Suite

if TYPE_CHECKING:
    import duckdb

NULLNESS = frozenset({"expect_column_values_to_be_null", "expect_column_values_to_not_be_null"})
BOUNDS = frozenset(
    {"expect_column_values_to_be_between", "expect_column_pair_values_a_to_be_greater_than_b"}
)
INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
FLOATS = frozenset({"FLOAT", "DOUBLE"})

#: The names of a frame's columns and DuckDB's types of them.
Types = Mapping[str, str]


def stand_ins(
    connection: duckdb.DuckDBPyConnection, suite: Suite, types: Types
) -> tuple[int, list[Check], pa.Table]:
    """Count a frame's rows; return the checks, each on columns of its own, and those columns."""
    asked = {check.rule: _questions(check, types) for check in suite.checks}
    wanted = dict.fromkeys(sql for questions in asked.values() for sql in questions.values())
    names = {sql: f"c{place}" for place, sql in enumerate(wanted)}
    listed = ", ".join(f"{sql} as {name}" for sql, name in names.items())
    found = connection.execute(
        f"select count(*) as n_rows, {listed} from ({suite.unordered_sql}\n)"  # noqa: S608
    ).to_arrow_table(1)  # one row: DuckDB sets memory aside for as many as it is told of
    rows = {
        check.rule: _rows(check, {key: found[names[sql]] for key, sql in asked[check.rule].items()})
        for check in suite.checks
    }
    longest = max(len(one[0]) for one in rows.values())
    columns: dict[str, pa.Array] = {}
    for check in suite.checks:
        for name, values in zip(check.columns, rows[check.rule], strict=True):
            again = pa.array([min(at, len(values) - 1) for at in range(longest)], pa.int64())
            columns[_own(check, name)] = values.take(again)
    return (
        found["n_rows"][0].as_py(),
        [_on_its_own(check) for check in suite.checks],
        pa.table(columns),
    )


def alike(page: pa.Table, columns: Sequence[str]) -> tuple[pa.Array, Any]:
    """Group a page's rows by some columns.

    Return the place of the first row of each group, and of each row the number of its group.
    """
    codes = np.zeros(page.num_rows, np.int64)
    for name in columns:
        column = page[name].combine_chunks().dictionary_encode(null_encoding="encode")
        codes = codes * (len(column.dictionary) + 1) + column.indices.to_numpy()
    _, firsts, like = np.unique(codes, return_index=True, return_inverse=True)
    return pa.array(firsts), like


def _own(check: Check, column: str) -> str:
    return f"{check.rule} {column}"


def _on_its_own(check: Check) -> Check:
    places = ("column", "column_A", "column_B")
    own = {name: _own(check, check.kwargs[name]) for name in places if name in check.kwargs}
    return check.model_copy(update={"kwargs": check.kwargs | own})


def _questions(check: Check, types: Types) -> dict[str, str]:
    """Return what to ask of a check's columns, as SQL."""
    columns = [f'"{name}"' for name in check.columns]
    kinds = [types[name].partition("(")[0] for name in check.columns]
    missing = [_is_missing(*one) for one in zip(columns, kinds, strict=True)]
    there = f"not ({' or '.join(missing)})"
    asked = {"there": f"count(*) filter ({there})"}
    for way in product((True, False), repeat=len(columns)):
        if any(way):
            said = " and ".join(
                one if is_missing else f"not {one}"
                for one, is_missing in zip(missing, way, strict=True)
            )
            asked["".join("-" if is_missing else "0" for is_missing in way)] = (
                f"count(*) filter ({said})"
            )
    if check.expectation in NULLNESS:
        return asked
    if check.expectation not in BOUNDS or not all(map(_is_number, kinds)):
        row = f"struct_pack({', '.join(f'p{at} := {name}' for at, name in enumerate(columns))})"
        return {"values": f"coalesce(list(distinct {row}), [])"}
    number = columns[0]
    if len(columns) == 2:
        kind = "hugeint" if all(kind in INTEGERS for kind in kinds) else "double"
        # of two numbers, all that counts is which is the greater: their difference says it
        number = " - ".join(f"{name}::{kind}" for name in columns)
        if kind == "double":
            # one infinity less another is no number: they are equal
            number = f"case when {columns[0]} = {columns[1]} then 0 else {number} end"
    for end in ("min", "max"):
        asked[end] = f"{end}({number}) filter ({there})"
    return asked


def _rows(check: Check, found: Mapping[str, pa.ChunkedArray]) -> list[pa.Array]:
    """Return, for each column of a check, the values that stand for all."""
    if "values" in found:
        rows = found["values"].combine_chunks().flatten()
        return [rows.field(place) for place in range(len(check.columns))]
    n_columns = len(check.columns)
    counts = {way: found[way][0].as_py() for way in found if way not in ("min", "max")}
    ways = [way for way, count in counts.items() if way != "there" and count]
    if "min" not in found:
        values = [0] * bool(counts["there"]) + [None] * len(ways)
        return [pa.array(values, pa.int64())]
    ends = [found[end][0] for end in ("min", "max")] if counts["there"] else []
    numbers = pa.array([end.as_py() for end in ends], found["min"].type)
    zero = pa.array([0] * len(ends), pa.int64())
    out = []
    for place in range(n_columns):
        kind = found["min"].type if place == 0 else pa.int64()
        more = pa.array([None if way[place] == "-" else 0 for way in ways], kind)
        out.append(pa.concat_arrays([numbers if place == 0 else zero, more]))
    return out


def _is_missing(column: str, kind: str) -> str:
    """Tell where a frame has nothing: it takes what is no number for missing."""
    if kind in FLOATS:
        return f"({column} is null or isnan({column}))"
    return f"({column} is null)"


def _is_number(kind: str) -> bool:
    return kind in INTEGERS or kind in FLOATS or kind in ("DECIMAL", "HUGEINT", "UHUGEINT")
