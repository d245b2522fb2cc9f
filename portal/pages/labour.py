"""Unemployment as pages show it: rounds of one region, peers in one round, tiles, lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from portal.charts import Bar, Drawing, Mark, Point, Series, Text
from portal.formats import LANGS, month_name, number
from portal.library import Library
from portal.marts import Row
from portal.sentences import Z_95


def rounds(library: Library, code: str) -> list[Row]:
    """Return a region's headline rounds, newest first, each with the place of its evidence."""
    found = [row for row in library.of("unemployment", code) if row["is_headline"]]
    found.sort(key=lambda row: (row["survey_year"], row["survey_month"]), reverse=True)
    return [shown(library, row) for row in found]


def shown(library: Library, row: Row) -> Row:
    """Return what a page needs of one round."""
    kept = (
        "region_code", "region_name", "survey_year", "survey_month", "series_version",
        "unemployment_rate_pct", "change_pp", "labour_force_persons", "employed_persons",
        "unemployed_persons", "participation_rate_pct", "gap_to_province_pp", "gap_to_national_pp",
        "rank_in_province", "n_ranked", "n_expected", "standard_error_pp", "change_is_significant",
        "is_derived", "formula_id", "has_conflict", "conflict_kind", "obs_id",
    )  # fmt: skip
    return {
        **{name: row[name] for name in kept},
        "period": period(row),
        "mark": mark(library, row),
        "evidence": library.evidence(row["obs_id"]),
    }


def period(row: Row) -> str:
    """Return a round's period label, as 2025-08."""
    return f"{row['survey_year']}-{row['survey_month']:02d}"


def mark(library: Library, row: Row) -> Mark:
    """Return how a figure is drawn: derived, not yet final, or final."""
    if row["is_derived"]:
        return "derived"
    status = library.observation.get(row["obs_id"], {}).get("obs_status")
    return "open" if status in {"P", "E", "U", "V"} else "final"


def _lines(library: Library, code: str, is_reference: bool) -> tuple[Series, ...]:
    name = library.name(code)
    by_month: dict[int, list[Row]] = {}
    for row in reversed(rounds(library, code)):
        by_month.setdefault(row["survey_month"], []).append(row)
    found = []
    for survey_month, held in sorted(by_month.items(), key=lambda item: -len(item[1])):
        known = [row for row in held if row["unemployment_rate_pct"] is not None]
        points = tuple(
            Point(
                x=row["survey_year"] + (survey_month - 1) / 12,
                y=float(row["unemployment_rate_pct"]),
                mark=row["mark"],
                joined=follows(row, known[nth - 1] if nth else None),
            )
            for nth, row in enumerate(known)
        )
        # The page names its region; a line of it is told by its month, the grey one by its region.
        months = Text(*(month_name(survey_month, lang) for lang in LANGS))
        names = Text(name, name) if is_reference else months
        if points:
            found.append(Series(names, points, is_reference))
    return tuple(found)


def follows(row: Row, before: Row | None) -> bool:
    """Tell whether the mart's own change leads from one figure to the next.

    It does not across survey weights, nor where the headline changed to another series version.
    """
    if before is None or row["change_pp"] is None:
        return False
    moved = row["unemployment_rate_pct"] - before["unemployment_rate_pct"]
    return bool(abs(moved - row["change_pp"]) < Decimal("0.005"))


def lines(library: Library, code: str, beside: str | None = None) -> Drawing | None:
    """Draw a region's rounds, one line a round month, with its province or country in grey."""
    own = _lines(library, code, False)
    if not any(len(one.points) > 1 for one in own):
        return None
    shown_months = own[:3]
    grey = _lines(library, beside, True)[:1] if beside else ()
    return Drawing("lines", series=(*shown_months, *grey))


def latest_ranking(library: Library, parent: str) -> list[Row]:
    """Return the newest round in which most regions below ``parent`` stand side by side.

    One row a region, highest rate first; all on one series version.
    """
    by_round: dict[tuple[int, int], list[Row]] = {}
    for child in library.children(parent):
        for row in library.of("unemployment", child["region_code"]):
            if row["is_for_ranking"] and row["unemployment_rate_pct"] is not None:
                by_round.setdefault((row["survey_year"], row["survey_month"]), []).append(row)
    if not by_round:
        return []
    most = max(len(rows) for rows in by_round.values())
    newest = max(key for key, rows in by_round.items() if len(rows) == most)
    held = sorted(by_round[newest], key=lambda r: (-r["unemployment_rate_pct"], r["region_code"]))
    return [shown(library, row) for row in held]


def peers(library: Library, parent: str, ranked: list[Row]) -> Drawing | None:
    """Draw the regions below ``parent`` as dots sorted by value, with the parent's own rule."""
    if len(ranked) < 2:
        return None
    bars = tuple(
        Bar(
            key=row["region_code"],
            name=Text(row["region_name"], row["region_name"]),
            value=float(row["unemployment_rate_pct"]),
            label=_rate(row["unemployment_rate_pct"]),
            mark=row["mark"],
            low=_bound(row, -1),
            high=_bound(row, 1),
        )
        for row in ranked
    )
    period_of = ranked[0]["period"]
    own = [row for row in rounds(library, parent) if row["period"] == period_of]
    rate = own[0]["unemployment_rate_pct"] if own else None
    if rate is None:
        return Drawing("dots", bars=bars)
    name, text = library.name(parent), _rate(rate)
    return Drawing(
        "dots",
        bars=bars,
        reference=float(rate),
        reference_name=Text(f"{name} {text.id}", f"{name} {text.en}"),
    )


def _rate(value: Any) -> Text:
    return Text(number(value, "id", 2), number(value, "en", 2))


def _bound(row: Row, side: int) -> float | None:
    """Return an end of the 95% interval, in percent; None where no sampling error is published."""
    if row["standard_error_pp"] is None:
        return None
    return max(0.0, float(row["unemployment_rate_pct"] + side * Z_95 * row["standard_error_pp"]))
