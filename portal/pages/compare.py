"""Regions side by side: a page a province and one of provinces, and a chooser of two to four.

A table or chart holds figures of one time, stage, scope and series version only, so that nothing
unlike is ever compared. Each measure stands at the group's own newest such time, and at one that
the whole country shares: that one also compares regions of different provinces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.charts import Bar, Drawing, Text
from portal.formats import LANGS, quantity
from portal.library import Library
from portal.marts import Row
from portal.pages import figures, labour, regions
from portal.pages.page import Page

BANTEN, COUNTRY = "3600", "0000"
UNEMPLOYMENT = "unemployment_rate"
#: What regions are compared by, in this order; unemployment has its table of Augusts besides.
MEASURES = (
    UNEMPLOYMENT, "participation_rate", "population_registered", "transfer_total",
    "budget_expenditure", "budget_own_revenue", "poverty_rate", "human_development_index",
    "grdp_per_capita", "life_expectancy", "stunting_prevalence", "regency_minimum_wage",
)  # fmt: skip
#: Units in which a province or the country can stand beside its regions; amounts of theirs are
#: those of another government.
REFERENCE_UNITS = frozenset({"percent", "index", "years"})
#: August rounds alone estimate regencies.
MONTH = 8
#: A newer time is taken where at least this share of the most regions ever known have a figure.
MOST = 0.7
N_YEARS = 8


class Standing(NamedTuple):
    """What figures share that may be compared."""

    period: str
    stage: str
    perimeter: str
    baseline: str
    series_version: str


Figures = dict[Standing, dict[str, Row]]


@dataclass(frozen=True)
class Group:
    """What stands side by side: the regions right below one."""

    parent: str
    codes: tuple[str, ...]


def pages(library: Library) -> Iterator[Page]:
    """Return the page of the chooser, with Banten on it, and a page a group of regions."""
    held = {name: _figures(library, name) for name in MEASURES}
    everywhere = [code for code, one in library.regions.items() if _is_local(one)]
    shared = {name: _newest_common(held[name], everywhere) for name in MEASURES}
    provinces = regions.provinces(library)
    for parent in (COUNTRY, *(one["code"] for one in provinces)):
        codes = tuple(one["region_code"] for one in library.children(parent))
        if not codes:
            continue
        data, drawings = _content(library, Group(parent, codes), held, shared)
        path = f"bandingkan/{parent}.html"
        yield Page(path, "compare.html", {**data, "provinces": []}, drawings)
        if parent == BANTEN:
            everything = {**data, "provinces": provinces}
            yield Page("bandingkan.html", "compare.html", everything, drawings)


def _is_local(region: Row) -> bool:
    return region["type"] in {"kabupaten", "kota"}


def _content(
    library: Library, group: Group, held: dict[str, Figures], shared: dict[str, Standing | None]
) -> tuple[Row, dict[str, Drawing]]:
    names = {row["indicator_id"]: row for row in library.rows["indicators"]}
    columns = [
        column
        for name in MEASURES
        if name in names
        for standing in _chosen(held[name], group.codes, shared[name])
        if (column := _column(library, group, names[name], standing, held[name]))["n_known"] > 1
    ]
    data: Row = {
        "group": {
            "code": group.parent,
            "name": library.name(group.parent),
            "n": len(group.codes),
        },
        "columns": columns,
        "augusts": _augusts(library, group),
    }
    # A measure's second time is there to be chosen from; a second picture of it says little.
    newest = {one["indicator_id"]: one for one in reversed(columns)}.values()
    return data, {one["key"]: drawing for one in newest if (drawing := _dots(one))}


def _figures(library: Library, name: str) -> Figures:
    """Return an indicator's figures by what they share, then by region."""
    found: Figures = {}
    for row in _rows(library, name):
        standing = Standing(
            row["period_label"], row["stage"], row["perimeter"], row["baseline"] or "",
            row["series_version"] or "",
        )  # fmt: skip
        found.setdefault(standing, {}).setdefault(row["region_code"], row)
    return found


def _rows(library: Library, name: str) -> Iterable[Row]:
    if name == UNEMPLOYMENT:
        for row in library.rows["unemployment"]:
            if row["unemployment_rate_pct"] is not None:
                yield _rate(library, row)
        return
    for row in library.of_indicator.get(name, []):
        if row["breakdown"] == "total" and row["value"] is not None and _is_dated(row):
            yield figures.cell(library, row)


def _is_dated(row: Row) -> bool:
    return bool(row["period_label"] != "undated" and row["period_kind"] != "cumulative")


