"""Who PostgreSQL runs as: the user who starts it, or an account without rights for root."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.errors import ServingError


@dataclass(frozen=True)
class Account:
    """A user of the system. ``drops`` tells whether we are root and become that user."""

    name: str
    uid: int
    gid: int
    drops: bool

    def run(
        self, command: Sequence[str | Path], timeout_seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from a folder that anybody may enter."""
        become: dict[str, Any] = {}
        if self.drops:
            become = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            [str(part) for part in command],
            cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=timeout_seconds, check=False, **become,
        )  # fmt: skip

    def reaches(self, path: Path) -> bool:
        """Tell whether this user may enter a folder, and every folder above it."""
        return self.run(["/bin/sh", "-c", 'cd "$1"', "sh", path]).returncode == 0

    def owns(self, path: Path) -> None:
        """Give a folder or file to this user, where we are root."""
        if self.drops:
            os.chown(path, self.uid, self.gid)


def choose(wanted: str, data: Path) -> Account:
    """Return who runs PostgreSQL: ourselves, or for root the owner of the data, else ``wanted``.

    Raises ServingError where root names an account that is not there or is root again, and where
    the data is another user's.
    """
    uid = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if uid != 0:
        if owner is not None and owner != uid:
            raise ServingError(
                f"{data} belongs to {_name(owner)}, not to {_name(uid)}: start PostgreSQL as the "
                "user who started it first"
            )
        return Account(_name(uid), uid, os.getegid(), drops=False)
    if owner:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    for entry in pwd.getpwall():
        if entry.pw_name == wanted and entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    raise ServingError(
        f"PostgreSQL refuses to run as root, and '{wanted}' is no other account here: set "
        "LUMBUNG_POSTGRES_USER to one that may run it"
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
