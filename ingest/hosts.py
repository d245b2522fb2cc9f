"""Remembers which hosts refused us, for every thread and process of one home folder.

After three refusals in a row a host is left alone for ``LUMBUNG_RUN_HOURS``: less than the
day between two scheduled runs, more than any retry within one. An answer, or a person who
says ``--anew``, clears it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.landing import Landing, stamp

#: After so many blocks in a row a host is left alone.
MAX_BLOCKS = 3


class Hosts:
    """The hosts that one home folder talks to."""

    def __init__(self, landing: Landing, hours: float) -> None:
        self.landing = landing
        self.hours = hours

    def left_alone_until(self, host: str) -> datetime | None:
        """Return until when a host is not asked; None where it may be."""
        with self.landing.transaction() as db:
            row = db.execute(
                "select n_blocks, blocked_at from hosts where host = ?", (host,)
            ).fetchone()
        if row is None or row[0] < MAX_BLOCKS:
            return None
        until = datetime.fromisoformat(row[1]) + timedelta(hours=self.hours)
        return until if until > datetime.now(UTC) else None

    def blocked(self, host: str) -> None:
        """Count a refusal. One after a time of rest begins the count anew."""
        now = datetime.now(UTC)
        rested = stamp(now - timedelta(hours=self.hours))
        with self.landing.transaction() as db:
            db.execute(
                "insert into hosts (host, n_blocks, blocked_at) values (?, 1, ?)"
                " on conflict (host) do update set blocked_at = excluded.blocked_at,"
                " n_blocks = case when hosts.blocked_at < ? then 1 else hosts.n_blocks + 1 end",
                (host, stamp(now), rested),
            )

    def answered(self, host: str) -> None:
        """Forget the refusals of a host that answers."""
        with self.landing.transaction() as db:
            if db.execute("select 1 from hosts where host = ?", (host,)).fetchone():
                db.execute("delete from hosts where host = ?", (host,))

    def clear(self) -> None:
        """Forget all refusals."""
        with self.landing.transaction() as db:
            db.execute("delete from hosts")
