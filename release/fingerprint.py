"""One hash over everything that decides what a release says: inputs, models, gates, lock.

Cheap on purpose: it is asked before dbt or Great Expectations is imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from ingest import inputs
from lumbung.settings import ROOT, Settings

#: What dbt and Python leave behind, and what says nothing about the figures.
IGNORED_PARTS = frozenset({"target", "logs", "__pycache__", "dbt_packages"})
IGNORED_NAMES = frozenset({".user.yml"})
IGNORED_SUFFIXES = frozenset({".duckdb", ".wal", ".pyc"})
#: Single files of the root that decide too: which libraries, and how dbt connects.
ROOT_FILES = ("requirements.txt", "profiles.yml")


def current(settings: Settings) -> str:
    """Return the fingerprint of what a release would be made of now."""
    return of(inputs.fingerprint(settings), settings)


def of(inputs_fingerprint: str, settings: Settings) -> str:
    """Return the fingerprint of given inputs with the code as it is now."""
    digest = hashlib.sha256(inputs_fingerprint.encode())
    folders = {
        "dbt": settings.dbt_project,
        "expectations": ROOT / "expectations",
        "release": ROOT / "release",
    }
    for name, folder in folders.items():
        for path in _files(folder):
            _add(digest, f"{name}/{path.relative_to(folder).as_posix()}", path)
    for name in ROOT_FILES:
        if (ROOT / name).exists():
            _add(digest, name, ROOT / name)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, path: Path) -> None:
    content = path.read_bytes()
    digest.update(f"\n{name} {len(content)}\n".encode())
    digest.update(content)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or IGNORED_PARTS & set(inside.parts):
            continue
        if path.name not in IGNORED_NAMES and path.suffix not in IGNORED_SUFFIXES:
            yield path
