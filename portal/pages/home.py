"""The home page: how Banten is doing, and how sure we are."""

from __future__ import annotations

from collections.abc import Iterator

from portal import tiles
from portal.library import Library
from portal.marts import Row
from portal.pages import labour, regions
from portal.pages.page import Page

BANTEN = "3600"


def pages(library: Library) -> Iterator[Page]:
    """Return the home page."""
    ranked = labour.latest_ranking(library, BANTEN)
    rounds = labour.rounds(library, BANTEN)
    year = max((row["fiscal_year"] for row in library.rows["transfer_claims"]), default=None)
    claims = [row for row in library.rows["transfer_claims"] if row["fiscal_year"] == year]
    yield Page(
        "index.html",
        "home.html",
        {
            "tiles": tile_map(
                tiles.BANTEN,
                {row["region_code"]: row for row in ranked},
                library,
                "unemployment_rate_pct",
            ),
            "ranked": ranked,
            "rounds": rounds,
            "before": regions.year_before(rounds),
            "latest_figure": library.figure(rounds[0]["obs_id"]) if rounds else None,
            "provinces": regions.provinces(library),
            "claims": [
                regions.claim(library, row) for row in claims
                if row["component"] == "total" and row["stage"] != "enacted"
            ],
            "claims_year": year,
            "themes": [
                row for row in library.rows["themes"]
                if row["theme"] == "employment" and not row["is_support"]
            ],
            "statements": _counts(library),
            "counts": library.publication,
            "disparity": _disparity(library),
        },
    )  # fmt: skip


def _counts(library: Library) -> dict[str, int]:
    verdicts = [row["verdict"] for row in library.rows["statements"]]
    return {verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))}


def _disparity(library: Library) -> Row | None:
    found = [
        row for row in library.rows["disparity"]
        if row["indicator_id"] == "unemployment_rate" and row["scope_id"] == BANTEN
        and row["is_headline"]
    ]  # fmt: skip
    return found[-1] if found else None


def tile_map(
    layout: dict[str, tuple[int, int]], rows: dict[str, Row], library: Library, column: str
) -> list[Row]:
    """Return a tile a region: its place, value, and which of five shades it has.

    Shades split the range from the lowest to the highest value into five equal parts.
    """
    values = [float(row[column]) for row in rows.values() if row.get(column) is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    found = []
    for code, (line, place) in layout.items():
        if code not in library.regions:
            continue
        row = rows.get(code)
        value = row[column] if row else None
        found.append({
            "code": code,
            "name": library.name(code),
            "row": line,
            "col": place,
            "value": value,
            "mark": row["mark"] if row else None,
            "has_conflict": bool(row and row["has_conflict"]),
            "shade": None if value is None else _shade(float(value), low, high),
        })  # fmt: skip
    return found


def _shade(value: float, low: float, high: float) -> int:
    if high == low:
        return 3
    return min(5, 1 + int(5 * (value - low) / (high - low)))
