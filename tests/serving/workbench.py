"""Small releases for the tests of serving: real Parquet, a real DuckDB file, a real manifest.

Every figure of release number 7 is 7, in every mart: whoever sees two numbers saw two releases.
"""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb
import psycopg

from lumbung.settings import Settings
from release.files import sha256, write_json
from release.store import Store
from serving import access, server

ROWS = 2_000
#: Of each mart a few columns, of the contract's types; ``{n}`` is the release's number.
MARTS = {
    "publication": "select '{release_id}' as release_id, timestamp '2026-01-01' as created_at",
    "unemployment": """
        select 'r' || (i % 40) as region_code, 'Wilayah ''{n}''' as region_name,
            (1990 + i // 40)::integer as survey_year, 8::integer as survey_month,
            'v1' as series_version, {n}::decimal(9, 4) as unemployment_rate_pct,
            {n}::integer as n_ranked, null::boolean as change_is_significant
        from range({rows}) as t(i)""",
    "budget": """
        select 'r' || (i % 40) as region_code, 2026::integer as fiscal_year,
            'a' || i as account_code, 'plan' as stage, date '2026-01-01' as as_of_date,
            {n}::bigint as budget_idr
        from range({rows}) as t(i)""",
    "observations": """
        select 'o' || i as obs_id, 'unemployment_rate' as indicator_id, '3604' as region_code,
            {n}::decimal(28, 6) as value, date '2026-01-01' + i::integer as known_at
        from range(10) as t(i)""",
}
AS_OF = (
    "create macro marts.observations_as_of(as_of_date) as table ("
    "select * from marts.observations where known_at <= cast(as_of_date as date) "
    "and (select count(*) from marts.observations) > 0)"  # DuckDB tells it as count_star()
)


def release(
    settings: Settings, number: int, marts: dict[str, str] | None = None, rows: int = ROWS
) -> str:
    """Write a release and make it the current one; return its id."""
    release_id = f"202601{1 + number // 1000:02d}T{number % 1000:06d}Z-{number:08x}"
    folder = settings.releases / release_id
    (folder / "marts").mkdir(parents=True)
    tables = []
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        for name, query in (marts or MARTS).items():
            filled = query.format(n=number, rows=rows, release_id=release_id)
            connection.execute(f"create table marts.{name} as {filled}")
            path = folder / "marts" / f"{name}.parquet"
            connection.execute(f"copy marts.{name} to '{path}' (format parquet)")
            count = connection.execute(f"select count(*) from marts.{name}").fetchone()
            assert count
            tables.append({"name": name, "rows": count[0], "sha256": sha256(path)})
        if "observations" in (marts or MARTS):
            connection.execute(AS_OF)
    write_json(folder / "manifest.json", {
        "release_id": release_id, "created_at": "2026-01-01T00:00:00+00:00",
        "fingerprint": f"{number:08x}", "region_edition": "test", "inputs": [], "tables": tables,
        "gates": [], "diff": {}, "versions": {},
        "warehouse_sha256": sha256(folder / "warehouse.duckdb"),
    })  # fmt: skip
    Store(settings).switch(release_id)
    return release_id


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((access.HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres(**settings: Any) -> Iterator[Settings]:
    """Run a PostgreSQL of its own in a folder that any user may reach; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="lumbung serving "))
    folder.chmod(0o755)
    known = Settings(home=folder / "home", postgres_port=free_port(), **settings)
    try:
        with server.running(known, fsync="off"):
            yield known
    finally:
        rmtree(folder)


def ask(settings: Settings, query: str, role: access.Role = "reader") -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with access.connect(settings, role) as connection:
        return connection.execute(query.encode()).fetchall()


def refused(settings: Settings, query: str, role: access.Role = "reader") -> str:
    """Return the kind of error that a statement ends with; 'none' where it is carried out."""
    with access.connect(settings, role) as connection:
        try:
            connection.execute("set default_transaction_read_only = off")
            connection.execute(query.encode())
        except psycopg.Error as error:
            return type(error).__name__
    return "none"


def numbers(settings: Settings) -> tuple[Any, ...]:
    """Return what a reader sees of each mart: one number, where nothing is mixed."""
    [row] = ask(
        settings,
        "select (select array_agg(distinct n_ranked) from unemployment), "
        "(select array_agg(distinct budget_idr) from budget), "
        "(select array_agg(distinct value::integer) from observations), "
        "(select count(*) from unemployment)",
    )
    return row


def pretty(value: Any) -> str:
    """Write JSON for messages of failing tests."""
    return json.dumps(value, indent=1, default=str)
