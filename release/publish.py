"""Publishes an audited candidate: Parquet, manifest, everything on disk, then one switch.

The candidate's folder itself becomes the release's: one rename makes it whole, one replaced
link makes it current. Killed anywhere, the next run finishes what is missing.
"""

from __future__ import annotations

import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from platform import python_version
from typing import Any

import pyarrow.parquet as pq

import lumbung
from lumbung.settings import ROOT, Settings
from release import audit as audits
from release import manifest, retention
from release.candidate import Candidate
from release.candidate import read as read_candidate
from release.errors import ReleaseError
from release.export import export
from release.files import sha256, sync_folder, sync_tree, write_json
from release.names import WAREHOUSE
from release.store import Store

PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow")


def publish(settings: Settings, release_id: str) -> manifest.Manifest:
    """Make an audited candidate the current release, and drop the oldest beyond those kept.

    Does nothing twice: what an earlier, killed run has done already is only completed.
    Raises ReleaseError where the candidate was not audited, failed, or has changed since.
    """
    store = Store(settings)
    with store.lock():
        try:
            if release_id not in store.ids():
                _complete(settings, store, release_id)
        except OSError as error:
            raise ReleaseError(
                f"the release {release_id} could not be written: {error}. The current release is "
                f"untouched. Make room below {settings.home}, then run the refresh again."
            ) from error
        published = manifest.read(store.folder(release_id))
        if store.current() != release_id:
            store.switch(release_id)
        if not store.is_recorded("published", release_id):
            store.record("published", release_id=release_id, fingerprint=published.fingerprint)
        retention.sweep(settings, store)
        return published


def _complete(settings: Settings, store: Store, release_id: str) -> None:
    """Turn the candidate's folder into a whole release folder."""
    folder = store.candidate(release_id)
    candidate = read_candidate(folder)
    report = audits.read(folder)
    _refuse_unaudited(store, folder, report)
    tables = export(folder / WAREHOUSE, folder / "marts", settings.build_memory)
    _drop_dbt_files(folder)
    write_json(folder / manifest.NAME, _manifest(folder, candidate, report, tables))
    sync_tree(folder)
    folder.rename(store.releases / release_id)
    sync_folder(store.releases)
    sync_folder(store.candidates)


def _refuse_unaudited(store: Store, folder: Path, report: audits.AuditReport) -> None:
    if report.outcome == "fail":
        raise ReleaseError(f"{report.release_id} failed its audit; it can't be published")
    if report.against != store.current():
        raise ReleaseError(
            f"{report.release_id} was audited against {report.against or 'no release'}, but "
            f"{store.current()} is current now: audit it again"
        )
    if sha256(folder / WAREHOUSE) != report.warehouse_sha256:
        raise ReleaseError(f"{report.release_id} has changed since its audit: build it again")


def _drop_dbt_files(folder: Path) -> None:
    """Keep dbt's results, not its compiled copies: they carry this machine's paths."""
    results = folder / "dbt" / "run_results.json"
    if results.exists():
        results.replace(folder / "quality" / "dbt_run_results.json")
    shutil.rmtree(folder / "dbt", ignore_errors=True)


def _manifest(
    folder: Path,
    candidate: Candidate,
    report: audits.AuditReport,
    tables: list[dict[str, Any]],
) -> dict[str, Any]:
    snapshots = pq.read_table(folder / "inputs" / "snapshots.parquet").to_pylist()
    return {
        "release_id": candidate.release_id,
        "created_at": candidate.created_at,
        "fingerprint": candidate.fingerprint,
        "region_edition": candidate.region_edition,
        "inputs": sorted(
            (
                {
                    "dataset": row["dataset_id"],
                    "sha256": row["snapshot_id"],
                    "fetched_at": _moment(row["last_fetched_at"]),
                    "is_sample": row["is_sample"],
                }
                for row in snapshots
            ),
            key=lambda item: (item["dataset"], item["sha256"]),
        ),
        "tables": tables,
        "gates": [{"name": n, "outcome": outcome} for n, outcome in report.gates.items()],
        "diff": {**report.diff, "approved_by": report.approved_by},
        "versions": versions(),
        "ledger": candidate.ledger,
        "live_connections": candidate.live_connections,
        "warehouse_sha256": report.warehouse_sha256,
    }


def _moment(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def versions() -> dict[str, str]:
    """Return what builds a release here: Python, packages, ours, and the commit where known."""
    found = {
        "python": python_version(),
        **{name: metadata.version(name) for name in PACKAGES},
        "lumbung": lumbung.__version__,
    }
    commit = _commit()
    return {**found, "commit": commit} if commit else found


def _commit() -> str | None:
    """Return the commit of the tree, None for a ZIP; the fingerprint tells uncommitted changes."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return None
    done = subprocess.run(
        [git, "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or None
