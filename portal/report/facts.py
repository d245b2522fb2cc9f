"""What a report stands on: the rows of one region up to the end of a half-year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.marts import QUESTIONS, Marts, Row
from portal.report.period import Half

#: Measures of ``regional_disparity`` that no publisher gives and no dictionary holds.
DERIVED: dict[str, Row] = {
    "budget_expenditure_per_capita": {
        "name_id": "Belanja daerah per penduduk",
        "name_en": "Regional spending per resident",
        "unit": "idr_per_person",
        "computed_from": "budget_expenditure",
    },
}


class UnknownRegionError(Exception):
    """The release has no region of that code; the message says how codes look."""


@dataclass(frozen=True)
class Facts:
    """Rows of the marts about one region and half-year.

    ``area`` is what a region is compared within: the province of a regency or city, else the
    region itself. ``regions`` holds both and every region of the area, by code.
    """

    marts: Marts
    half: Half
    region: Row
    area: Row
    regions: dict[str, Row]
    unemployment: list[Row]
    indicators: dict[str, Row]

    def ask(self, question: str, **other: Any) -> list[Row]:
        """Answer a question about the region; the parameters all reports share are filled in."""
        shared = {
            "region": self.region["region_code"],
            "area": self.area["region_code"],
            "until": self.half.end,
            "year": self.half.year,
            "last_year": self.half.year + 1,
        }
        wanted = named_in(question)
        return self.marts.ask(
            question, **({name: shared[name] for name in wanted & shared.keys()} | other)
        )

    def indicator(self, indicator_id: str) -> Row:
        """Return an indicator's names and unit; also of one that a mart derived and none published.

        One without names goes by its id: a reader sees it, nothing fails.
        """
        known = self.indicators.get(indicator_id) or DERIVED.get(indicator_id)
        plain = indicator_id.replace("_", " ")
        return known or {"name_id": plain, "name_en": plain, "unit": "ratio"}

    def name(self, code: str | None) -> str:
        """Return a region's name, or its code where the area does not hold it."""
        return str(self.regions[code]["name"]) if code in self.regions else str(code)

    @property
    def own_rates(self) -> list[Row]:
        """The region's own rates, the oldest first."""
        return self._rates(self.region["region_code"])

    @property
    def area_rates(self) -> list[Row]:
        """The rates of what the region is compared with, the oldest first."""
        return self._rates(self.area["region_code"])

    @property
    def members(self) -> list[str]:
        """The codes of the regions of the area."""
        area = self.area["region_code"]
        return [c for c, row in self.regions.items() if row["parent_region_code"] == area]

    def member_rates(self, year: int, month: int) -> list[Row]:
        """Return the rates of the area's regions in one round."""
        wanted = set(self.members)
        return [
            row
            for row in self.unemployment
            if row["region_code"] in wanted
            and (row["survey_year"], row["survey_month"]) == (year, month)
        ]

    def _rates(self, code: str) -> list[Row]:
        return [row for row in self.unemployment if row["region_code"] == code]


@cache
def named_in(question: str) -> frozenset[str]:
    """Return the names of the parameters that a question's SQL takes."""
    text = (QUESTIONS / f"{question}.sql").read_text(encoding="utf-8")
    return frozenset(re.findall(r"\$(\w+)", text))


def read(marts: Marts, region_code: str, half: Half) -> Facts:
    """Read a region's rows; raise UnknownRegionError for a code the release does not know."""
    known = {row["region_code"]: row for row in marts.ask("regions")}
    if region_code not in known:
        raise UnknownRegionError(
            f"no region has the code {region_code!r}; codes are BPS's four digits, such as 3673"
        )
    region = known[region_code]
    is_local = region["type"] in ("kabupaten", "kota")
    area_code = region["parent_region_code"] if is_local else region_code
    both = {"region": region_code, "area": area_code}
    return Facts(
        marts=marts,
        half=half,
        region=region,
        area=known[area_code],
        regions={row["region_code"]: row for row in marts.ask("report_regions", **both)},
        unemployment=marts.ask("report_unemployment", **both, until=half.end),
        indicators={row["indicator_id"]: row for row in marts.ask("indicators")},
    )


def round_before(row: Row, rows: list[Row]) -> Row | None:
    """Return the row of twelve months before, or None."""
    wanted = (row["survey_year"] - 1, row["survey_month"])
    return next((r for r in rows if (r["survey_year"], r["survey_month"]) == wanted), None)
