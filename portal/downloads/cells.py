"""What a figure or text looks like in a file, safe from being run by a spreadsheet.

A spreadsheet runs a text that begins with ``=``, ``+``, ``-`` or ``@`` as a formula. Such a text
gets an apostrophe in front, as spreadsheets write it themselves, unless it is a plain number.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

_RUNS = re.compile(r"^[=+\-@\t\r\n]")
_NUMBER = re.compile(r"[+-]?[\d.,]*%?")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet runs as a formula."""
    if _RUNS.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def for_csv(value: Any) -> str:
    """Write a value as machines read it: decimal point, ISO dates, nothing for what is missing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, (int, float, datetime.date)):
        return str(value)
    return harmless(str(value))


def for_indonesian_excel(value: Any) -> str:
    """Write a value as Excel with Indonesian settings reads it: a decimal comma."""
    text = for_csv(value)
    if isinstance(value, (Decimal, float)) and not isinstance(value, bool):
        return text.replace(".", ",")
    return text
