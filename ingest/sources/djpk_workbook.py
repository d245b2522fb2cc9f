"""The file behind ``csv_apbd``: SpreadsheetML 2003, whatever its name says, read safely.

XML that brings a DTD or entities of its own is refused: the portal's files have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import HtmlReplyError, NothingAvailableError, UnreadableFileError
from ingest.sources.djpk_questions import HOST
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

HEADER = ["Akun", "Anggaran", "Realisasi", "Persentase"]
_SHEET = "{urn:schemas-microsoft-com:office:spreadsheet}"
_PAGE = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_ROW = re.compile(rb"<(?:ss:)?Row[\s>]")
#: A row with more cells than this is no report.
MOST_CELLS = 64


@dataclass(frozen=True)
class Line:
    """One row below the header, as printed; ``cells`` is None where it has not four cells."""

    place: str
    cells: Sequence[str] | None
    text: str


def read_workbook(body: bytes, dataset: str) -> list[Line]:
    """Return the rows of a report.

    Raises NothingAvailableError where the portal has none (a header, then its error page in
    the same body), HtmlReplyError where the page comes after figures, and
    UnreadableFileError for anything that is no such report.
    """
    if not body.strip():
        raise UnreadableFileError(f"{dataset}: the reply is empty; fetch it again")
    if looks_like_html(body):
        raise page_error(body, dataset, HOST, "a workbook")
    _refuse_page_inside(body, dataset)
    rows = list(_rows(_root(body, dataset), dataset))
    header = [" ".join(cell.split()) for cell in rows[0]] if rows else []
    if header != HEADER:
        raise UnreadableFileError(
            f"{dataset}: the header should be {', '.join(HEADER)}; it is "
            f"{', '.join(header)[:200] or 'missing'}: DJPK has changed its form"
        )
    if len(rows) == 1:
        raise NothingAvailableError(f"{dataset}: DJPK has no report (a header without rows)")
    return [_line(number, cells) for number, cells in enumerate(rows[1:], start=2)]


def _refuse_page_inside(body: bytes, dataset: str) -> None:
    page = _PAGE.search(body)
    if page is None:
        return
    n_rows = len(_ROW.findall(body[: page.start()]))
    if n_rows <= 1:
        raise NothingAvailableError(
            f"{dataset}: DJPK has no report (its error page follows the header)"
        )
    raise HtmlReplyError(
        f"{dataset}: after {n_rows} rows the workbook turns into a web page; fetch it again"
    )


def _root(body: bytes, dataset: str) -> Any:
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    try:
        return ElementTree.fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableFileError(
            f"{dataset}: the file declares a DTD or entities, which no report does: refused"
        ) from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise UnreadableFileError(
            f"{dataset}: no XML ({error}); a file that ends early was cut off, fetch it again"
        ) from None


def _rows(root: Any, dataset: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the one sheet; ``ss:Index`` leaves cells out."""
    sheets = root.findall(f"{_SHEET}Worksheet") if root.tag == f"{_SHEET}Workbook" else []
    if len(sheets) != 1:
        raise UnreadableFileError(f"{dataset}: a workbook of {len(sheets)} sheets is no report")
    for row in sheets[0].iter(f"{_SHEET}Row"):
        cells: list[str] = []
        for cell in row.findall(f"{_SHEET}Cell"):
            at = cell.get(f"{_SHEET}Index", "")
            if at.isdecimal() and int(at) <= MOST_CELLS:
                cells += [""] * (int(at) - 1 - len(cells))
            data = cell.find(f"{_SHEET}Data")
            cells.append("" if data is None else "".join(data.itertext()))
        yield cells


def _line(number: int, cells: list[str]) -> Line:
    whole = cells if len(cells) == len(HEADER) else None
    return Line(f"row {number}", whole, " | ".join(cell.strip() for cell in cells))
