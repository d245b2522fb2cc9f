"""Read-only questions to one published release; the only module of the portal that reads data.

Each question is a file ``questions/<name>.sql`` over the published marts. A release whose DuckDB
file was given up with age is read from its Parquet files, with the same answers.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pyarrow as pa

QUESTIONS = Path(__file__).parent / "questions"

Row = dict[str, Any]


class NoReleaseError(Exception):
    """There is nothing published to read; the message says what to run first."""


class Marts:
    """The marts of one release, open for reading.

    Use as a context manager: DuckDB allows no writer while a reader is open.
    """

    def __init__(self, folder: Path) -> None:
        """Open the release in ``folder``; raise NoReleaseError where there is none."""
        if not (folder / "manifest.json").is_file():
            raise NoReleaseError(f"{folder} holds no release: run `make refresh` first")
        self.folder = folder.resolve()
        self.manifest: Row = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._connection = _open(self.folder)

    @property
    def release_id(self) -> str:
        """The id of the release, as its manifest states it."""
        return str(self.manifest["release_id"])

    def ask(self, question: str, **parameters: Any) -> list[Row]:
        """Answer a named question; ``$name`` in its SQL takes the parameter of that name."""
        cursor = self._connection.execute(_sql(question), parameters or None)
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def arrow(self, sql: str) -> pa.Table:
        """Answer SQL that the portal made of the release's own names, as an Arrow table."""
        return self._connection.execute(sql).to_arrow_table()

    def __enter__(self) -> Marts:
        """Return the open marts."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._connection.close()


@cache
def _sql(question: str) -> str:
    return (QUESTIONS / f"{question}.sql").read_text(encoding="utf-8")


def _open(folder: Path) -> duckdb.DuckDBPyConnection:
    file = folder / "warehouse.duckdb"
    if file.is_file():
        connection = duckdb.connect(str(file), read_only=True)
        connection.execute("use marts")
        return connection
    connection = duckdb.connect()
    connection.execute("create schema marts; use marts")
    for parquet in sorted((folder / "marts").glob("*.parquet")):
        path = str(parquet).replace("'", "''")
        connection.execute(
            f"create view \"{parquet.stem}\" as select * from read_parquet('{path}')"  # noqa: S608
        )
    return connection