def _rate(library: Library, row: Row) -> Row:
    """Return a round of the unemployment mart in the shape of other figures."""
    shown = labour.shown(library, row)
    kept = ("region_code", "series_version", "has_conflict", "conflict_kind", "mark", "evidence")
    return {name: shown[name] for name in kept} | {
        "period_label": shown["period"], "stage": "observed", "perimeter": "area",
        "baseline": None, "value": shown["unemployment_rate_pct"], "unit": "percent",
    }  # fmt: skip


def _newest_common(held: Figures, codes: Iterable[str]) -> Standing | None:
    """Return the newest standing that most of some regions share; two regions at least."""
    wanted = set(codes)
    counts = {standing: len(wanted & rows.keys()) for standing, rows in held.items()}
    most = max(counts.values(), default=0)
    good = [standing for standing, n in counts.items() if n >= max(2, MOST * most)]
    return max(good, default=None)


def _chosen(held: Figures, codes: Iterable[str], shared: Standing | None) -> list[Standing]:
    own = _newest_common(held, codes)
    return [one for one in dict.fromkeys((own, shared)) if one is not None]


def _column(
    library: Library, group: Group, indicator: Row, standing: Standing, held: Figures
) -> Row:
    rows = held[standing]
    found: list[Row] = [
        {"code": code, "name": library.name(code), "figure": rows.get(code)} for code in group.codes
    ]
    found.sort(key=lambda one: (one["figure"] is None, _fall(one["figure"]), one["code"]))
    above = (group.parent, COUNTRY) if indicator["unit"] in REFERENCE_UNITS else ()
    return {
        # The same on every page that holds the measure at this standing.
        "key": f"{indicator['indicator_id']}-{_plain(standing)}",
        "indicator_id": indicator["indicator_id"],
        "names": {lang: indicator[f"name_{lang}"] for lang in LANGS},
        "unit": indicator["unit"],
        "places": figures.places(indicator["unit"], rows.values()),
        **standing._asdict(),
        "rows": found,
        "above": [
            {"code": code, "name": library.name(code), "figure": rows[code]}
            for code in dict.fromkeys(above)
            if code in rows
        ],
        "n_known": sum(one["figure"] is not None for one in found),
    }


def _fall(figure: Row | None) -> Any:
    return 0 if figure is None else -figure["value"]


def _plain(standing: Standing) -> str:
    text = "-".join(part for part in standing if part)
    return "".join(c if c.isalnum() or c == "-" else "_" for c in text)


def _dots(column: Row) -> Drawing | None:
    shown = [one for one in column["rows"] if one["figure"] is not None]
    if len(shown) < 2:
        return None

    def written(figure: Row) -> list[str]:
        return [quantity(figure["value"], column["unit"], lang, column["places"]) for lang in LANGS]

    bars = tuple(
        Bar(
            key=one["code"],
            name=Text(one["name"], one["name"]),
            value=float(one["figure"]["value"]),
            label=Text(*written(one["figure"])),
            mark=one["figure"]["mark"],
        )
        for one in shown
    )
    above = next(iter(column["above"]), None)
    if above is None:
        return Drawing("dots", bars=bars)
    texts = (f"{above['name']} {text}" for text in written(above["figure"]))
    value = float(above["figure"]["value"])
    return Drawing("dots", bars=bars, reference=value, reference_name=Text(*texts))


def _augusts(library: Library, group: Group) -> Row:
    """Return rates of August of the last years: a row a region, a cell a year.

    Of each round it is the version on which most regencies stand side by side, as the mart says.
    """
    rounds = {
        code: {
            row["survey_year"]: labour.shown(library, row)
            for row in library.of("unemployment", code)
            if row["survey_month"] == MONTH
            and row["is_for_ranking"]
            and row["unemployment_rate_pct"] is not None
        }
        for code in dict.fromkeys((*group.codes, group.parent, COUNTRY))
    }
    years = sorted({year for code in group.codes for year in rounds[code]})[-N_YEARS:]
    return {
        "years": years,
        "rows": [
            {
                "code": code,
                "name": library.name(code),
                "is_above": code not in group.codes,
                "cells": [_august(held, year) for year in years],
            }
            for code, held in rounds.items()
            if years
        ],
    }


def _august(held: dict[int, Row], year: int) -> Row | None:
    row = held.get(year)
    if row is None:
        return None
    kept = ("evidence", "mark", "has_conflict", "conflict_kind")
    return {name: row[name] for name in kept} | {
        "value": row["unemployment_rate_pct"],
        "is_joined": labour.follows(row, held.get(year - 1)),
    }
