"""What the tasks of the DAGs do, so that a DAG file holds nothing but wiring.

Heavy libraries are imported inside the functions: Airflow reads the DAG files every few
seconds, and a refresh without news must never load dbt or Great Expectations. Every function
may be retried: it overwrites its own output, keyed by what went in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.harvest import HarvestReport

#: Outcomes of a harvest after which its dataset is no worse than before.
FINE = frozenset({"ok", "unchanged", "empty"})


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
    from lumbung import settings
    from release import build

    build.assemble(settings.load(), release_id)


def audit_candidate(release_id: str) -> None:
    """Hold the candidate to the gates; a failed one stops the release for good."""
    from lumbung import settings
    from release import build

    build.audit(settings.load(), release_id)


def publish_release(release_id: str) -> str:
    """Make the audited candidate the current release, and return its id."""
    from lumbung import settings
    from release import build

    build.publish(settings.load(), release_id)
    return release_id


def _what_broke(reports: Sequence[HarvestReport]) -> str:
    lines = [f"{r.dataset_id}: {r.outcome}: {r.message}" for r in reports]
    return "; ".join(lines)
