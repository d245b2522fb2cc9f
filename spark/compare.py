"""Holds the marts that Spark wrote against DuckDB's, row by row and to the last digit.

Both are read by DuckDB: its own file, and the Parquet files that Spark's tables are. Rows have no
order, so two tables are equal where neither has a row that the other lacks, copies counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from spark.errors import SparkError


@dataclass(frozen=True)
class Difference:
    """One table that is not the same on both engines."""

    table: str
    what: str


def differences(
    warehouse: Path, marts: Path, schema: str = "marts", without: frozenset[str] = frozenset()
) -> Iterator[Difference]:
    """Yield each table of ``schema`` in the file ``warehouse`` that ``marts`` has otherwise.

    ``marts`` is the folder of the tables that Spark wrote; tables in ``without`` are left out.
    Raises SparkError where the file has no tables: nothing would be compared, and nothing found.
    """
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        name = str(warehouse).replace("'", "''")
        connection.execute(f"attach '{name}' as ours (read_only)")
        wanted = _tables(connection, schema) - without
        if not wanted:
            raise SparkError(f"{warehouse} has no tables in {schema}: nothing to compare")
        for table in sorted(wanted):
            found = _difference(connection, f'ours.{schema}."{table}"', marts / table)
            if found:
                yield Difference(table, found)


def tables(warehouse: Path, schema: str = "marts") -> set[str]:
    """Return the names of the tables that can be compared."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return _tables(connection, schema)


def _tables(connection: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ?", [schema]
    )
    return {name for (name,) in found.fetchall()}


def _difference(connection: duckdb.DuckDBPyConnection, ours: str, folder: Path) -> str:
    if not any(folder.glob("*.parquet")):
        return f"Spark has no such table: no Parquet file in {folder}"
    pattern = f"{folder}/*.parquet".replace("'", "''")
    theirs = f"read_parquet('{pattern}')"
    columns = _columns(connection, ours)
    if columns != (other := _columns(connection, theirs)):
        unlike = sorted(set(columns) ^ set(other))
        return f"columns differ: {unlike or 'their order'}"
    lacking = _first_missing(connection, ours, theirs)
    added = _first_missing(connection, theirs, ours)
    told = [
        f"{count} rows {who}, as {row}"
        for (count, row), who in ((lacking, "only DuckDB has"), (added, "only Spark has"))
        if count
    ]
    return "; ".join(told)


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[str, str]]:
    described = connection.execute(f"describe from {relation}").fetchall()
    return [(row[0], row[1]) for row in described]


def _first_missing(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> tuple[int, str]:
    query = f"from {one} except all from {other}"
    count = connection.execute(f"select count(*) from ({query})").fetchall()[0][0]  # noqa: S608
    if not count:
        return 0, ""
    rows = connection.execute(f"from ({query}) order by all limit 1")
    names = [column[0] for column in rows.description]
    return count, str(dict(zip(names, rows.fetchall()[0], strict=True)))
