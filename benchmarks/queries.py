"""How long eight readers wait who ask the gallery's fifty questions at the same time.

On PostgreSQL as it is served (views over slots), on the same tables copied plainly into another
database, and on the release's DuckDB file. A cost's seconds are those of the 95th of 100 answers,
its CPU seconds those of all answers together with the server's.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bench import Bench
from benchmarks.measure import Cost, here, interleaved
from benchmarks.postgres_copy import PLAIN, served
from benchmarks.result import Measured, Versus
from gallery import questions
from serving import access

TITLE = "Mart queries under eight clients"
CONTESTANTS = {
    "marts": "the read-only role in PostgreSQL: p95 of an answer",
    "plain tables": "the same rows in plain tables without index, in PostgreSQL: p95",
    "DuckDB file": "`warehouse.duckdb`, opened read-only by each client: p95",
}
CLIENTS = 8
AIM_MS = 50

Connect = Callable[[], AbstractContextManager[Any]]


def measure(bench: Bench) -> Measured:
    """Ask all three, in turns."""
    file = bench.release / "warehouse.duckdb"
    with served(bench) as (settings, pid):
        with access.connect(settings, "admin", PLAIN) as admin:
            admin.execute("analyze")
        costs = interleaved(
            {
                "marts": lambda: asked(lambda: access.connect(settings, "reader"), pid),
                "plain tables": lambda: asked(
                    lambda: access.connect(settings, "admin", PLAIN), pid
                ),
                "DuckDB file": lambda: asked(lambda: opened(file), None),
            },
            bench.rounds(3, quick=3),
        )
    p95_ms = 1000 * statistics.median(cost.seconds for cost in costs["marts"])
    return Measured(
        costs,
        ratios=[Versus("marts", "plain tables"), Versus("marts", "DuckDB file")],
        facts={"n_clients": CLIENTS, "n_questions": len(questions.load()),
               "p95_ms": round(p95_ms, 1), "p95_aim_ms": AIM_MS},
    )  # fmt: skip


def asked(connect: Connect, server_pid: int | None) -> Cost:
    """Let eight clients ask every question; return the p95 of an answer as its seconds."""
    taken: list[float] = []
    cost = here(lambda: taken.extend(all_at_once(connect)), server_pid=server_pid)
    return replace(cost, seconds=statistics.quantiles(taken, n=20)[18])


def all_at_once(connect: Connect) -> list[float]:
    """Return the seconds of each answer of each client."""
    wanted = questions.load()

    def client(number: int) -> list[float]:
        seconds = []
        with connect() as connection:
            for question in wanted[number:] + wanted[:number]:
                started = time.perf_counter()
                questions.ask(connection, question)
                seconds.append(time.perf_counter() - started)
        return seconds

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [one for found in clients.map(client, range(CLIENTS)) for one in found]


def opened(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a release as a reader does."""
    return duckdb.connect(str(file), read_only=True)
