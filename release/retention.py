"""Which releases are kept: the newest, the pinned, the cited; and what may never be removed.

A *pinned* release is kept whole for as long as it is pinned. A *cited* one, once it is old,
keeps its Parquet files, manifest and reports for ever and gives up its DuckDB file. A release
with quarantined bytes in it goes, pinned or cited or not, as soon as it is neither current nor
open. Whatever goes leaves its manifest behind, so that it can be built again from landing.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest import storage
from ingest.tombstones import Tombstones
from lumbung.settings import Settings
from release import manifest, readers
from release.errors import ReleaseError
from release.files import sync_folder
from release.store import Store, candidate_folders

#: What stays of a cited release.
CITED_KEEPS = frozenset({"marts", "quality", manifest.NAME, "diff.json"})


@dataclass
class Collected:
    """What one collection did. ``spared`` says why a release that was due stayed."""

    removed: list[str] = field(default_factory=list)
    reduced: list[str] = field(default_factory=list)
    spared: dict[str, str] = field(default_factory=dict)
    quarantined: list[str] = field(default_factory=list)


def pin(settings: Settings, release_id: str, because: str, by: str) -> None:
    """Keep a release whole until it is unpinned, however old it gets."""
    _decide(settings, "pinned", release_id, because, by)


def unpin(settings: Settings, release_id: str, because: str, by: str) -> None:
    """Let a release age again."""
    if release_id not in Store(settings).pinned():
        raise ReleaseError(f"{release_id} is not pinned")
    _decide(settings, "unpinned", release_id, because, by)


def cite(settings: Settings, release_id: str, because: str, by: str) -> None:
    """Keep a release's Parquet files for ever: somebody has quoted it."""
    _decide(settings, "cited", release_id, because, by)


def _decide(settings: Settings, event: str, release_id: str, because: str, by: str) -> None:
    if not because.strip() or not by.strip():
        raise ReleaseError("say who and why: --by NAME --because REASON")
    store = Store(settings)
    with store.lock():
        store.folder(release_id)
        store.record(event, release_id=release_id, because=because.strip(), by=by.strip())


def collect(settings: Settings) -> Collected:
    """Remove what is due, while nobody publishes."""
    store = Store(settings)
    with store.lock():
        return sweep(settings, store)


def sweep(settings: Settings, store: Store) -> Collected:
    """Remove what is due; the caller holds the store's lock."""
    done = Collected()
    tainted = _tainted(settings, store)
    done.quarantined = sorted(tainted)
    cited, pinned = store.cited(), store.pinned()
    for name in _due(store, pinned, tainted):
        reason = _untouchable(store, name)
        if reason:
            done.spared[name] = reason
        elif name in cited and name not in tainted:
            if store.is_whole(name):
                _reduce(store, name)
                done.reduced.append(name)
        else:
            _archive_manifest(store, name)
            store.remove(store.releases / name)
            done.removed.append(name)
    _drop_tainted_candidates(settings, store)
    return done


def _due(store: Store, pinned: Mapping[str, object], tainted: set[str]) -> list[str]:
    """Return what is beyond the number kept, or quarantined; the current one counts as kept."""
    current = store.current()
    ageing = [
        name
        for name in store.ids()
        if name != current and name not in pinned and name not in tainted
    ]
    whole = [name for name in ageing if store.is_whole(name)]
    surplus = set(whole[: max(0, len(whole) - (store.keep - 1))])
    uncited = {name for name in ageing if not store.is_whole(name)} - set(store.cited())
    return sorted(surplus | uncited | tainted)


def _untouchable(store: Store, name: str) -> str | None:
    if name == store.current():
        return "it is the current release"
    if not readers.can_tell():
        return "this system can't say whether somebody has it open"
    found = readers.holders(store.releases / name)
    return f"open: {', '.join(found)}" if found else None


def _reduce(store: Store, name: str) -> None:
    """Leave a cited release its Parquet files; the DuckDB file goes first."""
    folder = store.releases / name
    _archive_manifest(store, name)
    (folder / "warehouse.duckdb").unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.name in CITED_KEEPS:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    sync_folder(folder)


def _archive_manifest(store: Store, name: str) -> None:
    """Keep the manifest of what goes: it names every input that a rebuild needs."""
    store.manifests.mkdir(parents=True, exist_ok=True)
    target = store.manifests / f"{name}.json"
    if not target.exists():
        partial = target.with_suffix(".partial")
        shutil.copyfile(store.releases / name / manifest.NAME, partial)
        partial.replace(target)
        sync_folder(store.manifests)


def _tainted(settings: Settings, store: Store) -> set[str]:
    """Return the releases that were built from bytes quarantined since."""
    buried = Tombstones(storage.landing(settings)).hashes()
    if not buried:
        return set()
    return {
        name
        for name in store.ids()
        if buried & {item.sha256 for item in manifest.read(store.releases / name).inputs}
    }


def _drop_tainted_candidates(settings: Settings, store: Store) -> None:
    """Remove candidates once anything is quarantined: none says reliably what is in it."""
    newest = Tombstones(storage.landing(settings)).newest()
    if newest is None:
        return
    for folder in candidate_folders(store.candidates):
        if _begun(folder) < newest:
            store.remove(folder)


def _begun(folder: Path) -> float:
    """Return when a candidate's inputs were written; long ago where they are not whole."""
    snapshots = folder / "inputs" / "snapshots.parquet"
    return snapshots.stat().st_mtime if snapshots.exists() else 0.0
