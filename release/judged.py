"""Judges a candidate's inputs while dbt builds from them, and hands the verdict to the audit.

The inputs are complete before dbt begins. The verdict stays in this process, with what it was
made from: the audit takes it only where it would judge just that itself. Whatever goes wrong here
costs nothing but the time to judge anew. Only many inputs are judged here: few take a second, and
the memory for that would come on top of dbt's, where a refresh of the cited figures has 1 GiB.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from ingest import catalogue as catalogues
from lumbung.settings import Settings
from release.amount import is_large
from release.files import sha256
from release.store import Store

if TYPE_CHECKING:
    import duckdb

    from expectations.results import GateResult

LOG = logging.getLogger("lumbung.release")

#: Of the machine's cores dbt has two; this is in no hurry.
THREADS = 1
MEMORY_LIMIT = "512MB"
#: How often a query that nobody wants any more is told to end.
ASK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Basis:
    """All that the observation gate looks at. ``inputs`` maps a file's name to its sha256."""

    inputs: Mapping[str, str]
    catalogue: catalogues.Catalogue
    previous: tuple[Path, Mapping[str, str]] | None
    today: date


@dataclass(frozen=True)
class Verdict:
    """What the observation gate said, and of what."""

    basis: Basis
    result: GateResult


#: By the candidate's folder; one candidate is built at a time.
_verdicts: dict[Path, Verdict] = {}


def basis(
    folder: Path, catalogue: catalogues.Catalogue, previous: Path | None, today: date | None = None
) -> Basis:
    """Say what the gate would judge now: a candidate's inputs, and those of ``previous``."""
    return Basis(
        inputs=_hashes(folder / "inputs"),
        catalogue=catalogue,
        previous=(previous, _hashes(previous / "inputs")) if previous else None,
        today=today or datetime.now(UTC).date(),
    )


def take(folder: Path, catalogue: catalogues.Catalogue, previous: Path | None) -> GateResult | None:
    """Return the verdict on exactly this, once; None where there is none."""
    verdict = _verdicts.pop(folder, None)
    if verdict is None or verdict.basis != basis(folder, catalogue, previous):
        return None
    return verdict.result


@contextmanager
def judging(settings: Settings, release_id: str) -> Iterator[Judge]:
    """Yield what judges the candidate's inputs; a block that fails wants no verdict any more."""
    judge = Judge(settings, settings.candidates / release_id)
    try:
        yield judge
    except BaseException:
        judge.stop()
        raise


class Judge:
    """One call of the observation gate, in whichever thread; see :func:`judging`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._is_unwanted = False
        _verdicts.pop(folder, None)

    def __call__(self) -> None:
        """Judge, and keep the verdict for the audit. Never raises: the audit would, and says so."""
        try:
            verdict = self._judge()
            with self._lock:
                if verdict and not self._is_unwanted:
                    _verdicts[self._folder] = verdict
        except Exception:
            LOG.exception("the inputs of %s could not be judged early", self._folder.name)
        finally:
            self._ended.set()
            pa.default_memory_pool().release_unused()  # dbt needs it more

    def stop(self) -> None:
        """Drop the verdict, and end a query at work: DuckDB must not outlive the interpreter."""
        with self._lock:
            self._is_unwanted = True
            _verdicts.pop(self._folder, None)
            connection = self._connection
        while connection is not None and not self._ended.wait(ASK_AGAIN_SECONDS):
            connection.interrupt()

    def _judge(self) -> Verdict | None:
        from expectations import gates, runner

        runner.load()
        if not is_large(self._folder / "inputs"):
            return None
        catalogue = catalogues.load(self._settings.catalog)
        previous = Store(self._settings).current_folder()
        before = basis(self._folder, catalogue, previous)
        connection = self._open()
        if connection is None:
            return None
        result = gates.observation_gate(
            self._folder / "inputs", catalogue, previous=previous / "inputs" if previous else None,
            today=before.today, connection=connection,
        )  # fmt: skip
        if any(check.error for check in result.checks):
            LOG.warning("some checks of %s could not run early", self._folder.name)
            return None  # dbt may have had the memory that they wanted
        return Verdict(before, result)

    def _open(self) -> duckdb.DuckDBPyConnection | None:
        """Connect, unless nobody wants a verdict by now."""
        import duckdb

        with self._lock:
            if self._is_unwanted:
                return None
            self._connection = duckdb.connect(
                config={"memory_limit": MEMORY_LIMIT, "threads": THREADS}
            )
            return self._connection


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path) for path in sorted(folder.glob("*.parquet"))}
