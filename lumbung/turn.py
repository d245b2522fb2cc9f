"""One refresh at a time: a lock that the system itself releases when its holder dies."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


class TakenError(Exception):
    """Another refresh of the same home is at work."""


@contextmanager
def take(path: Path, what: str = "another refresh") -> Iterator[None]:
    """Hold the lock file while the block runs; raise TakenError naming who holds it already.

    ``what`` says what the others do that hold the same lock.

    The file stays behind and means nothing by itself: the lock is the system's, and ends with
    the process however that ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "another process"
            raise TakenError(
                f"{what} is at work: {holder}. Wait for it, or stop it, and try again."
            ) from None
        handle.truncate(0)
        handle.write(_me())
        handle.flush()
        yield
        handle.truncate(0)


def _me() -> str:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"process {os.getpid()} on {socket.gethostname()}, since {now}"
