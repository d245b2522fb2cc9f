"""Which reports are written, and how they are laid out in a site beside the pages.

A report lies at ``laporan/<half-year>/<region>.html`` and ``.pdf`` of its language. PDFs are the
same files as those in the reports' folder (linked, not copied, where the disk allows it).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from markupsafe import escape

from lumbung.settings import Settings
from portal.formats import LANGS, Lang
from portal.report.period import Half, PeriodError

#: The halves that a region has a finished report of, newest first, by the region's code.
Written = dict[str, list[str]]
_FORMATS = tuple(f"{lang}.{ending}" for lang in LANGS for ending in ("html", "pdf"))
_BACK = {"id": "Halaman {name} di portal", "en": "The portal’s page of {name}"}
_ALL = {"id": "Semua laporan", "en": "All reports"}
_STYLE = "font-size:.9rem;display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:0 0 1rem"


def written(settings: Settings) -> Written:
    """Return what reports there are, in every language and format."""
    reports = settings.home / "reports"
    found: Written = {}
    folders = [folder for folder in reports.glob("*-S*") if _half(folder.name)]
    for folder in sorted(folders, key=lambda one: one.name, reverse=True):
        files = {file.name for file in folder.iterdir()}
        codes = {match[1] for name in files if (match := re.fullmatch(r"(\d{4})-.*", name))}
        for code in sorted(codes):
            if all(f"{code}-{folder.name}-{tail}" in files for tail in _FORMATS):
                found.setdefault(code, []).append(folder.name)
    return found


def lay_out(
    settings: Settings, reports: Written, names: Mapping[str, str], site: Path
) -> None:  # fmt: skip
    """Put every report of a known region into a site, each page with its way back.

    ``names`` are the regions' names by code. What is not a region of the release stays out.
    """
    for code, halves in reports.items():
        if code not in names:
            continue
        for half in halves:
            for lang in LANGS:
                stem = settings.home / "reports" / half / f"{code}-{half}-{lang}"
                root = site if lang == "id" else site / lang
                target = root / "laporan" / half / code
                target.parent.mkdir(parents=True, exist_ok=True)
                html = stem.with_name(f"{stem.name}.html").read_text(encoding="utf-8")
                page = html.replace("<main>", "<main>" + _way_back(code, names[code], lang), 1)
                target.with_suffix(".html").write_text(page, encoding="utf-8")
                _link(stem.with_name(f"{stem.name}.pdf"), target.with_suffix(".pdf"))


def _half(name: str) -> Half | None:
    try:
        return Half.parse(name)
    except PeriodError:
        return None


def _way_back(code: str, name: str, lang: Lang) -> str:
    back = escape(_BACK[lang].format(name=name))
    return (
        f'\n<nav style="{_STYLE}"><a href="../../daerah/{code}.html">{back}</a>'
        f'<a href="../../laporan.html">{_ALL[lang]}</a><a href="{code}.pdf">PDF</a></nav>'
    )


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; a copy where the two lie on different disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
