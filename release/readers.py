"""Who has a release open: nothing that is being read is ever removed.

Two questions to the system. Which processes hold, or have mapped, a file below the folder:
``/proc``, for the processes that we may look into. And does anybody hold DuckDB's lock on the
warehouse: every DuckDB reader takes a shared one, and the lock also tells of readers of other
users and in other containers on this machine. What neither tells: a Parquet file read by
another user's process, and readers of a network drive on another machine. docs/runbooks says so.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

#: struct flock of 64-bit Linux: type, whence, start, length, process (0: of another container).
_FLOCK = struct.Struct("@hhqqi4x")


def holders(folder: Path) -> list[str]:
    """Say which processes have a file of a release open, as text for people."""
    inside = f"{folder.resolve()}/"
    found = [f"process {pid}" for pid in _processes() if _touches(pid, inside)]
    if found:
        # The lock is not asked for: closing the file would drop a lock of our own process.
        return found
    return [f"process {pid}" if pid > 0 else "a process" for pid in _lockers(folder)]


def can_tell() -> bool:
    """Tell whether this system answers; where it does not, everything counts as open."""
    return sys.platform == "linux" and Path("/proc/self/fd").is_dir()


def _processes() -> Iterator[int]:
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            yield int(path.name)


def _touches(pid: int, inside: str) -> bool:
    """Tell whether a process holds or has mapped a file below a folder; no where it is not ours."""
    try:
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if str(handle.readlink()).startswith(inside):
                    return True
            except OSError:
                continue
        return inside in Path(f"/proc/{pid}/maps").read_text(errors="replace")
    except OSError:
        return False


def _lockers(folder: Path) -> list[int]:
    """Return the process that keeps us from writing to the warehouse, if any; take no lock."""
    warehouse = folder / "warehouse.duckdb"
    try:
        with warehouse.open("rb") as file:
            asked = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(file, fcntl.F_GETLK, asked))
    except FileNotFoundError:
        return []
    return [] if kind == fcntl.F_UNLCK else [pid]
