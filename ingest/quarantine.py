"""Quarantine: bytes that must not be here go for good and leave a tombstone behind.

The tombstone holds a hash, a reason, a name and a date, and nothing of what was there. The
same bytes are refused when they come again. Releases that were built from them are the
business of ``release``: ``python -m release quarantine`` does both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import typer

from ingest import storage
from ingest.errors import LandingError
from ingest.landing import Landing
from ingest.parsed import observations_path, rejected_path
from ingest.tombstones import Tombstone
from lumbung import settings as house
from lumbung.settings import Settings

SHA256 = re.compile(r"^[0-9a-f]{64}$")


@dataclass(frozen=True)
class Removed:
    """What a quarantine took away. Nothing twice: repeated, it finishes what is missing."""

    tombstone: Tombstone
    datasets: tuple[str, ...]
    n_files: int


def quarantine(settings: Settings, sha256: str, because: str, by: str) -> Removed:
    """Remove an object and the rows read from it, for good, and refuse it from now on.

    The ledger keeps when and from where it came, not a byte of it, and counts it as not kept.
    Raises LandingError for a hash that never landed here, or without a name and a reason.
    """
    if not because.strip() or not by.strip():
        raise LandingError("say who and why: --by NAME --because REASON")
    if not SHA256.match(sha256):
        raise LandingError(f"'{sha256}' is no sha256: 64 hexadecimal digits, as in fetches")
    landing = Landing.of(settings)
    fetches = [fetch for fetch in landing.fetches() if fetch.sha256 == sha256]
    if not fetches:
        raise LandingError(f"nothing with the sha256 {sha256} ever landed in {landing.objects}")
    snapshots = [s for s in landing.snapshots() if s.snapshot_id == sha256]
    stone = landing.tombstones.set(sha256, because.strip(), by.strip())
    rows = [observations_path(settings, snapshot) for snapshot in snapshots]
    doomed = [landing.path_of(sha256), *rows, *(rejected_path(path) for path in rows)]
    n_files = sum(storage.remove(path) for path in doomed)
    with landing.transaction() as db:
        db.execute("update fetches set is_kept = 0, etag = null, last_modified = null"
                   " where sha256 = ?", (sha256,))  # fmt: skip
        # An unfinished run would go on with the answer that has just gone.
        db.execute("update runs set ended_at = ? where ended_at is null", (stone.at,))
    return Removed(stone, tuple(sorted({fetch.dataset_id for fetch in fetches})), n_files)


def command(
    sha256: Annotated[str, typer.Argument(help="The snapshot's sha256, as in fetches.")],
    because: Annotated[str, typer.Option(help="Why these bytes must not be here.")],
    by: Annotated[str, typer.Option(help="Your name.")],
) -> None:
    """Remove a landed reply and its rows for good, and refuse it from now on.

    Releases that hold it are not touched: ``python -m release quarantine`` does both.
    """
    try:
        removed = quarantine(house.load(), sha256, because, by)
    except LandingError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(describe(removed))
    typer.echo("Releases may still hold its figures. Next: python -m release collect")


def describe(removed: Removed) -> str:
    """Say in a sentence what went."""
    stone = removed.tombstone
    return (
        f"{stone.sha256[:12]} of {', '.join(removed.datasets)} is gone ({removed.n_files} files) "
        f"and will not land again; its tombstone is of {stone.at[:10]} by {stone.by}"
    )
