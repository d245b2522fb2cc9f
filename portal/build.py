"""Writes the whole site of a release, drawing and writing only what changed since the last time.

Charts and pages are kept by a hash of everything they depend on: their data, the templates and
this package's code. A new release in which one region changed draws and writes that region; the
rest is copied, with the new release's id stamped in. Readers see the old site or the new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lumbung.settings import Settings
from portal import library, site
from portal.charts import Chart, Drawing, draw
from portal.formats import LANGS, Lang
from portal.marts import Marts
from portal.pages.page import Page
from portal.rendering import Stamps, render, stamped
from portal.report import shelf as reports

PACKAGE = Path(__file__).parent
CURRENT = "current"
#: What lies beside the pages and changes none of them.
BESIDE_PAGES = frozenset({"static", "downloads", "report"})


@dataclass(frozen=True)
class Built:
    """What a build came to: where the site lies and how much of it was made anew."""

    folder: Path
    n_pages: int
    n_written: int
    n_drawn: int


def build(settings: Settings, release: str = CURRENT, out: Path | None = None) -> Built:
    """Write the site of a release and make it current; into ``out`` instead where given.

    Raises NoReleaseError where there is no such release. A site of the same release is replaced.
    """
    portal = settings.home / "portal"
    portal.mkdir(parents=True, exist_ok=True)
    with _alone(portal), Marts(settings.releases / release) as marts:
        known = library.read(marts)
        known.reports = reports.written(settings)
        pages = list(site.pages(known))
        shelf = Shelf(portal / "cache")
        n_drawn = _draw_missing(shelf, pages)
        n_written = _write_missing(shelf, pages)
        building = portal / f".building-{os.getpid()}"
        shutil.rmtree(building, ignore_errors=True)
        stamps = Stamps(known.release_id, known.publication["created_at"], settings.site_url)
        _lay_out(shelf, pages, stamps, building)
        names = {code: str(row["name"]) for code, row in known.regions.items()}
        reports.lay_out(settings, known.reports, names, building)
        site.extras(known, building, marts)
        shelf.forget_unused()
        if out is not None:
            shutil.copytree(building, out, dirs_exist_ok=True)
            shutil.rmtree(building)
            return Built(out, len(pages) * len(LANGS), n_written, n_drawn)
        final = portal / known.release_id
        _switch(portal, building, final)
        _collect(portal, settings)
    return Built(final, len(pages) * len(LANGS), n_written, n_drawn)


class Shelf:
    """Finished charts and pages by their hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[Path] = set()
        # Each is asked for several times, and hashing all that a page holds takes a while.
        self._charts: dict[Drawing, str] = {}
        self._pages: dict[str, str] = {}
        for kind in ("charts", "pages"):
            (folder / kind).mkdir(parents=True, exist_ok=True)

    def chart_file(self, drawing: Drawing) -> Path:
        """Return where a finished drawing lies or will lie."""
        if drawing not in self._charts:
            code = _code("charts.py", "formats.py")
            self._charts[drawing] = _hash("chart", code, asdict(drawing))
        return self._file("charts", self._charts[drawing])

    def page_file(self, page: Page, lang: Lang) -> Path:
        """Return where a written page lies or will lie."""
        if page.path not in self._pages:
            drawn = {name: self.chart_file(drawing).name for name, drawing in page.drawings.items()}
            self._pages[page.path] = _hash(
                "page", _code(), page.path, page.template, page.data, drawn
            )
        return self._file("pages", f"{self._pages[page.path]}-{lang}")

    def forget_unused(self) -> None:
        """Remove what this build did not use."""
        for kind in ("charts", "pages"):
            for file in (self._folder / kind).iterdir():
                if file not in self._used:
                    file.unlink()

    def _file(self, kind: str, name: str) -> Path:
        file = self._folder / kind / name
        self._used.add(file)
        return file


