"""The most that a folder held while something ran: a build's need of a disk, spilling included."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY_SECONDS = 0.5


@dataclass
class Peak:
    """Bytes that a folder held at its fullest, so far."""

    n_bytes: int = 0


@contextmanager
def watched(folder: Path) -> Iterator[Peak]:
    """Look twice a second at what the files below ``folder`` take on the disk."""
    peak, ended = Peak(), threading.Event()

    def look() -> None:
        while True:
            peak.n_bytes = max(peak.n_bytes, taken_by(folder))
            if ended.wait(LOOK_EVERY_SECONDS):
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
        peak.n_bytes = max(peak.n_bytes, taken_by(folder))


def taken_by(folder: Path) -> int:
    """Return the bytes that a folder's files take: blocks, since spilled files have holes."""
    total = 0
    for place, _, names in os.walk(folder):  # passes over a folder that was just deleted
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).stat().st_blocks * 512
    return total
