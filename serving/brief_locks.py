"""Changes that need a table or view for themselves, made without keeping readers waiting.

Whoever waits for such a lock makes everybody behind wait too. So it is asked for briefly, and
again a moment later: readers notice less than a tenth of a second, however long they read.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

from serving.errors import ServingError

#: (for so many seconds, ask for so many milliseconds at a time). Always less than PostgreSQL's
#: deadlock_timeout of one second: it is we who give up, never a reader.
PATIENCE = ((60.0, 80), (60.0, 500))

Connection = psycopg.Connection[tuple[Any, ...]]


def change(connection: Connection, what: str, work: Callable[[], None]) -> None:
    """Do ``work`` in one transaction, again and again until it gets its locks.

    Raises ServingError naming the sessions in the way where two minutes were not enough.
    """
    for seconds, milliseconds in PATIENCE:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with connection.transaction():
                    connection.execute(
                        sql.SQL("set local lock_timeout = {}").format(sql.Literal(milliseconds))
                    )
                    work()
                return
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                time.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - spreads attempts, no secret
    raise ServingError(
        f"{what} needs a moment in which nobody reads it, and there was none in two minutes. "
        f"In the way: {_in_the_way(connection)}. Close those sessions, then: "
        "python -m serving publish"
    )


def _in_the_way(connection: Connection) -> str:
    """Name the sessions that are in a transaction, longest first."""
    rows = connection.execute(
        "select pid, usename, application_name, state from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid() "
        "and xact_start is not null order by xact_start limit 5"
    ).fetchall()
    named = (f"{user} '{program}' (process {pid}, {state})" for pid, user, program, state in rows)
    return ", ".join(named) or "nobody any more"
