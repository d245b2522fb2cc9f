"""The releases that are kept: which is current, how it is switched, and what people decided.

``current`` is a symbolic link replaced in one step. ``history.jsonl`` is only ever appended
to: every publication, roll-back and approval stays in it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lumbung.settings import Settings
from release import manifest
from release.errors import ReleaseError, UnknownReleaseError
from release.files import append_line, locked, sha256, sync_folder

CURRENT = "current"
HISTORY = "history.jsonl"
#: Failed candidates kept for inspection.
KEEP_CANDIDATES = 3


class Store:
    """The releases below one home."""

    def __init__(self, settings: Settings) -> None:
        self.releases = settings.releases
        self.candidates = settings.candidates
        self.keep = max(1, settings.keep_releases)
        #: Manifests of releases that are gone, by id: what a rebuild starts from.
        self.manifests = settings.releases / "manifests"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time change which releases there are."""
        with locked(self.releases / ".lock"):
            yield

    def ids(self) -> list[str]:
        """Return the ids of all whole releases, oldest first."""
        if not self.releases.is_dir():
            return []
        return sorted(
            path.name
            for path in self.releases.iterdir()
            if not path.is_symlink() and (path / manifest.NAME).is_file()
        )

    def folder(self, release_id: str) -> Path:
        """Return a release's folder; raise UnknownReleaseError where there is none."""
        if release_id not in self.ids():
            known = ", ".join(self.ids()) or "none yet"
            raise UnknownReleaseError(f"no release '{release_id}' is kept; there are: {known}")
        return self.releases / release_id

    def is_whole(self, release_id: str) -> bool:
        """Tell whether a release still has its DuckDB file; a cited one gives it up with age."""
        return (self.releases / release_id / "warehouse.duckdb").is_file()

    def pinned(self) -> dict[str, dict[str, Any]]:
        """Return the decision behind every release that is pinned now, by id."""
        return self._decided("pinned", "unpinned")

    def cited(self) -> dict[str, dict[str, Any]]:
        """Return the decision behind every release that somebody cites, by id."""
        return self._decided("cited", "")

    def _decided(self, begin: str, end: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for event in self.history():
            if event["event"] == begin:
                found[event["release_id"]] = event
            elif event["event"] == end:
                found.pop(event["release_id"], None)
        return found

    def candidate(self, release_id: str) -> Path:
        """Return a candidate's folder; raise UnknownReleaseError where there is none."""
        known = [path.name for path in candidate_folders(self.candidates)]
        if release_id not in known:
            raise UnknownReleaseError(
                f"no candidate '{release_id}' is kept; there are: {', '.join(known) or 'none'}"
            )
        return self.candidates / release_id

    def current(self) -> str | None:
        """Return the id of the current release, None before the first."""
        link = self.releases / CURRENT
        if not link.is_symlink():
            return None
        return link.readlink().name

    def current_folder(self) -> Path | None:
        """Return the folder of the current release, None before the first."""
        name = self.current()
        return self.releases / name if name else None

    def current_manifest(self) -> manifest.Manifest | None:
        """Return the manifest of the current release, None before the first."""
        folder = self.current_folder()
        return manifest.read(folder) if folder else None

    def switch(self, release_id: str) -> None:
        """Make a release current in one step: readers see the old link or the new one."""
        folder = self.folder(release_id)
        for stale in self.releases.glob(f".{CURRENT}-*"):
            stale.unlink()
        fresh = self.releases / f".{CURRENT}-{os.getpid()}"
        fresh.symlink_to(folder.name, target_is_directory=True)
        sync_folder(self.releases)
        os.replace(fresh, self.releases / CURRENT)  # noqa: PTH105 - the one atomic step, by name
        sync_folder(self.releases)

    def roll_back(self, release_id: str | None = None) -> tuple[str, str]:
        """Make an older release current and record it; return (from, to).

        Without an id it is the newest one older than the current. The release rolled back
        from is not built again from the same inputs and code (see ``withheld``).
        """
        with self.lock():
            before = self.current()
            if before is None:
                raise ReleaseError("nothing is published yet, so there is nothing to roll back")
            target = release_id or self._before(before)
            fingerprint = manifest.read(self.folder(before)).fingerprint
            self._refuse_reduced(target)
            wanted = manifest.read(self.folder(target)).fingerprint
            self.verify(target)
            if target != before:
                self.record(
                    "rolled_back",
                    release_id=target,
                    rolled_back_from=before,
                    withheld_fingerprint=fingerprint,
                    fingerprint=wanted,
                )
                self.switch(target)
            return before, target

    def _before(self, release_id: str) -> str:
        older = [name for name in self.ids() if name < release_id and self.is_whole(name)]
        if not older:
            raise ReleaseError(f"{release_id} is the oldest release that is kept")
        return older[-1]

    def _refuse_reduced(self, release_id: str) -> None:
        folder = self.folder(release_id)
        if release_id in self.cited() and not (folder / "warehouse.duckdb").exists():
            raise ReleaseError(
                f"only the Parquet files of {release_id} are kept, as it is cited; build it "
                f"again to read it as a database: make rebuild RELEASE={release_id}"
            )

    def withheld(self) -> set[str]:
        """Return the fingerprints that were rolled back from and not made current since."""
        held: set[str] = set()
        for event in self.history():
            if event["event"] == "rolled_back":
                held.add(event["withheld_fingerprint"])
            if event["event"] in ("rolled_back", "published"):
                held.discard(event["fingerprint"])
        return held

    def verify(self, release_id: str) -> int:
        """Check every file of a release against its manifest; return how many there are.

        Raises ReleaseError naming the first file that is missing or differs.
        """
        folder = self.folder(release_id)
        recorded = manifest.read(folder)
        expected = {f"marts/{t.name}.parquet": t.sha256 for t in recorded.tables}
        if release_id not in self.cited() or self.is_whole(release_id):
            expected["warehouse.duckdb"] = recorded.warehouse_sha256
        for name, digest in sorted(expected.items()):
            path = folder / name
            if not path.is_file():
                raise ReleaseError(f"{release_id}: {name} is missing")
            if sha256(path) != digest:
                raise ReleaseError(f"{release_id}: {name} is not what the manifest says")
        return len(expected)

    def prune_candidates(self, keep: str | None = None) -> None:
        """Remove the oldest candidates beyond the few kept for inspection."""
        folders = [path for path in candidate_folders(self.candidates) if path.name != keep]
        for path in folders[: max(0, len(folders) - KEEP_CANDIDATES)]:
            self.remove(path)

    def remove(self, folder: Path) -> None:
        """Take a folder out of sight in one step, then delete it: no half release is seen."""
        grave = folder.with_name(f".removed-{folder.name}")
        if grave.exists():
            shutil.rmtree(grave)
        folder.rename(grave)
        shutil.rmtree(grave)

    def record(self, event: str, **details: Any) -> None:
        """Append one event to the history."""
        entry = {"event": event, "at": datetime.now(UTC).isoformat(), **details}
        append_line(self.releases / HISTORY, entry)

    def history(self) -> list[dict[str, Any]]:
        """Return every recorded event, oldest first; a line cut short by a crash is skipped."""
        path = self.releases / HISTORY
        if not path.exists():
            return []
        events = []
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                events.append(json.loads(line))
            except ValueError:
                continue
        return events

    def is_recorded(self, event: str, release_id: str) -> bool:
        """Tell whether the newest event about a release is this one."""
        about = [e["event"] for e in self.history() if e.get("release_id") == release_id]
        return bool(about) and about[-1] == event

    def was_published(self, release_id: str) -> bool:
        """Tell whether a release's publication got as far as being written down."""
        return any(
            event["event"] == "published" and event.get("release_id") == release_id
            for event in self.history()
        )

    def approval(self, digest: str) -> dict[str, Any] | None:
        """Return who approved exactly these deletions, None where nobody did."""
        for event in reversed(self.history()):
            if event["event"] == "approved" and event["digest"] == digest:
                return event
        return None


def candidate_folders(candidates: Path) -> list[Path]:
    """Return the candidates' folders, oldest first."""
    if not candidates.is_dir():
        return []
    return sorted(p for p in candidates.iterdir() if p.is_dir() and not p.name.startswith("."))
