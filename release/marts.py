"""Copies the marts out of the file that dbt built into the one that is published.

Run as a process of its own: ``python -m release.marts BUILT WAREHOUSE MEMORY``. Readers have no
use for staging and intermediate tables, four fifths of what dbt wrote, and every release keeps
its file.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def copy(built: Path, warehouse: Path, memory: str) -> None:
    """Write the schemas ``main`` and ``marts`` of one file into a new other one.

    ``memory`` is what DuckDB may take of it: dbt's share, as dbt has ended by now.
    """
    warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(built), config={"memory_limit": memory, "threads": 2}) as connection:
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where not internal"
            " and database_name = current_database() and schema_name not in ('main', 'marts')"
        ).fetchall()
        for (schema,) in schemas:
            connection.execute(f'drop schema "{schema}" cascade')
        path = str(warehouse).replace("'", "''")
        connection.execute(f"attach '{path}' as published")
        connection.execute(f'copy from database "{built.stem}" to published')
        connection.execute("detach published")


if __name__ == "__main__":
    try:
        copy(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except (duckdb.Error, OSError) as error:
        sys.exit(f"{error}".partition("\n")[0])
