"""The environments of their own that Superset and Spark live in, as the tests of both need them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from lumbung.settings import ROOT


def installed(name: str, folders: pytest.TempPathFactory) -> Path:
    """Return the Python of `.venv-<name>`, installed where that was not done before.

    Test processes take turns: the lock lies in the folder that all of one run share.
    """
    with FileLock(folders.getbasetemp().parent / f"{name}.lock"):
        done = subprocess.run(
            ["sh", "scripts/setup.sh", name], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stderr
    return ROOT / f".venv-{name}" / "bin" / "python"
