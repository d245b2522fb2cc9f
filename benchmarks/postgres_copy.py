"""What publishing to PostgreSQL costs: against COPY of the same tables, and nothing else.

Ours verifies the release, loads every mart sorted into its own slot, counts, lets readers see all
of it at once and grants them the right. The peer copies the same Parquet files as CSV into plain
tables of the same types in one transaction. Both on one server, whose CPU seconds count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import duckdb
import psycopg

from benchmarks.bench import Bench
from benchmarks.measure import Cost, FailedError, here, interleaved
from benchmarks.postgres_switch import clone
from benchmarks.result import Measured, Versus
from lumbung.settings import Settings
from serving import access, server
from serving.publish import publish

TITLE = "Publishing to PostgreSQL"
CONTESTANTS = {
    "publish": "a new release beside the one that is served, then one switch",
    "COPY": "the same rows as CSV into plain tables, in one transaction",
}
PLAIN = "plain"
PORT = 54396
CHUNK = 1 << 20


def measure(bench: Bench) -> Measured:
    """Publish release after release, and copy the same tables in between."""
    with served(bench) as (settings, pid):
        numbers = count(2)

        def publish_next() -> None:
            published.append(publish(settings).release_id)

        def publish_a_copy() -> Cost:
            clone(settings, bench.release, next(numbers), numbered=["publication"])
            return here(publish_next, server_pid=pid)

        published: list[str] = []
        rows: list[int] = []
        costs = interleaved(
            {
                "publish": publish_a_copy,
                "COPY": lambda: here(
                    lambda: rows.append(copy_plainly(settings, bench.release)), server_pid=pid
                ),
            },
            bench.rounds(5, quick=3),
        )
        with access.connect(settings, "reader") as reader:
            names = [path.stem for path in marts(bench.release)]
            counted = sum(_count(reader, f"marts.{name}") for name in names)
        with access.connect(settings, "admin", PLAIN) as admin:
            copied = sum(_count(admin, f"marts.{name}") for name in names)
    if not counted == copied == rows[-1]:
        raise FailedError(f"{counted} rows were published, {copied} of {rows[-1]} copied")
    return Measured(
        costs,
        ratios=[Versus("publish", "COPY"), Versus("publish", "COPY", "cpu_seconds")],
        facts={"n_tables": len(names), "n_rows": counted},
    )


@contextmanager
def served(bench: Bench) -> Iterator[tuple[Settings, int]]:
    """Run a PostgreSQL that serves the release, with the same tables plainly beside it."""
    folder = bench.folder("postgres")
    for place in (bench.scratch, folder):
        place.chmod(0o755)  # its account has to get through
    settings = Settings(home=folder / "home", postgres_port=PORT)
    clone(settings, bench.release, 1, numbered=["publication"])
    with server.running(settings) as state:
        publish(settings)
        with access.connect(settings, "admin", "postgres") as admin:
            admin.execute(f"create database {PLAIN}".encode())
        copy_plainly(settings, bench.release)
        yield settings, state.process or 0


def marts(release: Path) -> list[Path]:
    """Return the Parquet files of a release."""
    return sorted((release / "marts").glob("*.parquet"))


def copy_plainly(settings: Settings, release: Path) -> int:
    """Copy every mart into new plain tables of another database; return the number of rows."""
    n_rows = 0
    with (
        access.connect(settings, "reader") as reader,
        access.connect(settings, "admin", PLAIN) as admin,
        admin.transaction(),
    ):
        admin.execute("drop schema if exists marts cascade")
        admin.execute("create schema marts")
        for path in marts(release):
            types = _types(reader, path.stem)
            listed = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
            admin.execute(f'create table marts."{path.stem}" ({listed})'.encode())
            n_rows += _copy(admin, path, list(types))
    return n_rows


def _copy(connection: psycopg.Connection, path: Path, columns: list[str]) -> int:
    names = ", ".join(f'"{name}"' for name in columns)
    text = path.with_suffix(".copied.csv")
    text = Path("/dev/shm") / text.name if Path("/dev/shm").is_dir() else text  # noqa: S108
    rows = f"select {names} from read_parquet('{path}')"  # noqa: S608 - our own names
    written = duckdb.execute(f"copy ({rows}) to '{text}' (header false)").fetchone()
    try:
        with (
            connection.cursor() as cursor,
            cursor.copy(
                f'copy marts."{path.stem}" ({names}) from stdin (format csv)'.encode()
            ) as copy,
            text.open("rb") as file,
        ):
            while chunk := file.read(CHUNK):
                copy.write(chunk)
        return int(written[0]) if written else 0
    finally:
        text.unlink()


def _types(reader: psycopg.Connection, mart: str) -> dict[str, str]:
    rows = reader.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = format('marts.%%I', %s::text)::regclass and attnum > 0 "
        "and not attisdropped order by attnum",
        (mart,),
    ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def _count(reader: psycopg.Connection, table: str) -> int:
    row = reader.execute(f"select count(*) from {table}".encode()).fetchone()  # noqa: S608
    return int(row[0]) if row else 0
