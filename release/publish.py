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

import duckdb
import pyarrow.parquet as pq

import lumbung
from lumbung.settings import ROOT, Settings
from release import audit as audits
from release import manifest, retention
from release.candidate import Candidate
from release.candidate import read as read_candidate
from release.errors import ReleaseError
from release.files import sha256, sync_folder, sync_tree, write_json
from release.names import WAREHOUSE
from release.store import Store

#: What DuckDB may take where nobody says more: sorting a table of millions spills to disk beyond.
MEMORY_LIMIT = "512MB"
#: What most readers filter by comes first: each row group then holds few values of it, which is
#: quicker to leave out and smaller than rows in the order of their hashes.
FIRST = ("indicator_id", "region_code", "period_start", "period_end")
#: Higher ones take twice the processor and make the files no smaller: half of it is hashes.
LEVEL = 1
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


def export(warehouse: Path, folder: Path, memory: str = MEMORY_LIMIT) -> list[dict[str, Any]]:
    """Write every mart as Parquet, its rows in one order, and return name, rows and hash.

    ``memory`` is what DuckDB may take of it: dbt's share, as dbt has ended by now.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        _refuse_huge_integers(connection)
        names = [
            row[0]
            for row in connection.execute(
                "select table_name from information_schema.tables "
                "where table_schema = 'marts' order by table_name"
            ).fetchall()
        ]
        if not names:
            raise ReleaseError(f"{warehouse} holds no marts")
        try:
            return [_export_one(connection, name, folder) for name in names]
        except duckdb.IOException as error:
            raise OSError(str(error)) from error


def _export_one(connection: duckdb.DuckDBPyConnection, name: str, folder: Path) -> dict[str, Any]:
    path = folder / f"{name}.parquet"
    target = str(path).replace("'", "''")
    connection.execute(
        f"""copy (from marts."{name}" order by {_order(connection, name)}) """
        f"to '{target}' (format parquet, compression zstd, compression_level {LEVEL})"
    )
    return {"name": name, "rows": pq.read_metadata(path).num_rows, "sha256": sha256(path)}


def _order(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Name every column, as only that orders rows in one way whatever a table's key is."""
    found = connection.execute(
        "select column_name from information_schema.columns "
        "where table_schema = 'marts' and table_name = ? order by ordinal_position",
        [name],
    ).fetchall()
    columns = [column for (column,) in found]
    first = [column for column in FIRST if column in columns]
    ordered = [*first, *(column for column in columns if column not in first)]
    return ", ".join(f'"{column}"' for column in ordered)


def _refuse_huge_integers(connection: duckdb.DuckDBPyConnection) -> None:
    """Parquet has no 128-bit integer: DuckDB would write floating-point money without a word."""
    found = connection.execute(
        "select table_name || '.' || column_name from information_schema.columns "
        "where table_schema = 'marts' and data_type in ('HUGEINT', 'UHUGEINT')"
    ).fetchall()
    if found:
        names = ", ".join(row[0] for row in found)
        raise ReleaseError(f"HUGEINT can't be published ({names}): cast the sum to bigint")


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
