"""Declared backfills: partitions asked for again, once, for a reason somebody stands for.

A file ``backfills/<name>.yml`` names a dataset, partitions of it (as ``fetch_outcomes`` shows
them, ``*`` matches), and who wants it why. It also asks for what is otherwise never asked
again, such as a closed year. What ran is in the ledger; a file does not run twice.
"""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from ingest import catalogue as catalogues
from ingest import yaml_text
from ingest.catalogue import Catalogue
from ingest.errors import BackfillError
from ingest.harvest import FAILED, Harvester, HarvestReport
from ingest.landing import Landing, stamp
from ingest.schema import Slug, Strict
from lumbung.settings import Settings


class Backfill(Strict):
    """What a backfill file says."""

    dataset: Slug
    partitions: tuple[str, ...] = Field(min_length=1)
    reason: str = Field(min_length=10)
    requested_by: str = Field(min_length=1)
    date: date


@dataclass(frozen=True)
class Declared:
    """A backfill and the file it stands in; ``digest`` is of the file's bytes."""

    name: str
    path: Path
    digest: str
    entry: Backfill


@dataclass(frozen=True)
class Done:
    """A backfill that ran."""

    digest: str
    outcome: str
    done_at: datetime


def read(path: Path, catalogue: Catalogue) -> Declared:
    """Read one file; raise BackfillError naming file, key and reason where it is wrong."""
    try:
        body = path.read_bytes()
        entry = Backfill.model_validate(yaml_text.parse(body))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BackfillError(f"{path}: can't be read as YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "(top)"
        raise BackfillError(f"{path}: {place}: {first['msg']}") from None
    if entry.dataset not in catalogue.datasets:
        known = ", ".join(sorted(catalogue.datasets))
        raise BackfillError(f"{path}: no dataset '{entry.dataset}'; there are: {known}")
    if entry.date > datetime.now(UTC).date():
        raise BackfillError(f"{path}: date: {entry.date} lies in the future")
    return Declared(path.stem, path, hashlib.sha256(body).hexdigest(), entry)


def pending(settings: Settings, catalogue: Catalogue | None = None) -> list[Declared]:
    """Return the declared backfills that have not run yet.

    Raises BackfillError for a file that is wrong, and for one that was changed after it ran.
    """
    catalogue = catalogue or catalogues.load(settings.catalog)
    declared = [read(path, catalogue) for path in sorted(settings.backfills.glob("*.yml"))]
    return [one for one in declared if not _has_run(settings, one)]


def run(settings: Settings, declared: Declared) -> HarvestReport | None:
    """Run a backfill and note it in the ledger; None where it has run already.

    One in which something was refused or broken stays pending. Raises BackfillError where its
    patterns fit no partition: a typo must not pass for a backfill that found nothing.
    """
    if _has_run(settings, declared):
        return None
    started = datetime.now(UTC)
    with closing(Harvester(settings)) as harvester:
        dataset = harvester.catalogue.dataset(declared.entry.dataset)
        (report,) = harvester.run([dataset], only=declared.entry.partitions)
    if report.outcome == "empty":
        _require_match(settings, declared, started)
    if report.outcome not in FAILED and report.outcome != "not_configured":
        _note(settings, declared, report)
    return report


def done(settings: Settings, name: str) -> Done | None:
    """Return when and how a backfill ran, None where it has not."""
    with Landing.of(settings).transaction() as db:
        row = db.execute(
            "select digest, outcome, done_at from backfills where backfill = ?", (name,)
        ).fetchone()
    return Done(row[0], row[1], datetime.fromisoformat(row[2])) if row else None


def _has_run(settings: Settings, declared: Declared) -> bool:
    before = done(settings, declared.name)
    if before is not None and before.digest != declared.digest:
        raise BackfillError(
            f"{declared.path}: changed after it ran on {before.done_at:%Y-%m-%d}; declare what "
            "you want now in a file of another name"
        )
    return before is not None


def _require_match(settings: Settings, declared: Declared, started: datetime) -> None:
    """Refuse a backfill that met none of the partitions it names."""
    dataset, patterns = declared.entry.dataset, declared.entry.partitions
    attempts = list(Landing.of(settings).attempts(dataset))
    if any(
        attempt.attempted_at >= started
        and any(fnmatchcase(attempt.partition, pattern) for pattern in patterns)
        for attempt in attempts
    ):
        return
    known = ", ".join(sorted({attempt.partition for attempt in attempts})) or "none yet"
    raise BackfillError(
        f"{declared.path}: partitions: {', '.join(patterns)} fits no partition of {dataset}; "
        f"fetch_outcomes knows: {known}"
    )


def _note(settings: Settings, declared: Declared, report: HarvestReport) -> None:
    with Landing.of(settings).transaction() as db:
        db.execute(
            "insert into backfills (backfill, digest, outcome, message, done_at)"
            " values (?, ?, ?, ?, ?)",
            (
                declared.name, declared.digest, report.outcome, declared.entry.reason,
                stamp(datetime.now(UTC)),
            ),
        )  # fmt: skip
