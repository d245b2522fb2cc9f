"""What the tasks of the DAGs do, so that a DAG file holds nothing but wiring.

Heavy libraries are imported inside the functions: Airflow reads the DAG files every few
seconds, and a refresh without news must never load dbt or Great Expectations. Every function
may be retried: it overwrites its own output, keyed by what went in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.harvest import HarvestReport
    from lumbung.settings import Settings

#: Outcomes of a harvest after which its dataset is no worse than before.
FINE = frozenset({"ok", "unchanged", "empty", "not_configured"})


def harvest_source(source: str) -> list[dict[str, Any]]:
    """Fetch, land and parse every dataset of a source; return one small report a dataset.

    Raises AirflowFailException, which no retry follows, when a source refused or sent
    something unreadable: asking again at once would be impolite and change nothing.
    """
    from dataclasses import asdict

    from airflow.sdk.exceptions import AirflowFailException

    from ingest.harvest import harvest
    from lumbung import settings

    reports = harvest(source, settings.load())
    broken = [report for report in reports if report.outcome not in FINE]
    if broken:
        raise AirflowFailException(_what_broke(broken))
    return [asdict(report) for report in reports]


def run_pending_backfills() -> list[dict[str, Any]]:
    """Run the backfills that are declared and have not run; return a report each.

    Raises AirflowSkipException where there is none, and AirflowFailException where a file is
    wrong or a source refused or sent something unreadable: that backfill stays pending.
    """
    from dataclasses import asdict

    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from ingest import backfill
    from ingest.errors import IngestError
    from lumbung import settings

    loaded = settings.load()
    try:
        found = [backfill.run(loaded, declared) for declared in backfill.pending(loaded)]
    except IngestError as error:
        raise AirflowFailException(str(error)) from None
    reports = [report for report in found if report is not None]
    if not reports:
        raise AirflowSkipException("No backfill is pending.")
    broken = [report for report in reports if report.outcome not in FINE]
    if broken:
        raise AirflowFailException(_what_broke(broken))
    return [asdict(report) for report in reports]


def plan_release() -> dict[str, str]:
    """Name the release to build, or skip the rest where the current one is up to date."""
    from airflow.sdk.exceptions import AirflowSkipException

    from lumbung import settings
    from release import build

    plan = build.plan(settings.load())
    if plan.unchanged:
        raise AirflowSkipException("Nothing changed since the current release.")
    return {"release_id": plan.release_id, "fingerprint": plan.fingerprint}


def assemble_candidate(release_id: str) -> None:
    """Build the candidate with dbt, where nobody reads yet."""
    _final(lambda build, settings: build.assemble(settings, release_id))


def audit_candidate(release_id: str) -> None:
    """Hold the candidate to the gates; a failed one stops the release for good."""
    _final(lambda build, settings: build.audit(settings, release_id))


def publish_release(release_id: str) -> None:
    """Make the audited candidate the current release."""
    _final(lambda build, settings: build.publish(settings, release_id))


def late_datasets() -> list[str]:
    """Return the datasets looked at; raise AirflowFailException naming the late and failing."""
    from datetime import UTC, datetime

    from airflow.sdk.exceptions import AirflowFailException

    from ingest import freshness
    from lumbung import settings

    found = freshness.check(settings.load(), datetime.now(UTC))
    wanting = [item for item in found if item.is_late or item.is_failing]
    if wanting:
        lines = [f"{item.dataset_id}: {item.reason}" for item in wanting]
        raise AirflowFailException("\n".join(lines))
    return [item.dataset_id for item in found]


def _final(step: Callable[[Any, Settings], object]) -> None:
    """Run a step of a release; what it refuses on purpose no retry would change."""
    from airflow.sdk.exceptions import AirflowFailException

    from lumbung import settings
    from release import build
    from release.errors import ReleaseError

    try:
        step(build, settings.load())
    except ReleaseError as error:
        raise AirflowFailException(str(error)) from error


def _what_broke(reports: Sequence[HarvestReport]) -> str:
    return "\n".join(f"{r.dataset_id}: {r.outcome}: {r.message}" for r in reports)
