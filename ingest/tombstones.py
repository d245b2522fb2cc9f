"""Tombstones: the hashes of bytes that were quarantined, and must never land again."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import LandingError

NAME = "tombstones.jsonl"


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

    def __init__(self, landing: Path) -> None:
        self.path = landing / NAME

    def all(self) -> list[Tombstone]:
        """Return every tombstone, oldest first."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                found.append(Tombstone(**json.loads(line)))
            except (ValueError, TypeError):
                continue  # a line cut short by a crash: its command never ended
        return found

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
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as file:
            if file.tell() and not self.path.read_bytes().endswith(b"\n"):
                file.write(b"\n")
            file.write((json.dumps(asdict(stone), ensure_ascii=False) + "\n").encode())
            file.flush()
            os.fsync(file.fileno())
        return stone
