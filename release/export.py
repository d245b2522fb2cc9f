"""Writes the marts of an audited warehouse as Parquet, the rows of each in one order."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from release.errors import ReleaseError
from release.failures import advice_on_memory
from release.files import sha256

#: What DuckDB may take where nobody says more: sorting a table of millions spills to disk beyond.
MEMORY_LIMIT = "512MB"
#: What most readers filter by comes first: each row group then holds few values of it, which is
#: quicker to leave out and smaller than rows in the order of their hashes.
FIRST = ("indicator_id", "region_code", "period_start", "period_end")
#: Higher ones take twice the processor and make the files no smaller: half of it is hashes.
LEVEL = 1


def export(warehouse: Path, folder: Path, memory: str = MEMORY_LIMIT) -> list[dict[str, Any]]:
    """Write every mart as Parquet and return name, rows and hash, by name.

    ``memory`` is what DuckDB may take of it: dbt's share, as dbt has ended by now. Raises
    ReleaseError where that is too little, or a mart can't be written as it is; OSError where the
    disk refuses.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        _refuse_huge_integers(connection)
        names = [
            row[0]
            for row in connection.execute(
                "select table_name from information_schema.tables "
                "where table_schema = 'marts' order by table_name"
            ).fetchall()
        ]
        if not names:
            raise ReleaseError(f"{warehouse} holds no marts")
        try:
            # One at a time: two would take each other's memory, and at national size both fail.
            return [_export_one(connection, name, folder) for name in names]
        except duckdb.IOException as error:
            raise OSError(str(error)) from error
        except duckdb.OutOfMemoryException as error:
            said = str(error).splitlines()[0]
            raise ReleaseError(
                f"the marts could not be written to {folder}: {said}\n  The current release is "
                f"untouched.{advice_on_memory(said)}"
            ) from error


def _export_one(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    target = str(path).replace("'", "''")
    connection.execute(
        f"""copy (from marts."{name}" order by {_order(connection, name)}) """
        f"to '{target}' (format parquet, compression zstd, compression_level {LEVEL})"
    )
    return {"name": name, "rows": pq.read_metadata(path).num_rows, "sha256": sha256(path)}


def _order(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Name every column, as only that orders rows in one way whatever a table's key is."""
    found = connection.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'marts' and table_name = ? order by ordinal_position",
        [name],
    ).fetchall()
    columns = [column for (column,) in found]
    first = [column for column in FIRST if column in columns]
    ordered = [*first, *(column for column in columns if column not in first)]
    return ", ".join(f'"{column}"' for column in ordered)


def _refuse_huge_integers(connection: duckdb.DuckDBPyConnection) -> None:
    """Parquet has no 128-bit integer: DuckDB would write floating-point money without a word."""
    found = connection.execute(
        "select table_name || '.' || column_name from information_schema.columns "
        "where table_schema = 'marts' and data_type in ('HUGEINT', 'UHUGEINT')"
    ).fetchall()
    if found:
        names = ", ".join(row[0] for row in found)
        raise ReleaseError(f"HUGEINT can't be published ({names}): cast the sum to bigint")
