"""Builds workbooks for tests: ordinary ones with openpyxl, hostile ones part by part."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import openpyxl

TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)


def workbook(sheets: Mapping[str, Iterable[Iterable[Any]]]) -> openpyxl.Workbook:
    """Return a workbook with these sheets and rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(rows: Iterable[Iterable[Any]], sheet: str = "Data") -> bytes:
    """Return the bytes of a workbook with one sheet."""
    return saved(workbook({sheet: rows}))


def repacked(
    body: bytes,
    change: Callable[[str, bytes], bytes] = lambda name, part: part,
    add: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a workbook's bytes with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)), zipfile.ZIP_DEFLATED)
        for name, part in (add or {}).items():
            new.writestr(name, part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Return a change that replaces bytes in the worksheets."""

    def change(name: str, part: bytes) -> bytes:
        return part.replace(old, new) if "worksheets/sheet" in name else part

    return change
