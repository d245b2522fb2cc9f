"""The half-years that reports are about."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from portal import formats
from portal.formats import Lang


class PeriodError(ValueError):
    """What was given names no half-year; the message says how one is written."""


@dataclass(frozen=True, order=True)
class Half:
    """Half a year: ``Half(2025, 2)`` is July to December 2025, written 2025-S2."""

    year: int
    half: int

    @classmethod
    def parse(cls, text: str) -> Half:
        """Read 2025-S1 or 2025-S2; raise PeriodError for anything else."""
        found = re.fullmatch(r"([12]\d{3})-S([12])", text.strip().upper())
        if not found:
            raise PeriodError(f"{text!r} is no half-year: write 2025-S1 or 2025-S2")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def last_ended(cls, day: datetime.date) -> Half:
        """Return the last half-year that was over on a day."""
        return cls(day.year - 1, 2) if day.month <= 6 else cls(day.year, 1)

    def __str__(self) -> str:
        """Write it as on the command line and in file names."""
        return f"{self.year}-S{self.half}"

    @property
    def end(self) -> datetime.date:
        """The last day."""
        month, day = (12, 31) if self.half == 2 else (6, 30)
        return datetime.date(self.year, month, day)

    def has_month(self, year: int, month: int) -> bool:
        """Tell whether a month lies in it."""
        return year == self.year and (month > 6) == (self.half == 2)

    def name(self, lang: Lang) -> str:
        """Write it in words: semester II 2025."""
        return formats.half_year(self.year, self.half, lang)
