"""The four steps of a build, each safe to repeat: plan, assemble, audit, publish.

Airflow runs them as tasks. Nothing heavy is imported before a step needs it: a plan that
finds nothing new imports neither dbt nor Great Expectations nor DuckDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest import inputs
from lumbung.settings import Settings
from release import fingerprint, identity, manifest
from release.errors import ReleaseError
from release.store import Store, candidate_folders

if TYPE_CHECKING:
    from release.audit import AuditReport
    from release.candidate import Candidate
    from release.manifest import Manifest


@dataclass(frozen=True)
class Plan:
    """What a build would make. Unchanged: nothing to do, ``reason`` says why."""

    release_id: str
    fingerprint: str
    unchanged: bool
    reason: str


def plan(settings: Settings) -> Plan:
    """Decide whether there is anything to build and what it is called.

    An unfinished build of the same inputs and code is taken up again under its own name. Raises
    ReleaseError where a dataset of the current release went live and nothing live came yet.
    """
    store = Store(settings)
    wanted = fingerprint.current(settings)
    current = store.current_manifest()
    if current:
        _require_answers(settings, current)
    if current and current.fingerprint == wanted:
        if not store.was_published(current.release_id):
            return Plan(current.release_id, wanted, False, "its publication was cut short")
        return Plan(current.release_id, wanted, True, "nothing new since this release")
    if current and wanted in store.withheld():
        return Plan(
            current.release_id, wanted, True,
            "the newest figures are those of a release that was rolled back from; "
            "they are held back until something changes",
        )  # fmt: skip
    unfinished = _unfinished(store, wanted, current.release_id if current else "")
    if unfinished:
        return Plan(unfinished, wanted, False, "an unfinished build is taken up again")
    taken = [*store.ids(), *(path.name for path in candidate_folders(store.candidates))]
    return Plan(identity.new(wanted, taken), wanted, False, "there is something new")


def _require_answers(settings: Settings, current: Manifest) -> None:
    """Refuse to let go of a dataset's bundled figures before a live reply of it was read."""
    waiting = inputs.live_without_rows(settings, (item.dataset for item in current.inputs))
    if waiting:
        raise ReleaseError(
            f"nothing is built: {', '.join(waiting)} went live and no live reply could be read "
            f"yet. Release {current.release_id} keeps the figures from before; mend the source's "
            "key or address, or unset them"
        )


def _unfinished(store: Store, wanted: str, current: str) -> str | None:
    """Return the newest build of this fingerprint that did not get to be current, if any."""
    whole = [
        name
        for name in store.ids()
        if name > current and manifest.read(store.releases / name).fingerprint == wanted
    ]
    begun = [
        path.name
        for path in candidate_folders(store.candidates)
        if path.name > current and identity.fits(path.name, wanted)
    ]
    return max([*whole, *begun], default=None)


def assemble(
    settings: Settings, release_id: str, *, audited_here: bool = False
) -> Candidate | None:
    """Write the inputs and let dbt build the warehouse; None where it is published already.

    Where this process audits it too, it imports what that takes while dbt works in another, and
    judges the inputs where they are many.
    """
    from release import candidate, judged

    if release_id in Store(settings).ids():
        return None
    if audited_here:
        with judged.judging(settings, release_id) as judge:
            return candidate.assemble(settings, release_id, meanwhile=judge)
    return candidate.assemble(settings, release_id)


def audit(settings: Settings, release_id: str) -> AuditReport:
    """Run both gates and the diff; raise GateError where the candidate must not be seen."""
    from release import audit as audits

    return audits.audit(settings, release_id)


def publish(settings: Settings, release_id: str) -> Manifest:
    """Make the audited candidate the current release."""
    from release import publish as publishing

    return publishing.publish(settings, release_id)


def run(settings: Settings) -> tuple[Plan, Manifest | None]:
    """Run all four steps in one process; no manifest where nothing is new."""
    planned = plan(settings)
    if planned.unchanged:
        return planned, None
    assemble(settings, planned.release_id, audited_here=True)
    audit(settings, planned.release_id)
    return planned, publish(settings, planned.release_id)


def approve(settings: Settings, release_id: str, by: str, because: str) -> Manifest:
    """Record that a person accepts a candidate's deletions, and publish it.

    Raises ReleaseError where there is nothing to approve, or where something else is wrong.
    """
    from release import audit as audits

    if not by.strip() or not because.strip():
        raise ReleaseError("an approval needs a name and a reason: --by NAME --because REASON")
    store = Store(settings)
    report = audits.read(store.candidate(release_id))
    if report.outcome != "fail" or report.digest is None:
        raise ReleaseError(f"{release_id} waits for no approval: no deletion blocks it")
    if report.beyond_approval:
        raise ReleaseError(
            f"{release_id} can't be approved, it breaks rules that nobody can waive:\n  "
            + "\n  ".join(report.messages)
        )
    if report.against != store.current():
        raise ReleaseError(f"{release_id} was audited against another release: build it again")
    store.record(
        "approved",
        release_id=release_id,
        digest=report.digest,
        by=by.strip(),
        because=because.strip(),
        against=report.against,
        messages=list(report.messages),
    )
    audit(settings, release_id)
    return publish(settings, release_id)
