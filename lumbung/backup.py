"""Copies landing and releases to another place, whole and verified, and brings them back.

A backup is a folder of plain files: nobody needs this program to read one. ``backup.json`` names
every file with its sha256. The ledger is copied by SQLite's own means, so that a fetch that
happens meanwhile is in it whole or not at all; objects and releases never change once they are
there. Observations are not copied: they are read again from landing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from lumbung.settings import Settings
from release.store import Store

MANIFEST = "backup.json"
LEDGER = "landing/ledger.sqlite"
CURRENT = "releases/current"
FORMAT = 1
#: What a half-written backup or restore is called: it is never taken for a whole one.
PARTIAL = ".partial"
_NOT_COPIED = (".lock", ".writing-", ".removed-", ".current-")


class BackupError(Exception):
    """A backup can't be made, or is not what it says; the message says what to do."""


def backup(settings: Settings, destination: Path, now: datetime | None = None) -> dict[str, Any]:
    """Write a new backup below ``destination`` and verify it; return its manifest.

    Raises BackupError where the folder holds something already, what was written is damaged, or
    workers share more than the home.
    """
    _refuse_shared(settings)
    if not settings.landing.is_dir():
        raise BackupError(f"there is nothing to back up in {settings.home}: run `make refresh`")
    if destination.exists() and any(destination.iterdir()):
        raise BackupError(f"{destination} is not empty: name a new folder")
    if settings.home in (destination.absolute(), *destination.absolute().parents):
        raise BackupError(f"{destination} lies in the home that it should save: choose elsewhere")
    partial = destination.with_name(destination.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    # the ledger first: every object that it names was on the disk before its row was
    _copy_ledger(settings.landing / "ledger.sqlite", partial / LEDGER)
    with Store(settings).lock():  # no release comes or goes while they are copied
        current = _current(settings)
        for path in _files(settings):
            _copy(path, partial / path.relative_to(settings.home))
    manifest = {
        "format": FORMAT,
        "created_at": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "current": current,
        "files": {
            path.relative_to(partial).as_posix(): {"sha256": _sha256(path), "size": _size(path)}
            for path in sorted(partial.rglob("*"))
            if path.is_file()
        },
    }
    _check_objects(manifest, partial)
    _write(partial / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    if destination.exists():
        destination.rmdir()
    partial.rename(destination)
    verify(destination)
    return manifest


def verify(source: Path) -> dict[str, Any]:
    """Check every file of a backup against its manifest; return the manifest.

    Raises BackupError naming the first file that is missing, damaged, foreign or out of place.
    """
    try:
        manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        files: dict[str, dict[str, Any]] = manifest["files"]
        known = manifest["format"] == FORMAT
    except (OSError, ValueError, KeyError, TypeError):
        raise BackupError(f"{source} holds no whole backup: {MANIFEST} can't be read") from None
    if not known:
        raise BackupError(f"{source} was written by another version of this program")
    for name, wanted in files.items():
        path = source / _inside(name)
        if path.is_symlink() or not path.is_file():
            raise BackupError(f"{source}: {name} is missing")
        if _sha256(path) != wanted["sha256"]:
            raise BackupError(f"{source}: {name} is damaged: use another backup")
    current = manifest.get("current")
    if current is not None and f"releases/{current}/manifest.json" not in files:
        raise BackupError(f"{source}: the current release {current} is not in it")
    return dict(manifest)


def restore(settings: Settings, source: Path) -> dict[str, Any]:
    """Bring a verified backup back into an empty home; return its manifest.

    Raises BackupError where the home holds landing or releases: nothing is ever overwritten; and
    where workers share more than the home.
    """
    _refuse_shared(settings)
    manifest = verify(source)
    for folder in (settings.landing, settings.releases):
        if folder.exists() and any(folder.iterdir()):
            raise BackupError(
                f"{folder} is not empty: set LUMBUNG_HOME to a new folder, or move it away first"
            )
    for name, wanted in manifest["files"].items():
        target = settings.home / _inside(name)
        _copy(source / _inside(name), target)
        if _sha256(target) != wanted["sha256"]:
            raise BackupError(f"{target} is not what the backup holds: is the disk damaged?")
    settings.releases.mkdir(parents=True, exist_ok=True)
    if manifest["current"]:
        # last: before it, nobody reads; after it, everything is there
        fresh = settings.releases / ".current-restored"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(manifest["current"], target_is_directory=True)
        fresh.replace(settings.home / CURRENT)
    return manifest


def _refuse_shared(settings: Settings) -> None:
    """Refuse what would only look like a backup: a copy of a home without its replies."""
    if settings.shared_url is not None or settings.ledger_dsn is not None:
        raise BackupError(
            "a copy of this home would not hold what workers share: save LUMBUNG_SHARED_URL by the "
            "store's own means and LUMBUNG_LEDGER_DSN by pg_dump (docs/several-workers.md)"
        )


def _inside(name: str) -> Path:
    """Return a manifest's name as a path that stays where it belongs."""
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or path.parts[:1]
        not in (
            ("landing",),
            ("releases",),
        )
    ):
        raise BackupError(f"the backup names a file outside of itself: {name!r}")
    return Path(*path.parts)


def _current(settings: Settings) -> str | None:
    link = settings.home / CURRENT
    return link.readlink().name if link.is_symlink() else None


def _files(settings: Settings) -> Iterator[Path]:
    """Yield what never changes once it is there: objects, and the files of whole releases."""
    for folder in (settings.landing, settings.releases):
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(settings.home).parts
            hidden = any(part.startswith(_NOT_COPIED) for part in parts)
            is_ledger = path.name.startswith("ledger.sqlite")
            if path.is_file() and not path.is_symlink() and not hidden and not is_ledger:
                yield path


def _copy_ledger(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(source, timeout=30)) as before,
        closing(sqlite3.connect(target)) as after,
    ):
        before.backup(after)
        (found,) = after.execute("pragma integrity_check").fetchone()
    if found != "ok":
        raise BackupError(f"the ledger {source} is damaged: {found}")


def _check_objects(manifest: dict[str, Any], folder: Path) -> None:
    """Every reply that the copied ledger names must have come along."""
    with closing(sqlite3.connect(folder / LEDGER)) as ledger:
        named = {row[0] for row in ledger.execute("select distinct sha256 from fetches")}
    missing = named - {PurePosixPath(name).name for name in manifest["files"]}
    if missing:
        raise BackupError(
            f"the ledger names {len(missing)} replies that landing does not hold, the first is "
            f"{min(missing)}: see docs/runbooks/landing-damaged.md"
        )


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _size(path: Path) -> int:
    return path.stat().st_size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
