"""Assembles a candidate: the inputs as files, and the warehouse that dbt builds from them.

dbt runs as a process of its own, so that the file is closed when it ends, and its words are
kept. Everything lies in the candidate's folder, which nobody reads before it is published.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import catalogue as catalogues
from ingest import inputs, past
from ingest.errors import LandingError
from ingest.landing import Landing
from lumbung.settings import ROOT, Settings
from release import fingerprint, identity, parsed
from release.errors import AssemblyError
from release.failures import describe
from release.files import locked, write_json
from release.store import Store

STATE = "candidate.json"
#: What dbt writes, staging and intermediate tables included, and what is published of it.
BUILT = "built.duckdb"
WAREHOUSE = "warehouse.duckdb"

#: What a process needs of the environment of whoever started us.
NEEDED = ("PATH", "PYTHON", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
#: dbt and its libraries must not talk to anybody.
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
}


@dataclass(frozen=True)
class Candidate:
    """What an assembled candidate knows about itself."""

    release_id: str
    created_at: str
    fingerprint: str
    region_edition: str
    is_sample: bool
    ledger: dict[str, Any] | None = None
    live_connections: tuple[str, ...] | list[str] = ()


def assemble(settings: Settings, release_id: str) -> Candidate:
    """Build a candidate, unless it is built already.

    Raises AssemblyError that names the model or test, the rule, sample rows and the log.
    """
    folder = settings.candidates / release_id
    with locked(settings.candidates / ".lock"):
        if (folder / STATE).is_file():
            return read(folder)
        Store(settings).prune_candidates(keep=release_id)
        try:
            return _assemble(settings, release_id, folder)
        except LandingError as error:
            raise AssemblyError(
                f"the candidate {release_id} could not be assembled: {error}. The current release "
                "is untouched."
            ) from error
        except OSError as error:
            raise AssemblyError(
                f"the candidate {release_id} could not be written: {error}. The current release "
                f"is untouched. Make room below {settings.home}, then run the refresh again."
            ) from error


def read(folder: Path) -> Candidate:
    """Read what a candidate says about itself."""
    try:
        return Candidate(**json.loads((folder / STATE).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        raise AssemblyError(f"{folder} holds no assembled candidate: build it again") from None


def _assemble(settings: Settings, release_id: str, folder: Path) -> Candidate:
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "inputs").mkdir(parents=True)
    moment = identity.created_at(release_id)
    written, stood = _write_inputs(settings, folder / "inputs", moment)
    candidate = Candidate(
        release_id=release_id,
        created_at=moment.isoformat(),
        fingerprint=fingerprint.of(written.fingerprint, settings),
        region_edition=region_edition(folder / "inputs"),
        is_sample=_is_sample(folder / "inputs"),
        ledger=asdict(stood),
        live_connections=_live_connections(settings),
    )
    pa.default_memory_pool().release_unused()  # dbt needs it more
    _run_dbt(settings, candidate, folder)
    _keep_marts(folder / BUILT, folder / WAREHOUSE)
    write_json(folder / STATE, candidate.__dict__)
    return candidate


def _write_inputs(
    settings: Settings, folder: Path, moment: datetime
) -> tuple[inputs.Inputs, past.Mark]:
    """Write the inputs as of the release's own moment, and say where the ledger stood.

    Written again where a fetch came in between: a rebuild must find exactly these rows.
    """
    landing = Landing(settings.landing)
    before = past.mark(landing)
    written = inputs.write(settings, folder, now=moment)
    while (after := past.mark(landing)) != before:
        before = after
        written = inputs.write(settings, folder, now=moment)
    return written, before


def _live_connections(settings: Settings) -> list[str]:
    catalogue = catalogues.load(settings.catalog)
    named = {source.connection for source in catalogue.sources.values()}
    return sorted(name for name in named if name and settings.is_live(name))


def region_edition(inputs_folder: Path) -> str:
    """Name the register of regions: its newest change, and a hash of all that it says."""
    digest = hashlib.sha256()
    newest = ""
    for name in ("regions", "region_codes", "region_lineage"):
        path = inputs_folder / f"{name}.parquet"
        if not path.exists():
            continue
        for row in sorted(json.dumps(r, default=str) for r in pq.read_table(path).to_pylist()):
            digest.update(row.encode())
            newest = max(newest, str(json.loads(row).get("valid_from") or ""))
    return f"{newest or 'undated'}-{digest.hexdigest()[:8]}"


def _is_sample(inputs_folder: Path) -> bool:
    column = pq.read_table(inputs_folder / "snapshots.parquet", columns=["is_sample"])
    return any(column.column("is_sample").to_pylist())


def _run_dbt(settings: Settings, candidate: Candidate, folder: Path) -> None:
    """Run ``dbt build`` and keep what it says in ``dbt.log``."""
    command = [
        sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "build",
        "--project-dir", str(settings.dbt_project),
        "--profiles-dir", str(ROOT),
        "--target-path", str(folder / "dbt"),
        "--log-path", str(folder / "dbt"),
        # Unit tests judge the code, not the figures: `make test` runs them.
        "--exclude-resource-type", "unit_test",
        # Its words are kept in dbt.log; a second file with every statement costs a second.
        "--log-level-file", "none",
        *parsed.arguments(settings),
    ]  # fmt: skip
    log = folder / "dbt.log"
    with log.open("wb") as output:
        code = subprocess.run(
            command,
            cwd=folder,
            env=_environment(settings, candidate),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if code:
        raise AssemblyError(describe(folder, log, code))
    parsed.keep(settings, folder / "dbt")


def _environment(settings: Settings, candidate: Candidate) -> dict[str, str]:
    """Tell dbt where to build, in words that are the same for every candidate.

    It stands in the candidate's folder: a path that differed would make it read the project
    anew, and the profile's are the ones it watches most closely. Nothing else of our environment
    is its business, keys least of all, and it looks through all of it at every line it logs.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(NEEDED)}
    told = {
        "LUMBUNG_DUCKDB": BUILT,
        "LUMBUNG_INPUTS": "inputs",
        "LUMBUNG_BUILD_MEMORY": settings.build_memory,
        "LUMBUNG_BUILD_RELEASE_ID": candidate.release_id,
        "LUMBUNG_BUILD_CREATED_AT": candidate.created_at,
        "LUMBUNG_BUILD_IS_SAMPLE": str(candidate.is_sample),
        "LUMBUNG_BUILD_REGION_EDITION": candidate.region_edition,
    }
    return {**kept, **QUIET, **told}


def _keep_marts(built: Path, warehouse: Path) -> None:
    """Copy the marts into the file that is published, in a process of its own.

    Airflow's process, which waits here, has little memory left to copy in.
    """
    if not built.is_file():
        raise AssemblyError(f"dbt ended well, but there is no {built}")
    done = subprocess.run(
        [sys.executable, "-m", "release.marts", str(built), str(warehouse)],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        raise AssemblyError(f"the marts could not be copied into {warehouse}: {said}")
    built.unlink()