def _hash(*parts: Any) -> str:
    text = json.dumps(parts, default=str, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _code(*names: str) -> str:
    """Hash the package's files, or those named: other code may write another page."""
    files = [PACKAGE / name for name in names] or sorted(
        file
        for file in PACKAGE.rglob("*")
        if file.suffix in {".py", ".html", ".sql", ".yml"}
        and file.relative_to(PACKAGE).parts[0] not in BESIDE_PAGES
    )
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _draw_missing(shelf: Shelf, pages: Sequence[Page]) -> int:
    wanted = {
        shelf.chart_file(drawing): drawing for page in pages for drawing in page.drawings.values()
    }
    missing = [(file, drawing) for file, drawing in wanted.items() if not file.exists()]
    _spread(_draw_one, missing)
    return len(missing)


def _draw_one(job: tuple[Path, Drawing]) -> None:
    file, drawing = job
    chart = draw(drawing)
    _keep(file, json.dumps({"svg": chart.svg, "english": chart.english}, ensure_ascii=False))


def _write_missing(shelf: Shelf, pages: Sequence[Page]) -> int:
    missing = [
        (file, page, lang, {name: shelf.chart_file(drawn) for name, drawn in page.drawings.items()})
        for page in pages
        for lang in LANGS
        if not (file := shelf.page_file(page, lang)).exists()
    ]
    _spread(_write_one, missing)
    return len(missing)


def _write_one(job: tuple[Path, Page, Lang, dict[str, Path]]) -> None:
    file, page, lang, drawn = job
    charts = {
        name: Chart(**json.loads(at.read_text(encoding="utf-8"))) for name, at in drawn.items()
    }
    try:
        html = render(page, lang, charts)
    except Exception as error:
        raise RuntimeError(f"page {page.path} ({lang}) can't be written: {error}") from error
    _keep(file, html)


def _keep(file: Path, text: str) -> None:
    """Write a file whole or not at all: a killed build leaves no half page behind."""
    fresh = file.with_name(f".{file.name}-{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def _spread(work: Callable[[Any], None], jobs: Sequence[Any]) -> None:
    """Do jobs on every core; few of them here, since starting processes takes a second."""
    cores = len(os.sched_getaffinity(0))
    if len(jobs) < 24 or cores < 2:
        for job in jobs:
            work(job)
        return
    # Fresh processes: DuckDB's threads in this one must not be forked.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(cores, 8), mp_context=context) as pool:
        for _ in pool.map(work, jobs, chunksize=max(1, min(40, len(jobs) // (cores * 4)))):
            pass


def _lay_out(shelf: Shelf, pages: Sequence[Page], stamps: Stamps, folder: Path) -> None:
    for lang in LANGS:
        root = folder if lang == "id" else folder / lang
        for parent in {(root / page.path).parent for page in pages}:
            parent.mkdir(parents=True, exist_ok=True)
        for page in pages:
            html = shelf.page_file(page, lang).read_text(encoding="utf-8")
            text = stamped(html, stamps, lang)
            (root / page.path).write_text(text, encoding="utf-8")
    shutil.copytree(PACKAGE / "static", folder / "static", dirs_exist_ok=True)


def _switch(portal: Path, building: Path, final: Path) -> None:
    """Put the finished site in place and point ``current`` at it."""
    old = portal / f".old-{os.getpid()}"
    if final.exists():
        final.rename(old)
    building.rename(final)
    fresh = portal / f".{CURRENT}-{os.getpid()}"
    fresh.symlink_to(final.name, target_is_directory=True)
    fresh.replace(portal / CURRENT)
    shutil.rmtree(old, ignore_errors=True)


def _collect(portal: Path, settings: Settings) -> None:
    """Remove the sites of releases that are no longer kept, and what killed builds left."""
    kept = sorted(
        (path for path in portal.iterdir() if path.is_dir() and path.name[0].isdigit()),
        key=lambda path: path.name,
    )
    for path in kept[: -max(1, settings.keep_releases)]:
        if path != (portal / CURRENT).resolve():
            shutil.rmtree(path)
    for path in (*portal.glob(".building-*"), *portal.glob(".old-*")):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _alone(portal: Path) -> Iterator[None]:
    """Let one build run at a time; the next waits."""
    with (portal / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
