"""Which pages there are, and what lies beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lumbung import settings
from portal.downloads.sitemap import write_sitemap
from portal.downloads.write import embed, write
from portal.library import Library
from portal.marts import Marts
from portal.pages import (
    compare,
    data,
    home,
    indicators,
    programmes,
    regions,
    reports,
    sources,
    statements,
    transfers,
    trust,
)
from portal.pages.page import Page


def pages(library: Library) -> Iterator[Page]:
    """Return every page of the site, each once for both languages."""
    yield from home.pages(library)
    yield from regions.pages(library)
    yield from indicators.pages(library)
    yield from compare.pages(library)
    yield from sources.pages(library)
    yield from transfers.pages(library)
    yield from programmes.pages(library)
    yield from statements.pages(library)
    yield from data.pages(library)
    yield from reports.pages(library)
    yield from trust.pages(library)


def extras(library: Library, folder: Path, marts: Marts) -> None:
    """Write what is no page: downloads with their descriptions, and the site map."""
    url = settings.load().site_url.rstrip("/") + "/"
    described = write(marts, folder / "unduh", url, folder.parent / "cache" / "workbooks")
    for page in ("data.html", "en/data.html"):
        embed(described, folder / page)
    write_sitemap(folder, url, str(library.publication["created_at"])[:10])
