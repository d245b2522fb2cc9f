"""Tables inside web pages, read into rows of text with merged cells spread out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import UnreadableFileError

#: No table of figures is larger; a page that claims so would cost memory, not figures.
MOST_COLUMNS = 500
MOST_ROWS = 100_000
#: Texts arrive escaped once, and notes have been seen escaped twice.
MOST_ESCAPES = 3


@dataclass(frozen=True)
class Cell:
    """One place of the grid. ``is_merged`` tells that its text stands for several places."""

    text: str
    is_merged: bool = False
    is_heading: bool = False


Grid = Sequence[Sequence[Cell]]
_NOWHERE = Cell("")


def unescape(text: str) -> str:
    """Return the page in an escaped text; one that holds no table is returned as it is."""
    page = text
    for _ in range(MOST_ESCAPES):
        if "<table" in page.lower():
            return page
        page = html.unescape(page)
    return page if "<table" in page.lower() else text


def read_grid(page: str, number: int, name: str) -> Grid:
    """Read the table of that number, counting from 1; raise UnreadableFileError without one."""
    from lxml import etree
    from lxml import html as pages

    try:
        tables = pages.document_fromstring(page).xpath("//table")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFileError(f"{name}: the table is no HTML: {error}") from None
    if len(tables) < number:
        raise UnreadableFileError(
            f"{name}: the page holds {len(tables)} tables, the file asks for number {number}"
        )
    rows = tables[number - 1].xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
    if len(rows) > MOST_ROWS:
        raise UnreadableFileError(f"{name}: a table of {len(rows)} rows is refused")
    return _spread(rows, name)


def heading_rows(grid: Grid) -> int:
    """Count the rows at the top that are marked up as headings."""
    for at, row in enumerate(grid):
        if not row or not all(cell.is_heading or not cell.text for cell in row):
            return at
    return len(grid)


def column_names(rows: Grid, separator: str) -> list[str]:
    """Join the headings above each column, a merged one named once: ``2023 | Laki-laki``."""
    width = max((len(row) for row in rows), default=0)
    names = []
    for column in range(width):
        texts = [row[column].text for row in rows if column < len(row)]
        parts = [text for at, text in enumerate(texts) if text and text != (texts[:at] or [""])[-1]]
        names.append(separator.join(parts))
    return names


def _spread(rows: Sequence[Any], name: str) -> Grid:
    """Put every cell into all the places that it spans."""
    places: dict[tuple[int, int], Cell] = {}
    widths = [0] * len(rows)
    for at, row in enumerate(rows):
        column = 0
        is_head = row.getparent().tag == "thead"
        for element in row.xpath("./td | ./th"):
            while (at, column) in places:
                column += 1
            across, down = _span(element, "colspan"), _span(element, "rowspan")
            if column + across > MOST_COLUMNS:
                raise UnreadableFileError(f"{name}: a table of {column + across} columns")
            cell = Cell(_text(element), across * down > 1, is_head or element.tag == "th")
            for line in range(at, min(at + down, len(rows))):
                for place in range(column, column + across):
                    places.setdefault((line, place), cell)
                widths[line] = max(widths[line], column + across)
            column += across
    return [
        [places.get((at, column), _NOWHERE) for column in range(width)]
        for at, width in enumerate(widths)
    ]


def _span(element: Any, name: str) -> int:
    text = element.get(name, "1").strip()
    return max(1, min(int(text), MOST_ROWS)) if text.isdecimal() else 1


def _text(element: Any) -> str:
    """Return a cell's text; what is raised or on a new line does not touch what is before it."""
    for raised in element.iter("sup"):
        raised.text = f" {raised.text or ''}"
    for line_break in element.iter("br", "p"):
        line_break.tail = f" {line_break.tail or ''}"
    return " ".join("".join(element.itertext()).replace("\u00a0", " ").split())
