"""Compares two releases that are kept: figures by dataset and indicator, and tables by hash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lumbung.settings import Settings
from release import diff as diffs
from release import manifest
from release.store import Store


@dataclass(frozen=True)
class Table:
    """One mart in both releases; None where a release does not have it."""

    name: str
    rows_before: int | None
    rows_after: int | None
    is_same: bool


@dataclass(frozen=True)
class Comparison:
    """How ``after`` differs from ``before``; ``changes`` is the file with every difference."""

    before: str
    after: str
    tables: tuple[Table, ...]
    diff: diffs.Diff
    changes: Path


def compare(settings: Settings, before: str, after: str, out: Path | None = None) -> Comparison:
    """Compare two releases and write every difference as CSV (or Parquet, by its ending).

    Raises UnknownReleaseError where one is not kept.
    """
    store = Store(settings)
    old, new = store.folder(before), store.folder(after)
    changes = out or settings.home / "comparisons" / f"{before}..{after}.csv"
    changes.parent.mkdir(parents=True, exist_ok=True)
    found = diffs.compare(old, new, {}, keep=changes)
    return Comparison(before, after, _tables(old, new), found, changes)


def _tables(old: Path, new: Path) -> tuple[Table, ...]:
    was = {table.name: table for table in manifest.read(old).tables}
    now = {table.name: table for table in manifest.read(new).tables}
    return tuple(
        Table(
            name,
            was[name].rows if name in was else None,
            now[name].rows if name in now else None,
            name in was and name in now and was[name].sha256 == now[name].sha256,
        )
        for name in sorted(was | now)
    )
