"""A page an indicator, and the list of all: tile map, ranking, series, definition, sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal import tiles
from portal.charts import Bar, Drawing, Point, Series, Text
from portal.formats import LANGS, quantity
from portal.library import Library, group
from portal.marts import Row
from portal.pages import figures, home, labour
from portal.pages.page import Page
from portal.words import word

#: Above so many figures a page lists those of Banten and the provinces; all are in the downloads.
LISTED = 700
BANTEN = "3600"
Standing = tuple[str, str, str, str]


def pages(library: Library) -> Iterator[Page]:
    """Return the list of indicators and a page for each."""
    yield Page("indikator.html", "indicator_list.html", {"indicators": listed(library)})
    for indicator in library.rows["indicators"]:
        yield _page(library, indicator)


def listed(library: Library) -> list[Row]:
    """Return every indicator with how many figures, regions and periods it has."""
    found = []
    for one in library.rows["indicators"]:
        rows = [row for row in library.of_indicator.get(one["indicator_id"], []) if _is_there(row)]
        ends = sorted(row["period_label"] for row in rows if row["period_label"] != "undated")
        found.append({
            **{key: one[key] for key in ("indicator_id", "name_id", "name_en", "unit", "theme")},
            "n_figures": len(rows),
            "n_regions": len({row["region_code"] for row in rows}),
            "first": ends[0] if ends else None,
            "last": ends[-1] if ends else None,
        })  # fmt: skip
    return found


def _is_there(row: Row) -> bool:
    return row["value"] is not None


def _page(library: Library, indicator: Row) -> Page:
    name = indicator["indicator_id"]
    rows = library.of_indicator.get(name, [])
    totals = [row for row in rows if row["breakdown"] == "total" and _is_there(row)]
    ranking = rank(library, totals)
    held = {row["region_code"]: row for row in ranking["rows"]}
    ranking["places"] = figures.places(indicator["unit"], ranking["rows"])
    drawings = {"ranking": _dots(ranking, indicator), "series": _series(library, name, totals)}
    shown = (
        rows if len(rows) <= LISTED else [row for row in rows if _is_near(library, row)][:LISTED]
    )
    data = {
        "indicator": indicator,
        "ranking": ranking,
        "map": _map(library, held),
        "map_name": "indonesia" if len(_of(held, tiles.INDONESIA)) >= 8 else "banten",
        "shown": [
            figures.cell(library, row) | {"name": library.name(row["region_code"])}
            for row in shown
        ],
        "n_figures": len(rows),
        "series_of": library.name(BANTEN) if name == "unemployment_rate" else None,
        "sources": _sources(rows),
        "series_versions": sorted({row["series_version"] for row in rows if row["series_version"]}),
    }  # fmt: skip
    drawn = {key: drawing for key, drawing in drawings.items() if drawing}
    return Page(f"indikator/{name}.html", "indicator.html", data, drawn)


def rank(library: Library, totals: list[Row]) -> Row:
    """Return the newest period in which most regions of one kind stand side by side.

    Only figures of one stage, perimeter and series version are ranked together. Regencies of
    Banten come before provinces, since there the comparison is asked for.
    """
    for kind in ("banten", "provinces"):
        by_standing: dict[tuple[str, Standing], list[Row]] = group(
            (row for row in totals if _kind(library, row) == kind), _standing
        )
        if not by_standing:
            continue
        most = max(len(rows) for rows in by_standing.values())
        good = [key for key, rows in by_standing.items() if len(rows) >= max(2, 0.8 * most)]
        if good:
            newest = max(good)
            best = sorted(by_standing[newest], key=lambda r: (-r["value"], r["region_code"]))
            expected = len(library.children(BANTEN if kind == "banten" else "0000"))
            return {
                "kind": kind,
                "period": best[0]["period_label"],
                "stage": best[0]["stage"],
                "perimeter": best[0]["perimeter"],
                "series_version": best[0]["series_version"],
                "n_expected": expected,
                "rows": [
                    figures.cell(library, row) | {"name": library.name(row["region_code"])}
                    for row in best
                ],
            }
    return {"kind": None, "rows": []}


def _standing(row: Row) -> tuple[str, Standing]:
    return (
        row["period_label"],
        (row["stage"], row["perimeter"], row["series_version"], row["baseline"] or ""),
    )


def _kind(library: Library, row: Row) -> str | None:
    region = library.regions.get(row["region_code"])
    if region is None or row["period_label"] == "undated":
        return None
    if region["parent_region_code"] == BANTEN:
        return "banten"
    return "provinces" if region["type"] == "province" else None


def _is_near(library: Library, row: Row) -> bool:
    region = library.regions.get(row["region_code"])
    return region is not None and (
        region["type"] in {"country", "province"} or region["parent_region_code"] == BANTEN
    )


def _of(held: dict[str, Row], layout: dict[str, Any]) -> list[str]:
    return [code for code in layout if code in held]


def _map(library: Library, held: dict[str, Row]) -> list[Row]:
    for layout in (tiles.INDONESIA, tiles.BANTEN):
        if len(_of(held, layout)) >= 3:
            return home.tile_map(layout, held, library, "value")
    return []


def _dots(ranking: Row, indicator: Row) -> Drawing | None:
    if len(ranking["rows"]) < 2:
        return None
    return Drawing(
        "dots",
        bars=tuple(
            Bar(
                key=row["region_code"],
                name=Text(row["name"], row["name"]),
                value=float(row["value"]),
                label=Text(
                    *(
                        quantity(row["value"], indicator["unit"], lang, ranking["places"])
                        for lang in LANGS
                    )
                ),
                mark=row["mark"],
            )
            for row in ranking["rows"]
        ),
    )  # fmt: skip


def _series(library: Library, name: str, totals: list[Row]) -> Drawing | None:
    """Draw the province's figures over time, or those of the region that has most of them."""
    if name == "unemployment_rate":
        return labour.lines(library, BANTEN, "0000")
    dated = [row for row in totals if row["period_kind"] != "cumulative" and row["period_end"]]
    by_line: dict[tuple[Any, ...], list[Row]] = group(
        dated,
        # Rounds of different months are different lines: March and September are not compared.
        lambda r: (
            r["region_code"], r["stage"], r["perimeter"], r["series_version"],
            r["period_label"][4:] if r["period_kind"] == "round" else "",
        ),
    )  # fmt: skip
    if not by_line:
        return None
    wanted = max(
        by_line, key=lambda key: (min(len(by_line[key]), 4), key[0] == BANTEN, len(by_line[key]))
    )
    rows = sorted(by_line[wanted], key=lambda r: (r["period_end"], r["obs_id"]))
    points = {_when(row): row for row in rows}
    if len(points) < 3:
        return None
    region, stage = library.name(wanted[0]), wanted[1]
    plain = stage in {"observed", "realised"}
    texts = [region if plain else f"{region}, {word('stage', stage, lang)}" for lang in LANGS]
    line = Series(
        Text(*texts),
        tuple(Point(at, float(row["value"]), figures.mark(row)) for at, row in points.items()),
    )
    return Drawing("lines", series=(line,))


def _when(row: Row) -> float:
    end = row["period_end"]
    is_year = len(row["period_label"]) == 4
    return float(end.year) if is_year else end.year + (end.month - 1) / 12


def _sources(rows: list[Row]) -> list[Row]:
    found: list[Row] = []
    for source, held in group(rows, lambda row: row["source_id"]).items():
        labels = sorted(row["period_label"] for row in held)
        found.append({
            "source_id": source,
            "name": held[0]["source_name"],
            "tier": held[0]["provenance_tier"],
            "n_figures": len(held),
            "first": labels[0],
            "last": labels[-1],
        })  # fmt: skip
    return sorted(found, key=lambda one: (-one["n_figures"], one["name"]))
