"""A process of its own that reads a folder of DAG files, as a refresh does at its start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lumbung.settings import ROOT


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script of Python that is told ``folder / "dags"``, with a home below ``folder``."""
    (folder / "dags").mkdir()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
    return subprocess.run(
        [sys.executable, "-c", script, str(folder / "dags")],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=240,
        env={**kept, "LUMBUNG_HOME": str(folder / "a home")},
    )  # fmt: skip
