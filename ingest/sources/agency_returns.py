"""What goes back with a wrong file: a report, and a copy with every wrong cell marked."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from ingest.sources.agency_check import Finding

MARK = PatternFill("solid", fgColor="FF9999")
AUTHOR = "Lumbung"
COLUMNS = ("sheet", "cell", "value", "rule", "message_id", "message_en")
#: With these a spreadsheet program takes a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "|")


def report(findings: Sequence[Finding]) -> bytes:
    """Return the findings as CSV that opens in a spreadsheet program and runs nothing."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in findings:
        cells = (one.sheet, one.cell, one.value or "", one.rule, one.said_id, one.said_en)
        writer.writerow([_inert(cell) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def marked_copy(body: bytes, findings: Sequence[Finding]) -> bytes:
    """Return the workbook with each wrong cell coloured and its rule in a comment."""
    book = openpyxl.load_workbook(io.BytesIO(body), keep_links=False)
    said: dict[tuple[str, str], list[str]] = {}
    for one in findings:
        if one.sheet in book.sheetnames:
            text = f"{one.rule}: {one.said_id} / {one.said_en}"
            said.setdefault((one.sheet, one.cell or "A1"), []).append(text)
    for (sheet, name), texts in said.items():
        cell = book[sheet][name]
        cell.fill = MARK
        cell.comment = Comment("\n".join(texts), AUTHOR)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
