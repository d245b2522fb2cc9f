"""Remembers what a run has had already, so that a run cut short goes on where it stopped.

A *run* asks for a set of datasets. It has ended when every one of them was answered; until
then, and for ``LUMBUNG_RUN_HOURS`` at most, the next harvest of the same set is the same run:
partitions that were answered are not asked again, failed ones are. A later harvest is a new
run and asks for everything, since any figure may have been restated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from ingest.landing import Landing, Outcome, stamp
from ingest.ledger import insert


@dataclass(frozen=True)
class Finished:
    """How a dataset ended in a run in which nothing of it failed."""

    outcome: Outcome
    message: str
    n_new: int


class Runs:
    """The runs in one ledger."""

    def __init__(self, landing: Landing) -> None:
        self.landing = landing

    def open(self, scope: str, hours: float, now: datetime | None = None) -> int:
        """Return the scope's unfinished run of the last ``hours``, else a new one."""
        now = now or datetime.now(UTC)
        with self.landing.transaction() as db:
            db.execute("begin immediate")
            found = db.execute(
                "select run_id from runs where scope = ? and ended_at is null"
                " and started_at > ? and started_at <= ?"
                " and run_id = (select max(run_id) from runs where scope = ?)",
                (scope, stamp(now - timedelta(hours=hours)), stamp(now), scope),
            ).fetchone()
            if found:
                return int(found[0])
            return insert(db, "runs", {"scope": scope, "started_at": stamp(now)}, key="run_id")

    def abandon(self, scope: str) -> None:
        """End a scope's unfinished runs: the next harvest asks for everything."""
        with self.landing.transaction() as db:
            db.execute(
                "update runs set ended_at = ? where scope = ? and ended_at is null",
                (stamp(datetime.now(UTC)), scope),
            )

    def end(self, run_id: int, dataset_ids: Iterable[str]) -> bool:
        """End a run where all its datasets are finished; tell whether it has ended."""
        with self.landing.transaction() as db:
            found = db.execute("select dataset_id from finished where run_id = ?", (run_id,))
            if set(dataset_ids) - {row[0] for row in found}:
                return False
            db.execute(
                "update runs set ended_at = ? where run_id = ?",
                (stamp(datetime.now(UTC)), run_id),
            )
            return True

    # -- partitions --------------------------------------------------------------------

    def answered(self, run_id: int, dataset_id: str, partition: str, fetch_id: int) -> None:
        """Note that a partition was answered, and by which fetch."""
        with self.landing.transaction() as db:
            db.execute(
                "insert into parts (run_id, dataset_id, partition, fetch_id) values (?, ?, ?, ?)"
                " on conflict (run_id, dataset_id, partition)"
                " do update set fetch_id = excluded.fetch_id",
                (run_id, dataset_id, partition, fetch_id),
            )

    def answers(self, run_id: int, dataset_id: str) -> dict[str, tuple[int, bool]]:
        """Return the partitions that were answered: the fetch, and whether its outcome is told."""
        with self.landing.transaction() as db:
            found = db.execute(
                "select partition, fetch_id, is_told from parts"
                " where run_id = ? and dataset_id = ?",
                (run_id, dataset_id),
            )
            return {row[0]: (int(row[1]), bool(row[2])) for row in found}

    def forget(self, run_id: int, dataset_id: str, partition: str) -> None:
        """Have a partition asked again: its answer could not be read."""
        with self.landing.transaction() as db:
            db.execute(
                "delete from parts where run_id = ? and dataset_id = ? and partition = ?",
                (run_id, dataset_id, partition),
            )

    # -- datasets ----------------------------------------------------------------------

    def tell(self, run_id: int, dataset_id: str) -> None:
        """Note that the outcomes of all answered partitions are in the ledger."""
        with self.landing.transaction() as db:
            db.execute(
                "update parts set is_told = 1 where run_id = ? and dataset_id = ?",
                (run_id, dataset_id),
            )

    def finish(
        self, run_id: int, dataset_id: str, how: Finished, *, is_sample: bool, is_whole: bool
    ) -> None:
        """Note that nothing of a dataset failed; ``is_whole``: every question was answered."""
        with self.landing.transaction() as db:
            db.execute(
                "insert into finished (run_id, dataset_id, is_sample, is_whole,"
                " outcome, message, n_new, ended_at) values (?, ?, ?, ?, ?, ?, ?, ?)"
                " on conflict (run_id, dataset_id) do update set is_sample = excluded.is_sample,"
                " is_whole = excluded.is_whole, outcome = excluded.outcome,"
                " message = excluded.message, n_new = excluded.n_new, ended_at = excluded.ended_at",
                (
                    run_id, dataset_id, int(is_sample), int(is_whole),
                    how.outcome, how.message, how.n_new, stamp(datetime.now(UTC)),
                ),
            )  # fmt: skip

    def finished(self, run_id: int, dataset_id: str) -> Finished | None:
        """Return how a dataset ended in a run, None where it has not."""
        with self.landing.transaction() as db:
            row = db.execute(
                "select outcome, message, n_new from finished where run_id = ? and dataset_id = ?",
                (run_id, dataset_id),
            ).fetchone()
        return Finished(cast(Outcome, row[0]), row[1], int(row[2])) if row else None
