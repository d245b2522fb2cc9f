"""All replicas in processes of their own, and the settings that they print."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.replicas.__main__ import names

ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def all_running() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Start ``python -m tests.replicas``; yield the process and what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.replicas"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process, _settings_of(process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _settings_of(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read the settings until every replica has said its address, and BPS its key."""
    found: dict[str, str] = {}
    deadline = time.monotonic() + 120
    while sum(name.endswith("_URL") for name in found) < len(names()) or (
        "LUMBUNG_BPS_KEY" not in found
    ):
        assert time.monotonic() < deadline
        assert process.stdout is not None
        name, _, value = process.stdout.readline().strip().partition("=")
        found[name] = value
    return found
