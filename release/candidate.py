"""Assembles a candidate: the inputs as files, and the warehouse that dbt builds from them.

Everything lies in the candidate's folder, which nobody reads before it is published.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import catalogue as catalogues
from ingest import inputs, past
from ingest.errors import LandingError, UnreachableError
from ingest.landing import Landing
from lumbung.settings import Settings
from release import fingerprint, identity
from release.errors import AssemblyError
from release.files import locked, write_json
from release.names import SCRATCH, STATE, WAREHOUSE
from release.standby import STANDBY
from release.store import Store


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


def assemble(
    settings: Settings, release_id: str, meanwhile: Callable[[], object] = lambda: None
) -> Candidate:
    """Build a candidate, unless it is built already; do ``meanwhile`` while dbt works.

    Raises AssemblyError that names the model or test, the rule, sample rows and the log; and
    UnreachableError where a store or ledger that workers share does not answer.
    """
    folder = settings.candidates / release_id
    with locked(settings.candidates / ".lock"):
        if (folder / STATE).is_file():
            return read(folder)
        Store(settings).prune_candidates(keep=release_id)
        try:
            return _assemble(settings, release_id, folder, meanwhile)
        except UnreachableError:
            raise  # no refusal: whoever runs this may try again
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


def _assemble(
    settings: Settings, release_id: str, folder: Path, meanwhile: Callable[[], object]
) -> Candidate:
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "inputs").mkdir(parents=True)
    moment = identity.created_at(release_id)
    with STANDBY.process(settings) as dbt:
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
        dbt.build(folder, _words(candidate), meanwhile)
    if not (folder / WAREHOUSE).is_file():
        raise AssemblyError(f"dbt ended well, but there is no {folder / WAREHOUSE}")
    (folder / SCRATCH).unlink(missing_ok=True)
    write_json(folder / STATE, candidate.__dict__)
    return candidate


def _write_inputs(
    settings: Settings, folder: Path, moment: datetime
) -> tuple[inputs.Inputs, past.Mark]:
    """Write the inputs as of the release's own moment, and say where the ledger stood.

    Written again where a fetch came in between: a rebuild must find exactly these rows.
    """
    landing = Landing.of(settings)
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


def _words(candidate: Candidate) -> dict[str, str]:
    """Say about a candidate what dbt writes into it."""
    return {
        "LUMBUNG_BUILD_RELEASE_ID": candidate.release_id,
        "LUMBUNG_BUILD_CREATED_AT": candidate.created_at,
        "LUMBUNG_BUILD_IS_SAMPLE": str(candidate.is_sample),
        "LUMBUNG_BUILD_REGION_EDITION": candidate.region_edition,
    }
