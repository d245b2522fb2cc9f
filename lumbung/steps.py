"""What the tasks of the DAGs do, so that a DAG file holds nothing but wiring.

Heavy libraries are imported inside the functions: Airflow reads the DAG files every few
seconds, and a refresh without news must never load dbt or Great Expectations. Every function
may be retried: it overwrites its own output, keyed by what went in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from ingest.freshness import Freshness
    from ingest.harvest import HarvestReport
    from lumbung.alerts.alert import Alert
    from lumbung.settings import Settings

#: Outcomes of a harvest after which its dataset is no worse than before.
FINE = frozenset({"ok", "unchanged", "empty", "not_configured"})


def harvest_source(source: str) -> list[dict[str, Any]]:
    """Fetch, land and parse every dataset of a source; return one small report a dataset.

    Raises AirflowSkipException where there was nothing to ask, so that no build follows, and
    AirflowFailException, which no retry follows, when a source refused or sent something
    unreadable: asking again at once would be impolite and change nothing.
    """
    from dataclasses import asdict

    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from ingest.harvest import harvest
    from lumbung import events, settings
    from release.standby import STANDBY

    loaded = settings.load()
    with events.step(loaded, "harvest", source=source):
        reports = harvest(source, loaded)
    if any(report.n_new_snapshots for report in reports):
        STANDBY.call(loaded)
    if all(report.outcome == "not_configured" for report in reports):
        said = reports[0].message if reports else "the catalogue has no dataset of it"
        raise AirflowSkipException(f"Source {source}: {said}.")
    for report in reports:
        events.note(loaded, "harvested", **_ids_and_counts(report))
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


def receive_drop() -> dict[str, int]:
    """Look through the agencies' drop folder; return how many files were accepted and not.

    Skips where there is no drop folder, so that no build follows.
    """
    from collections import Counter

    from airflow.sdk.exceptions import AirflowSkipException

    from ingest import catalogue, drop
    from lumbung import settings

    known = settings.load()
    if not known.is_live(drop.CONNECTION):
        raise AirflowSkipException("There is no drop folder.")
    received = drop.receive(known, catalogue.load(known.catalog))
    return dict(Counter(one.outcome for one in received))


def plan_release() -> dict[str, str] | None:
    """Name the release to build; None where the current one is up to date."""
    from airflow.sdk.exceptions import AirflowFailException

    from lumbung import events, settings
    from release import build
    from release.errors import ReleaseError

    loaded = settings.load()
    try:
        plan = build.plan(loaded)
    except ReleaseError as error:
        raise AirflowFailException(str(error)) from error
    events.note(loaded, "planned", release_id=plan.release_id, reason=plan.reason)
    if plan.unchanged:
        return None
    return {"release_id": plan.release_id, "fingerprint": plan.fingerprint}


def assemble_candidate(release_id: str) -> None:
    """Build the candidate with dbt, where nobody reads yet."""
    _final("assemble", release_id)


def audit_candidate(release_id: str) -> None:
    """Hold the candidate to the gates; a failed one stops the release for good."""
    _final("audit", release_id)


def publish_release(release_id: str) -> None:
    """Make the audited candidate the current release."""
    _final("publish", release_id)


def serve_current_release() -> str:
    """Bring PostgreSQL to the current release; return its id.

    Skips where no PostgreSQL is set up or nothing is published. One that is down is asked again
    by the scheduler; readers keep the release they had.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from lumbung import events, settings
    from release.store import Store
    from serving import publish, server
    from serving.errors import ServingError, UnreachableError

    loaded = settings.load()
    if not server.is_configured(loaded) or Store(loaded).current() is None:
        raise AirflowSkipException("No PostgreSQL is set up, or nothing is published yet.")
    try:
        done = publish.publish(loaded)
    except UnreachableError:
        raise
    except ServingError as error:
        raise AirflowFailException(str(error)) from error
    events.note(loaded, "served", release_id=done.release_id, before=done.before or "")
    return done.release_id


