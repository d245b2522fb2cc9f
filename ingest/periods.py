"""Periods: a canonical label, its first and last day, and what kind of span it is.

Labels: ``2026`` year, ``2025-S1`` half, ``2025-Q3`` quarter, ``2025-08`` month or survey
round, ``2025-08-17`` day, ``2025-01-01/2025-06-30`` span, ``undated``.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from ingest.errors import PeriodError

PeriodKind = Literal["round", "stock", "flow", "cumulative", "range", "undated"]
UNDATED = "undated"
EARLIEST, LATEST = 1900, 2100

_PART = re.compile(
    r"(?P<year>\d{4})(?:-(?:S(?P<half>[12])|Q(?P<quarter>[1-4])"
    r"|(?P<month>\d{2})(?:-(?P<day>\d{2}))?))?"
)


@dataclass(frozen=True)
class Period:
    """What span of time a figure is about. Undated ones have no days."""

    label: str
    start: date | None
    end: date | None


@lru_cache(maxsize=4096)
def parse_period(label: str) -> Period:
    """Read a canonical label; raise PeriodError ``unknown_period`` for anything else."""
    if label == UNDATED:
        return Period(UNDATED, None, None)
    first, slash, last = label.partition("/")
    start, end = _days(first, label)
    if slash:
        end = _days(last, label)[1]
        if end < start:
            raise PeriodError("unknown_period", f"'{label}' ends before it begins")
    return Period(label, start, end)


def month(year: int, number: int) -> Period:
    """Return a month, which is also how a survey round is keyed."""
    return parse_period(f"{year:04d}-{number:02d}")


def parse_date(text: str) -> date:
    """Read an ISO day; raise PeriodError ``bad_date`` for anything else."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise PeriodError("bad_date", f"'{text}' is no date of the form 2025-08-17")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise PeriodError("bad_date", f"'{text}' is no date: {error}") from None


def within(period: Period, start: date | None, end: date | None) -> Period:
    """Narrow a period to the days a source states; raise ``period_mismatch`` outside it."""
    if period.start is None or period.end is None:
        if start or end:
            raise PeriodError("period_mismatch", "an undated figure has no first or last day")
        return period
    start, end = start or period.start, end or period.end
    if start > end:
        raise PeriodError("period_mismatch", f"it begins on {start}, after its end on {end}")
    if start < period.start or end > period.end:
        raise PeriodError("period_mismatch", f"{start} to {end} leaves the period {period.label}")
    return Period(period.label, start, end)


def _days(text: str, label: str) -> tuple[date, date]:
    found = _PART.fullmatch(text)
    if found is None or not EARLIEST <= int(found["year"]) <= LATEST:
        raise PeriodError(
            "unknown_period",
            f"'{label}' is no period: 2026, 2025-S1, 2025-Q3, 2025-08, 2025-08-17, "
            "2025-01-01/2025-06-30 and undated are",
        )
    year = int(found["year"])
    if found["day"]:
        day = parse_date(text)
        return day, day
    first, last = _months(found)
    if not 1 <= first <= last <= 12:
        raise PeriodError("unknown_period", f"'{label}' has no such month")
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _months(found: re.Match[str]) -> tuple[int, int]:
    if found["half"]:
        last = 6 * int(found["half"])
        return last - 5, last
    if found["quarter"]:
        last = 3 * int(found["quarter"])
        return last - 2, last
    if found["month"]:
        return int(found["month"]), int(found["month"])
    return 1, 12
