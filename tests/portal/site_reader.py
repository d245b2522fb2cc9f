"""Reads a built site back as a reader sees it: tables, links, numbers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

from portal.formats import Lang, parse_number


def page(site: Path, path: str, lang: Lang = "id") -> html.HtmlElement:
    """Parse one page of a language."""
    root = site if lang == "id" else site / lang
    return html.fromstring((root / path).read_bytes())


def text(element: html.HtmlElement) -> str:
    """Return an element's text with its spaces collapsed."""
    return " ".join(element.text_content().split())


def table_rows(element: html.HtmlElement) -> list[list[html.HtmlElement]]:
    """Return the cells of a table's body, row by row."""
    return [list(row.iterchildren("th", "td")) for row in element.iterfind(".//tbody/tr")]


def figure(cell: html.HtmlElement, lang: Lang) -> Decimal | None:
    """Read the number of a cell's figure back; None where the cell says there is none."""
    if cell.find_class("na"):
        return None
    found = cell.find_class("fig")
    bare = text(found[0] if found else cell)
    return None if bare in {"t.a.", "n/a"} else parse_number(bare, lang)


def broken_links(site: Path) -> list[str]:
    """Return every link and asset of every page that leads nowhere, fragments included."""
    files = sorted(site.rglob("*.html"))
    parsed = {file: html.fromstring(file.read_bytes()) for file in files}
    anchors = {file: set(tree.xpath("//@id")) for file, tree in parsed.items()}
    # The page that compares is also asked for regions, which its lists must offer.
    choices = {file: set(tree.xpath("//option/@value")) for file, tree in parsed.items()}
    broken = []
    for file, tree in parsed.items():
        for address in tree.xpath("//@href | //@src"):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_file():
                broken.append(f"{file.relative_to(site)}: {address}")
            elif (
                target.name == "bandingkan.html"
                and set(parts.fragment.split(",")) <= choices[target]
            ):
                continue
            elif parts.fragment and parts.fragment not in anchors.get(target, {parts.fragment}):
                broken.append(f"{file.relative_to(site)}: no anchor {address}")
    return broken
