"""The landing zone as it was: a mark in the ledger, and a copy that ends at the mark.

A release names the mark of its inputs; a rebuild reads the copy. Objects on a disk are not
copied: they are addressed by their hash and never change. From a store they are brought here.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ingest import storage
from ingest.errors import LandingError
from ingest.landing import Landing, write


@dataclass(frozen=True)
class Mark:
    """How far the ledger had come: the last fetch, the last outcome, the last finished part."""

    fetch_id: int
    outcome_id: int
    finished_at: str


def mark(landing: Landing) -> Mark:
    """Return where the ledger stands now."""
    with landing.transaction() as db:
        row = db.execute(
            "select (select coalesce(max(fetch_id), 0) from fetches),"
            " (select coalesce(max(outcome_id), 0) from outcomes),"
            " (select coalesce(max(ended_at), '') from finished)"
        ).fetchone()
    return Mark(*row)


def copy_until(landing: Landing, folder: Path, until: Mark) -> Landing:
    """Make a landing zone in ``folder`` that ends at a mark; its objects are the real ones.

    Raises LandingError where there is no ledger to copy.
    """
    if not landing.database.exists():
        raise LandingError(f"there is no ledger {landing.database.shown}: nothing was ever fetched")
    folder.mkdir(parents=True, exist_ok=True)
    past = Landing(folder)
    landing.database.copy_to(past.ledger)
    with past.transaction() as db:
        db.execute("delete from fetches where fetch_id > ?", (until.fetch_id,))
        db.execute("delete from outcomes where outcome_id > ?", (until.outcome_id,))
        db.execute("delete from parts where fetch_id > ?", (until.fetch_id,))
        db.execute("delete from finished where ended_at > ?", (until.finished_at,))
    if isinstance(landing.objects, Path):
        (folder / "objects").symlink_to(landing.objects / "objects", target_is_directory=True)
    else:
        _bring(landing, past)
    return past


def _bring(landing: Landing, past: Landing) -> None:
    """Copy the objects of the past's snapshots out of a store; each is verified as it is read."""
    names = sorted({snapshot.snapshot_id for snapshot in past.snapshots()})

    def bring(name: str) -> None:
        write(past.path_of(name), landing.read(name))

    with ThreadPoolExecutor(storage.QUESTIONS_AT_A_TIME, "store") as pool:
        list(pool.map(bring, names))
