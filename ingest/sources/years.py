"""Spans of years as catalogue files write them: ``2010:``, ``2018:2024``, ``:2015``, ``2023``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

Years = Annotated[str, Field(pattern=r"^(\d{4}|\d{4}:(\d{4})?|:\d{4})$")]
EARLIEST, LATEST = 1900, 9999


def first_and_last(years: str) -> tuple[int, int]:
    """Return the bounds of a span; an open end is the farthest year there is."""
    first, colon, last = years.partition(":")
    if not colon:
        return int(first), int(first)
    return int(first or EARLIEST), int(last or LATEST)


def covers(years: str, year: int) -> bool:
    """Tell whether a year lies in a span."""
    first, last = first_and_last(years)
    return first <= year <= last
