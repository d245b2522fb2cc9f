"""One DuckDB script: sends the statements of `statements.json` to one connection on a new file.

``python plain_build.py FILE``, in the folder that holds `inputs/`. A query's rows are fetched, as
whoever runs a test looks at its answer.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import duckdb


def main() -> None:
    """Send them one after the other."""
    statements = json.loads(Path("statements.json").read_text(encoding="utf-8"))
    with duckdb.connect(sys.argv[1]) as connection:
        # as profiles.yml has it for dbt, and no more memory than that
        memory = os.environ.get("LUMBUNG_BUILD_MEMORY", "400MB")
        connection.execute(f"set memory_limit = '{memory}'; set TimeZone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        for statement in statements:
            connection.execute(statement).fetchall()


if __name__ == "__main__":
    main()
