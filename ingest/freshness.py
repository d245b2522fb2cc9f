"""Tells what is due, what is late and what fails: three different things.

*Late* means that a period's figures should be out, grace included, and a live source has not
brought them. *Failing* means that our last try did not get through. Bundled figures carry
the date they were collected on and are never late: no fetch of ours could renew them.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ingest import catalogue as catalogues
from ingest import storage
from ingest.catalogue import Catalogue
from ingest.landing import SEVERITY, Attempt, LandedSnapshot, Landing, Outcome
from ingest.parsed import observations_path
from ingest.schema import Cadence
from lumbung.settings import Settings

FAILURES: frozenset[Outcome] = frozenset({"refused", "broken"})


@dataclass(frozen=True)
class Freshness:
    """How a dataset stands. ``reason`` says in words why it is late, failing or neither."""

    dataset_id: str
    last_fetched_at: datetime | None
    last_changed_at: datetime | None
    next_due_at: date | None
    is_late: bool
    is_failing: bool
    last_outcome: Outcome | None
    reason: str


@dataclass(frozen=True, order=True)
class Due:
    """By which day the figures of which month should be out."""

    day: date
    period_year: int
    period_month: int


def check(settings: Settings, now: datetime, catalogue: Catalogue | None = None) -> list[Freshness]:
    """Say for every dataset of the catalogue how it stands at the moment ``now``."""
    catalogue = catalogue or catalogues.load(settings.catalog)
    landing = Landing.of(settings)
    landed = landing.snapshots_by_dataset()
    attempts: defaultdict[str, list[Attempt]] = defaultdict(list)
    for attempt in landing.attempts():
        attempts[attempt.dataset_id].append(attempt)
    found = []
    for dataset_id, dataset in sorted(catalogue.datasets.items()):
        cadence = catalogue.cadences[dataset.cadence]
        is_live = settings.is_live(catalogue.source_of(dataset).connection)
        snapshots = landed.get((dataset_id, not is_live), [])
        overdue = _overdue(settings, cadence, snapshots, now.date()) if is_live else None
        outcome = last_outcome(attempts[dataset_id])
        found.append(
            Freshness(
                dataset_id=dataset_id,
                last_fetched_at=max((s.last_fetched_at for s in snapshots), default=None),
                last_changed_at=max((s.first_fetched_at for s in snapshots), default=None),
                next_due_at=next_due(cadence, now.date()),
                is_late=overdue is not None,
                is_failing=outcome in FAILURES and (is_live or dataset.bundled is not None),
                last_outcome=outcome,
                reason=_reason(is_live, dataset.bundled is not None, overdue, outcome),
            )
        )
    return found


def last_outcome(attempts: Sequence[Attempt]) -> Outcome | None:
    """Return the worst outcome of the last run: its partitions share one moment.

    The ledger's order tells which run is the last; a clock may have been set back.
    """
    if not attempts:
        return None
    moment = attempts[-1].attempted_at
    last = [attempt.outcome for attempt in attempts if attempt.attempted_at == moment]
    return max(last, key=SEVERITY.index)


def next_due(cadence: Cadence, today: date) -> date | None:
    """Return the first due date after today; None where nothing is ever due."""
    return min((due.day for due in due_dates(cadence, today) if due.day > today), default=None)


def last_missed(cadence: Cadence, today: date) -> Due | None:
    """Return the latest due date whose grace is over; None where there is none."""
    grace = timedelta(days=cadence.grace_days)
    return max((due for due in due_dates(cadence, today) if due.day + grace < today), default=None)


def due_dates(cadence: Cadence, today: date) -> Iterator[Due]:
    """Yield the due dates of this year and its neighbours."""
    for release in cadence.releases:
        for year in (today.year - 1, today.year, today.year + 1):
            last_day = calendar.monthrange(year, release.month)[1]
            day = date(year, release.month, min(release.day, last_day))
            yield Due(day, year - release.years_later, release.period_month)


def _overdue(
    settings: Settings, cadence: Cadence, snapshots: Sequence[LandedSnapshot], today: date
) -> Due | None:
    """Return the due date that was missed: no row of ours ends in the month it is about."""
    due = last_missed(cadence, today)
    if due is None:
        return None
    for snapshot in reversed(snapshots):
        path = observations_path(settings, snapshot)
        is_there = storage.exists(path)
        ends = storage.table(path, columns=["period_end"]).column(0) if is_there else []
        if any(
            (end.year, end.month) == (due.period_year, due.period_month)
            for end in (value.as_py() for value in ends)
            if end is not None
        ):
            return None
    return due


def _reason(is_live: bool, is_bundled: bool, overdue: Due | None, outcome: Outcome | None) -> str:
    if not (is_live or is_bundled):
        return "not configured: nothing is bundled, and no address or key of its source is set"
    if not is_live:
        return "bundled figures: dated by the day they were collected, never late"
    said = []
    if outcome in FAILURES:
        said.append(f"the last try ended '{outcome}': fetch_outcomes has the message")
    if overdue:
        said.append(
            f"figures of {overdue.period_year}-{overdue.period_month:02} were due "
            f"on {overdue.day} and are not here"
        )
    return "; ".join(said) or "nothing due is missing"
