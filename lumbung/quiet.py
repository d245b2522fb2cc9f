"""Keep a refresh readable: libraries talk into a log file, people get the terminal.

Airflow, dbt and their children write to the process's own standard output and error, so
the redirection is made where they write: at the file descriptors.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

KEPT_LOGS = 20


@contextmanager
def talk_into(log: Path) -> Iterator[TextIO]:
    """Send everything printed in the block to ``log``; yield the terminal for our own words."""
    log.parent.mkdir(parents=True, exist_ok=True)
    _forget_old(log.parent)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    with log.open("ab", buffering=0) as sink, os.fdopen(os.dup(1), "w", encoding="utf-8") as ours:
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield ours
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            ours.flush()
            for number, original in enumerate(saved, start=1):
                os.dup2(original, number)
                os.close(original)


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log, for showing beside a failure nobody foresaw."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("refresh-*.log"))[: -KEPT_LOGS + 1]:
        old.unlink(missing_ok=True)
