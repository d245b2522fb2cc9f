"""Removes what writers that were killed left lying about: their temporary files.

A writer holds the system's lock on its file for as long as it lives, so a file that nobody
holds belongs to nobody.
"""

from __future__ import annotations

import fcntl
import time
from pathlib import Path

from ingest.storage import AnyPath

#: What a temporary file's name begins with.
PREFIX = ".writing-"
#: A file this young may belong to a writer that has not yet come to take its lock.
YOUNG_SECONDS = 60.0


def hold(descriptor: int) -> None:
    """Take the lock of a temporary file just made; it ends with the file's last handle."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)


def sweep(*folders: AnyPath) -> int:
    """Delete the temporary files of dead writers below the folders; return how many there were.

    A store has none: what was not put whole was never put.
    """
    return sum(
        _drop(path)
        for folder in folders
        if isinstance(folder, Path)
        for path in folder.rglob(f"{PREFIX}*")
        if not path.is_symlink()
    )


def _drop(path: Path) -> bool:
    """Delete a file unless its writer lives, or it is not ours to delete."""
    try:
        if time.time() - path.stat().st_mtime < YOUNG_SECONDS:
            return False
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except OSError:  # held, gone already, of another user, or on a disk that takes nothing
        return False
    return True
