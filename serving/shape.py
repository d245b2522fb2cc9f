"""What a release really holds: its Parquet files, with what the contract says about them.

A release that was built by older code may lack a column, have one more or another type. The
files are right about types; the contract adds keys, references and words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from release import manifest
from serving import contract
from serving.contract import Column, Table
from serving.errors import ServingError

#: Rows lie in this order where a mart has the columns: people ask for a region and its years.
SORTED_BY = (
    "region_code", "indicator_id", "survey_year", "survey_month", "fiscal_year", "year",
    "period_start",
)  # fmt: skip
AS_OF = "observations_as_of"


@dataclass(frozen=True)
class Mart:
    """One table of a release: its shape, its file and how many rows are in it."""

    table: Table
    path: Path
    n_rows: int

    @property
    def order(self) -> tuple[str, ...]:
        """Return the columns its rows are sorted by; the key decides between equals."""
        names = {column.name for column in self.table.columns}
        if not names & set(SORTED_BY):
            return self.table.key
        return tuple(dict.fromkeys([n for n in SORTED_BY if n in names] + [*self.table.key]))


@dataclass(frozen=True)
class Shape:
    """A release: its marts by name, and its own rule of what was known on a day, as SQL."""

    release_id: str
    marts: dict[str, Mart]
    as_of: str


def of_release(folder: Path, contracts: dict[str, Table]) -> Shape:
    """Read the shape of a release's folder.

    Raises ServingError where a type has no counterpart in PostgreSQL.
    """
    recorded = manifest.read(folder)
    marts: dict[str, Mart] = {}
    with duckdb.connect() as connection:
        for table in recorded.tables:
            path = folder / "marts" / f"{table.name}.parquet"
            columns = tuple(_columns(connection, path, contracts.get(table.name)))
            marts[table.name] = Mart(
                _table(table.name, columns, contracts.get(table.name)), path, table.rows
            )
    return Shape(recorded.release_id, marts, _as_of(folder))


def _columns(
    connection: duckdb.DuckDBPyConnection, path: Path, promised: Table | None
) -> Iterator[Column]:
    known = {column.name: column for column in promised.columns} if promised else {}
    described = connection.execute("describe select * from read_parquet(?)", [str(path)]).fetchall()
    for name, type_name, *_ in described:
        found = contract.postgres_type(type_name)
        if found is None:
            raise ServingError(
                f"{path.name}: column {name} is of type {type_name}, which has no counterpart "
                "in PostgreSQL: add it to serving/contract.py"
            )
        yield dataclasses.replace(known.get(name, Column(name, found)), type=found)


def _table(name: str, columns: tuple[Column, ...], promised: Table | None) -> Table:
    if promised is None:
        return Table(name, columns)
    names = {column.name for column in columns}
    key = promised.key if set(promised.key) <= names else ()
    return dataclasses.replace(promised, columns=columns, key=key)


def _as_of(folder: Path) -> str:
    """Return the query behind ``observations_as_of`` as the release's own file states it."""
    warehouse = folder / "warehouse.duckdb"
    if not warehouse.is_file():
        return ""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        row = connection.execute(
            "select macro_definition from duckdb_functions() "
            "where schema_name = 'marts' and function_name = ?",
            [AS_OF],
        ).fetchone()
    return row[0].replace("count_star()", "count(*)") if row else ""  # DuckDB's own name of it
