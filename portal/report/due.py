"""Writes the reports that are due: each region once a half-year, and again when it changed.

A half-year's folder keeps in ``written.json`` which release each region's report was made from. A
report is due where there is none, and where a release since then changed the region or one it is
compared with. What was changed is read off the releases themselves, so that a run that was missed
or killed is made up for by the next one.
"""

from __future__ import annotations

import datetime
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lumbung.settings import Settings
from portal.marts import Marts
from portal.report.period import Half, PeriodError
from portal.report.write import write

WRITTEN = "written.json"
#: Starting processes takes seconds; fewer reports than this are written here.
FEW = 8


@dataclass
class Outcome:
    """What a run came to: regions written by half-year, and how many were up to date."""

    written: dict[str, list[str]] = field(default_factory=dict)
    n_current: int = 0

    @property
    def n_written(self) -> int:
        """The number of regions written, over all half-years."""
        return sum(len(regions) for regions in self.written.values())


def folder_of(settings: Settings, half: Half) -> Path:
    """Return where the reports of a half-year lie."""
    return settings.home / "reports" / str(half)


def write_due(settings: Settings, today: datetime.date) -> Outcome:
    """Write what is due of the half-year that ended last, and of those written before.

    Raises NoReleaseError where nothing is published yet.
    """
    current = (settings.releases / "current").resolve()
    outcome, changes = Outcome(), Changes(settings.releases)
    with Marts(current) as marts:
        regions = [row["region_code"] for row in marts.ask("regions")]
        release_id = marts.release_id
    for half in sorted({Half.last_ended(today), *_kept(settings)}):
        folder = folder_of(settings, half)
        made_from = read_written(folder)
        due = [code for code in regions if _is_due(changes, made_from.get(code), release_id, code)]
        for code in _write_all(current, folder, half, due):
            made_from[code] = release_id
            _keep_written(folder, made_from)
        if due:
            outcome.written[str(half)] = due
        # What did not change in the meantime is as good as made from this release.
        _keep_written(folder, made_from | dict.fromkeys(regions, release_id))
        outcome.n_current += len(regions) - len(due)
    return outcome


class Changes:
    """Which regions releases changed; each release is looked into once."""

    def __init__(self, releases: Path) -> None:
        """Take the folder that holds the releases."""
        self._releases = releases
        self._known: dict[str, tuple[str | None, set[str]]] = {}

    def between(self, before: str, after: str) -> set[str] | None:
        """Return the regions that changed after one release up to another; None: nobody knows.

        Each release names the one it was compared with. A chain that breaks, because a release was
        collected or rolled back from, says nothing.
        """
        changed: set[str] = set()
        at: str | None = after
        while at != before:
            if at is None or not (self._releases / at / "diff.json").is_file():
                return None
            at, found = self._of(at)
            changed |= found
        return changed

    def _of(self, release_id: str) -> tuple[str | None, set[str]]:
        if release_id not in self._known:
            folder = self._releases / release_id
            against = json.loads((folder / "diff.json").read_text(encoding="utf-8"))["against"]
            with Marts(folder) as marts:
                found = {row["region_code"] for row in marts.ask("report_changed_regions")}
            self._known[release_id] = (against, found)
        return self._known[release_id]


def read_written(folder: Path) -> dict[str, str]:
    """Return which release each region's report of a half-year was made from."""
    file = folder / WRITTEN
    if not file.is_file():
        return {}
    read: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read


def _kept(settings: Settings) -> Iterator[Half]:
    reports = settings.home / "reports"
    for folder in reports.iterdir() if reports.is_dir() else ():
        try:
            half = Half.parse(folder.name)
        except PeriodError:
            continue
        if (folder / WRITTEN).is_file():
            yield half


def _is_due(changes: Changes, made_from: str | None, release_id: str, code: str) -> bool:
    if made_from is None:
        return True
    changed = changes.between(made_from, release_id)
    return changed is None or code in changed


def _keep_written(folder: Path, made_from: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{WRITTEN}.new"
    fresh.write_text(json.dumps(made_from, indent=0, sort_keys=True), encoding="utf-8")
    fresh.replace(folder / WRITTEN)


def _write_all(release: Path, folder: Path, half: Half, regions: list[str]) -> Iterator[str]:
    """Write the reports of some regions, many of them on every core; yield each when it is done."""
    cores = len(os.sched_getaffinity(0))
    jobs = [(release, folder, half, code) for code in regions]
    if len(jobs) < FEW or cores < 2:
        yield from map(_write_one, jobs)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores, mp_context=context) as pool:
        yield from pool.map(_write_one, jobs, chunksize=4)


def _write_one(job: tuple[Path, Path, Half, str]) -> str:
    release, folder, half, code = job
    with Marts(release) as marts:
        write(marts, folder, code, half)
    return code
