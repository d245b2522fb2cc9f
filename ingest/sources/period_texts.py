"""Periods as BPS writes them for people: ``Februari 2026``, ``Triwulan III``, ``Tahunan``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ingest.errors import PeriodError
from ingest.periods import Period, parse_period

_NAMES = (
    ("januari", "january", "jan"), ("februari", "february", "feb", "pebruari"),
    ("maret", "march", "mar"), ("april", "apr"), ("mei", "may"), ("juni", "june", "jun"),
    ("juli", "july", "jul"), ("agustus", "august", "agu", "ags", "aug"),
    ("september", "sep", "sept"), ("oktober", "october", "okt", "oct"),
    ("november", "nopember", "nov", "nop"), ("desember", "december", "des", "dec"),
)  # fmt: skip
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_WHOLE_YEAR = frozenset({"tahun", "tahunan", "jumlah", "total", "annual", "year", "yearly"})

_YEAR = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d{2})(?!\d)")
_PART = re.compile(
    r"(?P<kind>triwulan|tw|kuartal|quarter|semester|smt)[ .-]*(?P<number>iv|iii|ii|i|[1-4])\b"
)

Kind = Literal["month", "half", "quarter", "year"]


@dataclass(frozen=True)
class Part:
    """Which part of a year a label means: ``number`` of its kind, 0 for the whole year."""

    kind: Kind
    number: int

    @property
    def suffix(self) -> str:
        """What a canonical label puts behind the year."""
        return {
            "month": f"-{self.number:02d}",
            "half": f"-S{self.number}",
            "quarter": f"-Q{self.number}",
            "year": "",
        }[self.kind]


def read_part(label: str) -> Part | None:
    """Read the label of a part of a year; None where it is none that we know.

    A month inside the label wins: ``Semester 1 (Maret)`` is the round of March.
    """
    tidy = " ".join(re.sub(r"[()\[\],]", " ", label).casefold().split())
    months = {MONTHS[word] for word in tidy.split() if word in MONTHS}
    if len(months) == 1:
        return Part("month", months.pop())
    if found := _PART.fullmatch(tidy):
        number = _ROMAN[found["number"]]
        if found["kind"] not in ("semester", "smt"):
            return Part("quarter", number)
        return Part("half", number) if number <= 2 else None
    return Part("year", 0) if tidy in _WHOLE_YEAR else None


def read_period(text: str) -> Period:
    """Read ``September 2026``, ``Triwulan III-2026``, ``2025``; raise ``unknown_period`` else."""
    years = _YEAR.findall(text)
    rest = " ".join(_YEAR.sub(" ", text).replace("/", " ").split()).strip(" -–,.")
    part = read_part(rest) if rest else Part("year", 0)
    if len(years) != 1 or part is None:
        raise PeriodError(
            "unknown_period", f"'{text}' is no period: Februari 2026, Triwulan III 2026, 2025 are"
        )
    return parse_period(f"{years[0]}{part.suffix}")