def build_site() -> dict[str, int]:
    """Build the portal of the current release; return how many pages and charts were made anew.

    Skips where nothing is published yet.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    from lumbung import events, settings
    from portal.build import build
    from portal.marts import NoReleaseError

    loaded = settings.load()
    try:
        with events.step(loaded, "build_portal"):
            done = build(loaded)
    except NoReleaseError as error:
        raise AirflowSkipException(f"There is no portal to build: {error}") from None
    return {"n_pages": done.n_pages, "n_written": done.n_written, "n_drawn": done.n_drawn}


def write_due_reports() -> dict[str, int]:
    """Write the periodic reports that are due; return how many of each half-year.

    Skips where nothing is published yet, or nothing is due.
    """
    from datetime import UTC, datetime

    from airflow.sdk.exceptions import AirflowSkipException

    from lumbung import events, settings
    from portal.marts import NoReleaseError
    from portal.report import due

    loaded = settings.load()
    try:
        done = due.write_due(loaded, datetime.now(UTC).date())
    except NoReleaseError as error:
        raise AirflowSkipException(f"No report can be written: {error}") from None
    if not done.n_written:
        raise AirflowSkipException(f"All {done.n_current} reports are up to date.")
    counts = {half: len(regions) for half, regions in done.written.items()}
    events.note(loaded, "reported", **{f"n_{half}": n for half, n in counts.items()})
    return counts


def late_datasets() -> list[str]:
    """Return the datasets looked at; alert each late and each failing one, and raise for them.

    Late and failing are two troubles: a publisher that is behind, and a fetch of ours that does
    not get through.
    """
    from datetime import UTC, datetime

    from ingest import freshness
    from lumbung import settings
    from lumbung.alerts.callbacks import AlreadyToldError
    from lumbung.alerts.notifier import tell

    loaded = settings.load()
    found = freshness.check(loaded, datetime.now(UTC))
    wanting = [item for item in found if item.is_late or item.is_failing]
    for item in wanting:
        tell(loaded, _alert_of(item))
    if wanting:
        raise AlreadyToldError("\n".join(f"{item.dataset_id}: {item.reason}" for item in wanting))
    return [item.dataset_id for item in found]


def _alert_of(item: Freshness) -> Alert:
    """Make the alert of a dataset: while we fail to fetch it, nobody can say it is late."""
    from lumbung.alerts.alert import Alert

    return Alert(
        kind="dataset_failing" if item.is_failing else "dataset_late",
        subject=item.dataset_id,
        message=item.reason,
        dataset_id=item.dataset_id,
    )


def _final(step: Literal["assemble", "audit", "publish"], release_id: str) -> None:
    """Run a step of a release; what it refuses on purpose no retry would change."""
    from airflow.sdk.exceptions import AirflowFailException

    from lumbung import events, runner, settings
    from release import build
    from release.errors import ReleaseError

    loaded = settings.load()
    steps: dict[str, Callable[[Settings, str], object]] = {
        "assemble": partial(build.assemble, audited_here=runner.IN_ONE_PROCESS.get()),
        "audit": build.audit,
        "publish": build.publish,
    }
    try:
        with events.step(loaded, step, release_id=release_id):
            steps[step](loaded, release_id)
    except ReleaseError as error:
        raise AirflowFailException(str(error)) from error
    except MemoryError as error:
        # the scheduler may try again: by then there may be room
        raise MemoryError(
            f"{step} of {release_id} ran out of memory ({error or 'there is no more'}). The "
            "current release is untouched. A refresh needs 1 GiB: raise the limit, or stop what "
            "else runs here, then run it again; it takes up what is built already."
        ) from error


def _ids_and_counts(report: HarvestReport) -> dict[str, Any]:
    return {
        "dataset_id": report.dataset_id,
        "outcome": report.outcome,
        "n_observations": report.n_observations,
        "n_rejected": report.n_rejected,
        "n_new_snapshots": report.n_new_snapshots,
        "is_sample": report.is_sample,
    }


def _what_broke(reports: Sequence[HarvestReport]) -> str:
    """Say for each dataset what went wrong where; its name once is enough."""
    return "\n".join(
        f"{r.dataset_id}: {r.outcome}: {r.message.replace(f'{r.dataset_id}: ', '')}"
        for r in reports
    )
