"""Audits a candidate: both gates and the diff, kept as files, before anybody may see it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from ingest import catalogue as catalogues
from lumbung.settings import Settings
from release import diff as diffs
from release import judged
from release.errors import GateError, ReleaseError
from release.files import sha256, write_json
from release.names import STATE, WAREHOUSE
from release.store import Store

if TYPE_CHECKING:
    from expectations.results import CheckResult, GateResult

REPORT = "audit.json"


@dataclass(frozen=True)
class AuditReport:
    """How an audit ended. ``gates`` maps a gate's name to pass, warn, approved or fail.

    ``digest`` names what a person may approve: exactly these deletions against exactly this
    release. ``beyond_approval`` tells that something is wrong which nobody can wave through.
    """

    release_id: str
    against: str | None
    gates: dict[str, str]
    diff: dict[str, Any]
    messages: tuple[str, ...]
    warehouse_sha256: str
    digest: str | None
    beyond_approval: bool
    approved_by: str | None

    @property
    def outcome(self) -> str:
        """Return fail where any gate failed, else warn where any warned, else pass."""
        found = set(self.gates.values())
        if "fail" in found:
            return "fail"
        return "warn" if found & {"warn", "approved"} else "pass"


def audit(settings: Settings, release_id: str) -> AuditReport:
    """Run both gates and the diff on a candidate and keep their reports in its folder.

    Raises GateError that names table, rule and rows where a gate fails. A release that was
    published already gives the report it was published with.
    """
    store = Store(settings)
    if release_id in store.ids():
        return read(store.releases / release_id)
    folder = store.candidate(release_id)
    if not (folder / STATE).is_file():
        raise ReleaseError(f"the candidate {release_id} is not assembled yet: assemble it first")
    try:
        report = _audit(settings, store, folder)
        write_json(folder / "quality" / REPORT, asdict(report))
    except (OSError, duckdb.IOException, duckdb.FatalException) as error:
        raise ReleaseError(
            f"the audit of {release_id} could not be finished: {error}. The current release is "
            f"untouched. If the disk is full, make room below {settings.home}; then run the "
            "refresh again."
        ) from error
    if report.outcome == "fail":
        raise GateError(_refusal(report, folder))
    return report


def read(folder: Path) -> AuditReport:
    """Read the report of an audited candidate or release."""
    path = folder / "quality" / REPORT
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return AuditReport(**{**content, "messages": tuple(content["messages"])})
    except (OSError, ValueError, TypeError, KeyError):
        raise ReleaseError(f"{folder.name} was not audited: audit it first") from None


def _audit(settings: Settings, store: Store, folder: Path) -> AuditReport:
    from expectations import docs
    from expectations.gates import candidate_gate

    previous = store.current_folder()
    catalogue = catalogues.load(settings.catalog)
    quality = folder / "quality"
    quality.mkdir(exist_ok=True)
    diff = diffs.compare(previous, folder, _limits(catalogue), keep=quality / "diff.parquet")
    write_json(folder / "diff.json", diff.as_json())
    _enter_diff(folder / WAREHOUSE, quality / "diff.parquet", previous.name if previous else None)
    gates = [
        _observation_gate(folder, catalogue, previous),
        candidate_gate(folder / WAREHOUSE, folder / "inputs"),
    ]
    for gate in gates:
        gate.write(quality)
    docs.build(gates, quality / "docs", f"Lumbung {folder.name}")

    blocking = [check for gate in gates for check in gate.blocking]
    approvable = [check for check in blocking if check.approvable and not check.error]
    digest = _digest(
        store.current(),
        [(c.rule, row["dataset_id"], row["digest"]) for c in approvable for row in c.rows]
        + [("deletions_declared", b.dataset_id, b.digest) for b in diff.blocked],
    )
    approval = store.approval(digest) if digest else None
    outcomes = {gate.name: str(gate.outcome) for gate in gates} | {"diff": diff.outcome}
    if approval:
        outcomes = {
            name: "approved" if outcome == "fail" and _only_approvable(name, gates) else outcome
            for name, outcome in outcomes.items()
        }
    _enter_checks(folder / WAREHOUSE, gates, is_approved=approval is not None)
    return AuditReport(
        release_id=folder.name,
        against=store.current(),
        gates=outcomes,
        diff=diff.summary(),
        messages=(
            *(check.message() for gate in gates for check in gate.failures),
            *(blocked.message() for blocked in diff.blocked),
            *(revised.message() for revised in diff.revised),
        ),
        warehouse_sha256=sha256(folder / WAREHOUSE),
        digest=digest,
        beyond_approval=len(approvable) < len(blocking),
        approved_by=approval["by"] if approval else None,
    )


def _observation_gate(
    folder: Path, catalogue: catalogues.Catalogue, previous: Path | None
) -> GateResult:
    """Hold the inputs to their catalogue, where this process did not do that while dbt worked."""
    from expectations.gates import observation_gate

    told = judged.take(folder, catalogue, previous)
    if told is not None:
        return told
    before = previous / "inputs" if previous else None
    return observation_gate(folder / "inputs", catalogue, previous=before)


def _limits(catalogue: catalogues.Catalogue) -> dict[str, diffs.Limits]:
    return {
        name: diffs.Limits(dataset.expect.deletions_allowed, float(dataset.expect.changes_warn_pct))
        for name, dataset in catalogue.datasets.items()
    }


def _enter_diff(warehouse: Path, differences: Path, against: str | None) -> None:
    """Fill ``marts.release_diff``, which dbt left empty: it can't know what will be current.

    Filled anew at every audit, before the file is hashed.
    """
    columns = ", ".join(diffs.COLUMNS)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("begin")
        connection.execute("delete from marts.release_diff")
        connection.execute(
            f"insert into marts.release_diff (against_release_id, {columns}) "  # noqa: S608
            f"select ?, {columns} from read_parquet(?)",
            [against, str(differences)],
        )
        connection.execute("commit")
        connection.execute("checkpoint")


def _enter_checks(warehouse: Path, gates: Iterable[GateResult], *, is_approved: bool) -> None:
    """Fill ``marts.audit_checks``: what readers are told of every check, passed or not.

    Filled anew at every audit, before the file is hashed.
    """
    from expectations.results import SHOWN

    rows = [
        {
            "gate": gate.name, "suite": check.suite, "table_name": check.table,
            "rule": check.rule, "severity": check.severity,
            "outcome": _told(check, is_approved=is_approved),
            "description_id": check.description_id, "description_en": check.description_en,
            "n_checked": check.n_checked, "n_failed": check.n_failed,
            "examples": _examples(check.rows[:SHOWN]),
        }
        for gate in gates
        for check in gate.checks
    ]  # fmt: skip
    with duckdb.connect(str(warehouse)) as connection:
        connection.register("checks", pa.Table.from_pylist(rows))
        connection.execute("begin")
        connection.execute("delete from marts.audit_checks")
        connection.execute("insert into marts.audit_checks by name from checks")
        connection.execute("commit")
        connection.execute("checkpoint")


def _examples(rows: Sequence[Mapping[str, Any]]) -> str | None:
    return json.dumps(list(rows), ensure_ascii=False, default=str) if rows else None


def _told(check: CheckResult, *, is_approved: bool) -> str:
    if check.passed:
        return "pass"
    if check.severity == "warn":
        return "warn"
    return "approved" if is_approved and check.approvable and not check.error else "fail"


def _only_approvable(name: str, gates: Iterable[Any]) -> bool:
    """Tell whether everything that blocks in a gate is a rule that a person may waive."""
    return all(
        check.approvable and not check.error
        for gate in gates
        if gate.name == name
        for check in gate.blocking
    )


def _digest(against: str | None, deletions: list[tuple[str, str, str]]) -> str | None:
    if not deletions:
        return None
    text = json.dumps([against, sorted(deletions)])
    return hashlib.sha256(text.encode()).hexdigest()


def _refusal(report: AuditReport, folder: Path) -> str:
    stays = f"{report.against} stays current" if report.against else "nothing is published"
    lines = [
        f"the candidate {report.release_id} failed its audit and {stays}:",
        *(f"  {message}" for message in report.messages),
        f"  the candidate and its report are kept in {folder}",
    ]
    if not report.beyond_approval:
        lines.append(
            "  if the source really withdrew these figures: python -m release approve "
            f"{report.release_id} --by YOUR_NAME --because REASON"
        )
    return "\n".join(lines)
