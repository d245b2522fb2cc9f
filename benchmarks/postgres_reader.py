"""One BI client for `postgres_switch.py`: asks in a loop until told to stop, and says what it saw.

Run as ``python benchmarks/postgres_reader.py KIND DSN EXPECTED_ROWS``; ends when its standard input
closes, and prints one JSON object. Every answer must hold one release's number, everywhere the
same, and as many rows as a release has.
"""

from __future__ import annotations

import json
import select
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg import IsolationLevel

#: One statement over three marts: their numbers, and how many rows stand behind them.
QUICK = """
select min(u.n_ranked), max(u.n_ranked), count(*), b.low, b.high, b.n_rows, p.number
from marts.unemployment as u,
    (select min(budget_idr) as low, max(budget_idr) as high, count(*) as n_rows
     from marts.budget) as b,
    (select ('x' || right(release_id, 8))::bit(32)::integer as number from marts.publication) as p
where u.survey_year = 2025 group by b.low, b.high, b.n_rows, p.number
"""
#: Reads through a mart row by row for three seconds.
SLOW = """
select min(n_ranked), max(n_ranked), count(*), min(n_ranked), max(n_ranked), {rows}, min(number)
from (select u.n_ranked, pg_sleep(0.003),
        (select ('x' || right(release_id, 8))::bit(32)::integer from marts.publication) as number
      from marts.unemployment as u limit 1000) as slowly
"""
#: As much work as QUICK, without a mart: how late the machine itself is.
CONTROL = "select count(*), sum(sqrt(i)) from generate_series(1, {rows}) as t(i)"

Row = tuple[Any, ...]
Ask = Callable[[str], Row | None]


class Seen:
    """What a client met."""

    def __init__(self, kind: str, expected_rows: int) -> None:
        self.kind = kind
        self.expected_rows = expected_rows
        self.errors: list[str] = []
        self.wrong: list[str] = []
        self.releases: set[int] = set()
        #: (when it was asked, how long it took), in seconds
        self.waits: list[tuple[float, float]] = []

    def check(self, row: Row | None, fixed: int | None = None) -> int | None:
        """Hold an answer to one number everywhere, to ``fixed`` where a transaction began so."""
        if row is None:
            self.wrong.append("empty")
            return fixed
        low, high, _n, budget_low, budget_high, budget_rows, number = row
        if len({low, high, budget_low, budget_high, number}) != 1 or (
            fixed is not None and number != fixed
        ):
            self.wrong.append(f"mixed: {row}, in a transaction that began with {fixed}")
        elif budget_rows != self.expected_rows:
            self.wrong.append(f"short: {row}")
        self.releases.add(number)
        return int(number)

    def timed(self, ask: Ask, query: str) -> Row | None:
        """Ask, and note how long it took."""
        asked, began = time.time(), time.monotonic()
        row = ask(query)
        self.waits.append((asked, time.monotonic() - began))
        return row

    def summary(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return {**self.__dict__, "releases": sorted(self.releases)}


def main() -> None:
    """Be one client until standard input closes."""
    kind, dsn, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seen = Seen(kind, rows)
    threshold = 0 if "prepared" in kind else None
    with psycopg.connect(dsn, autocommit=True, prepare_threshold=threshold) as connection:
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            try:
                KINDS[kind](connection, seen)
            except psycopg.Error as error:
                seen.errors.append(f"{type(error).__name__}: {error}")
                if connection.closed:
                    break
    print(json.dumps(seen.summary()))


def _one_by_one(connection: psycopg.Connection[Row], seen: Seen) -> None:
    seen.check(seen.timed(lambda q: connection.execute(q.encode()).fetchone(), QUICK))
    time.sleep(0.02)


def _in_transactions(connection: psycopg.Connection[Row], seen: Seen) -> None:
    """READ COMMITTED over several seconds: a later statement may see a later release, whole."""
    with connection.transaction():
        for _ in range(30):
            _one_by_one(connection, seen)
            time.sleep(0.1)


def _repeatable(connection: psycopg.Connection[Row], seen: Seen) -> None:
    """Hold one snapshot for some seconds: it stays with the release it began with."""
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with connection.transaction():
        fixed: int | None = None
        for _ in range(20):
            row = seen.timed(lambda q: connection.execute(q.encode()).fetchone(), QUICK)
            fixed = seen.check(row, fixed)
            time.sleep(0.1)


def _slowly(connection: psycopg.Connection[Row], seen: Seen) -> None:
    row = connection.execute(SLOW.format(rows=seen.expected_rows).encode()).fetchone()
    seen.check(row if row and row[2] else None)


def _control(connection: psycopg.Connection[Row], seen: Seen) -> None:
    query = CONTROL.format(rows=seen.expected_rows)
    seen.timed(lambda q: connection.execute(q.encode()).fetchone(), query)
    time.sleep(0.02)


KINDS: dict[str, Callable[[psycopg.Connection[Row], Seen], None]] = {
    "simple": _one_by_one,
    "prepared": _one_by_one,
    "prepared_in_transactions": _in_transactions,
    "repeatable_read": _repeatable,
    "three_seconds": _slowly,
    "control": _control,
}


def kinds() -> Iterator[str]:
    """Name the eight clients: two of a kind where there are fewer kinds."""
    yield from ("simple", "simple", "prepared", "prepared_in_transactions")
    yield from ("repeatable_read", "repeatable_read", "three_seconds", "three_seconds")


if __name__ == "__main__":
    main()
