"""Breaks a piece of work at each of its steps on the file system, one after the other.

Python tells an audit hook of every file opened, renamed, linked or removed before it happens.
The work runs in a child process; at its k-th such step below the home the child either dies by
SIGKILL, or meets a full or a read-only disk. For k = 1, 2, ... until the work gets through.
Run as a process of its own, since nothing but the main thread may be there when it forks.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHANGES = frozenset(
    {"os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}
)
REFUSALS = {"full": errno.ENOSPC, "read_only": errno.EROFS}
#: How a child's end is told: it did its work; it gave up with a message of ours; it crashed.
DONE, REFUSED, CRASHED = 0, 3, 4


class Hook:
    """Counts the steps that would change something below a folder, and breaks the k-th."""

    def __init__(self, home: Path, fault: str, at: int) -> None:
        self.home, self.fault, self.at = str(home), fault, at
        self.steps = 0

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take one audit event of Python."""
        if not self._changes(event, arguments):
            return
        self.steps += 1
        if self.fault == "kill" and self.steps == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        # a disk that is full or read-only stays so: every later step fails as well
        removes = event in ("os.remove", "os.rmdir")
        if self.fault == "read_only" and self.steps >= self.at:
            self._refuse(arguments)
        if self.fault == "full" and self.steps >= self.at and not removes:
            self._refuse(arguments)

    def _changes(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "open":
            path, mode, flags = arguments
            writes = bool((flags or 0) & (os.O_WRONLY | os.O_RDWR)) or set(mode or "") & set("wax+")
            return bool(writes) and str(path).startswith(self.home)
        if event == "sqlite3.connect":
            return str(arguments[0]).startswith(self.home)
        return event in CHANGES and any(str(one).startswith(self.home) for one in arguments[:2])

    def _refuse(self, arguments: tuple[Any, ...]) -> None:
        number = REFUSALS[self.fault]
        raise OSError(number, os.strerror(number), str(arguments[0]))


def in_child(work: Callable[[], Any], hook: Hook | None = None) -> tuple[int, str]:
    """Run work in a forked child; return how it ended (-9: killed) and its last words."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code, words = DONE, ""
        try:
            os.close(read)
            if hook:
                sys.addaudithook(hook)
            words = str(work() or "")
        except Exception as error:
            names = {one.__name__ for one in type(error).__mro__}
            ours = names & {"IngestError", "ReleaseError", "OSError"}
            code, words = (REFUSED if ours else CRASHED), f"{type(error).__name__}: {error}"
        os.write(write, words.encode()[:4000])
        os._exit(code)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        words = pipe.read().decode(errors="replace")
    _, status = os.waitpid(child, 0)
    return (-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)), words


def try_all(scenario: Any, folder: Path, fault: str, limit: int = 400) -> list[dict[str, Any]]:
    """Break the scenario's work at every step; return for each what readers saw then and after."""
    scenario.prepare(folder / "before")
    found = []
    for at in range(1, limit):
        here = folder / "world"
        shutil.rmtree(here, ignore_errors=True)
        shutil.copytree(folder / "before", here, symlinks=True)
        hook = Hook(here / "home", fault, at)
        code, words = in_child(lambda here=here: scenario.work(here), hook)
        _, seen = in_child(lambda here=here: scenario.read(here))
        again, why = in_child(lambda here=here: scenario.work(here))
        _, then = in_child(lambda here=here: scenario.read(here))
        _, left = in_child(lambda here=here: scenario.left_over(here))
        found.append(
            {
                "at": at, "code": code, "words": words, "seen": seen,
                "recovered": again == DONE, "why": why, "then": then, "left_over": left,
            }
        )  # fmt: skip
        if code == DONE:
            return found
    raise SystemExit(f"{fault}: the work never got through in {limit} steps")


if __name__ == "__main__":
    from tests.faults import scenarios

    name, folder, fault = sys.argv[1:4]
    sys.stdout.write(json.dumps(try_all(scenarios.ALL[name], Path(folder), fault)))
