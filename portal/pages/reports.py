"""The list of periodic reports: every region, every half-year that is written."""

from __future__ import annotations

from collections.abc import Iterator

from portal.library import Library
from portal.pages import regions
from portal.pages.page import Page

#: So many half-years stand side by side; older ones stay at their address.
N_HALVES = 4
COUNTRY = "0000"


def pages(library: Library) -> Iterator[Page]:
    """Return the one page of reports."""
    every = {half for held in library.reports.values() for half in held}
    halves = sorted(every, reverse=True)[:N_HALVES]
    country = {"code": COUNTRY, "name": library.name(COUNTRY), "below": []}
    groups = [
        {
            "code": one["code"],
            "name": one["name"],
            "rows": [
                {**row, "halves": [half for half in halves if half in _of(library, row["code"])]}
                for row in (one, *one["below"])
            ],
        }
        for one in (country, *regions.provinces(library))
    ]
    for one in groups:
        for row in one["rows"]:
            row.pop("below", None)
    data = {"halves": halves, "groups": groups, "n": len(library.reports)}
    yield Page("laporan.html", "reports.html", data)


def _of(library: Library, code: str) -> list[str]:
    return library.reports.get(code, [])
