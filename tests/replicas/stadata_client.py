"""Installs `stadata` 1.0.0, a public client of BPS, into an environment of its own.

It wants an older pandas and lxml than ours.
"""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("stadata-requirements.txt")


def install(folder: Path) -> Path:
    """Fill ``folder`` from the package index; return its Python. Raises RuntimeError with why."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", REQUIREMENTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"stadata could not be installed:\n{done.stderr}")
    return python
