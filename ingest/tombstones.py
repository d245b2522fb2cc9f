"""Tombstones: the hashes of bytes that were quarantined, and must never land again.

On a disk they are the lines of one file. A store can't add a line to an object, so there each
is an object of its own, named by its hash.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest import storage
from ingest.errors import LandingError
from ingest.storage import AnyPath

NAME = "tombstones.jsonl"
#: In a store: the folder of one object each.
FOLDER = "tombstones"


class QuarantinedError(LandingError):
    """The same bytes were quarantined: they are refused before they touch the disk."""


@dataclass(frozen=True)
class Tombstone:
    """What is left of quarantined bytes."""

    sha256: str
    because: str
    by: str
    at: str


class Tombstones:
    """The tombstones of one landing folder. Written once each, never taken away by code."""

    def __init__(self, landing: AnyPath) -> None:
        self.path = landing / (NAME if isinstance(landing, Path) else FOLDER)

    def all(self) -> list[Tombstone]:
        """Return every tombstone, oldest first."""
        found = []
        for line in self._lines():
            try:
                found.append(Tombstone(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # a line cut short by a crash: its command never ended
        return found if isinstance(self.path, Path) else sorted(found, key=lambda one: one.at)

    def _lines(self) -> list[str]:
        if isinstance(self.path, Path):
            known = self.path.exists()
            return self.path.read_text(encoding="utf-8").splitlines() if known else []
        stones = (self.path / name for name in storage.names(self.path))
        return [body.decode() for body in storage.many(storage.read, stones)]

    def has(self, sha256: str) -> bool:
        """Tell whether these bytes must never land again."""
        if isinstance(self.path, Path):
            return sha256 in self.hashes()
        return storage.exists(self.path / f"{sha256}.json")

    def hashes(self) -> set[str]:
        """Return the hashes that must never land again."""
        return {stone.sha256 for stone in self.all()}

    def newest(self) -> float | None:
        """Return when the last one was set, in seconds of the epoch; None where there is none."""
        moments = [datetime.fromisoformat(stone.at).timestamp() for stone in self.all()]
        return max(moments, default=None)

    def set(self, sha256: str, because: str, by: str) -> Tombstone:
        """Set a tombstone and force it to the disk, before anything is removed."""
        for stone in self.all():
            if stone.sha256 == sha256:
                return stone
        stone = Tombstone(sha256, because, by, datetime.now(UTC).isoformat())
        line = json.dumps(asdict(stone), ensure_ascii=False) + "\n"
        if not isinstance(self.path, Path):
            storage.put(self.path / f"{sha256}.json", line.encode())
            return stone
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            if file.tell() and not self.path.read_bytes().endswith(b"\n"):
                file.write(b"\n")
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        return stone
