"""An alert: what happened to what, in words, and the page that says what to do."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["task_failed", "deadline_missed", "dataset_late", "dataset_failing"]

#: Each kind has its page in docs/runbooks/.
RUNBOOKS: dict[Kind, str] = {
    "task_failed": "docs/runbooks/refresh-failed.md",
    "deadline_missed": "docs/runbooks/deadline-missed.md",
    "dataset_late": "docs/runbooks/dataset-late.md",
    "dataset_failing": "docs/runbooks/dataset-failing.md",
}

RELEASE_ID = re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}\b")
_CHANGING = re.compile(r"[0-9a-f]*\d[0-9a-f]*")


@dataclass(frozen=True)
class Alert:
    """One trouble. ``subject`` is the task or dataset in trouble."""

    kind: Kind
    subject: str
    message: str
    run_id: str | None = None
    dataset_id: str | None = None
    release_id: str | None = None

    @property
    def key(self) -> str:
        """Name the trouble: the same one met again has the same key, whatever the hour.

        Numbers and hashes in the message count nothing; other words are another trouble.
        """
        words = _CHANGING.sub("#", RELEASE_ID.sub("#", self.message))
        digest = hashlib.sha256(words.encode()).hexdigest()[:12]
        return f"{self.kind}:{self.subject}:{digest}"

    @property
    def runbook(self) -> str:
        """Return the page that says what to do."""
        return RUNBOOKS[self.kind]

    @property
    def title(self) -> str:
        """Say in one line what happened."""
        return f"Lumbung: {self.subject}: {self.kind.replace('_', ' ')}"

    def text(self) -> str:
        """Say all of it, as a message to people."""
        ids = {"run": self.run_id, "dataset": self.dataset_id, "release": self.release_id}
        about = [f"{name}: {value}" for name, value in ids.items() if value]
        return "\n".join([self.title, "", self.message, "", *about, f"what to do: {self.runbook}"])
