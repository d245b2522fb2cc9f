"""The site map: every page of a built site with its other language, for search engines."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
#: What the protocol allows in one file.
MOST = 50_000


def write_sitemap(site: Path, url: str, modified: str) -> list[Path]:
    """Write ``sitemap.xml`` of the HTML pages below a folder, in parts where they are many.

    ``url`` is the address of the folder, with a slash at its end; ``modified`` an ISO date.
    """
    pages = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html"))
    parts = [pages[at : at + MOST] for at in range(0, len(pages), MOST)] or [[]]
    if len(parts) == 1:
        return [_write(_urlset(parts[0], set(pages), url, modified), site / "sitemap.xml")]
    files = [
        _write(_urlset(part, set(pages), url, modified), site / f"sitemap-{nth}.xml")
        for nth, part in enumerate(parts, start=1)
    ]
    index = ET.Element(f"{{{_MAP}}}sitemapindex")
    for file in files:
        entry = ET.SubElement(index, f"{{{_MAP}}}sitemap")
        ET.SubElement(entry, f"{{{_MAP}}}loc").text = url + file.name
    return [*files, _write(index, site / "sitemap.xml")]


def _urlset(pages: list[str], every: set[str], url: str, modified: str) -> ET.Element:
    root = ET.Element(f"{{{_MAP}}}urlset")
    for page in pages:
        entry = ET.SubElement(root, f"{{{_MAP}}}url")
        ET.SubElement(entry, f"{{{_MAP}}}loc").text = url + page
        ET.SubElement(entry, f"{{{_MAP}}}lastmod").text = modified
        bare = page.removeprefix("en/")
        for lang, other in (("id", bare), ("en", f"en/{bare}")):
            if other in every:
                ET.SubElement(
                    entry, f"{{{_XHTML}}}link", rel="alternate", hreflang=lang, href=url + other
                )
    return root


def _write(root: ET.Element, file: Path) -> Path:
    ET.register_namespace("", _MAP)
    ET.register_namespace("xhtml", _XHTML)
    ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
    return file
