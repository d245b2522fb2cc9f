"""A page a region, and the list of all regions: how it is doing, and how we know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from portal.charts import Bar, Drawing, Text
from portal.formats import rupiah
from portal.library import Library
from portal.marts import Row
from portal.pages import figures, labour
from portal.pages.page import Page

COUNTRY = "0000"


def pages(library: Library) -> Iterator[Page]:
    """Return the list of regions and a page for each."""
    yield Page("daerah.html", "region_list.html", {"provinces": provinces(library)})
    rankings = {code: _ranking(library, code) for code in _parents(library)}
    names = {row["indicator_id"]: row for row in library.rows["indicators"]}
    for region in library.regions.values():
        yield _page(library, region, rankings, names)


class Ranking(NamedTuple):
    """The newest round of the regions below one, and its drawing: shared by all their pages."""

    rows: list[Row]
    drawing: Drawing | None


def _ranking(library: Library, code: str) -> Ranking:
    rows = labour.latest_ranking(library, code)
    return Ranking(rows, labour.peers(library, code, rows))


def provinces(library: Library) -> list[Row]:
    """Return every province with its regencies and cities."""
    return [
        {
            "code": one["region_code"],
            "name": one["name"],
            "below": [
                {"code": r["region_code"], "name": r["name"]}
                for r in library.children(one["region_code"])
            ],
        }
        for one in library.children(COUNTRY)
    ]


def _parents(library: Library) -> set[str]:
    found = {row["parent_region_code"] for row in library.regions.values()}
    return {code for code in found if code}


def _page(
    library: Library, region: Row, rankings: dict[str, Ranking], names: dict[str, Row]
) -> Page:
    code, parent = region["region_code"], region["parent_region_code"]
    among = code if code in rankings and region["type"] != "kabupaten" else parent
    ranked, peers = rankings.get(among or "", Ranking([], None))
    rounds = labour.rounds(library, code)
    themes = [row for row in library.of("themes", code) if not row["is_support"]]
    drawings = {
        "rounds": labour.lines(library, code, parent),
        "peers": peers,
        "themes": theme_bars(themes),
    }
    data: dict[str, Any] = {
        "region": {
            **region,
            "parent_name": library.name(parent) if parent else None,
        },
        "among": {"code": among, "name": library.name(among) if among else None},
        "rounds": rounds,
        "latest_figure": library.figure(rounds[0]["obs_id"]) if rounds else None,
        "before": year_before(rounds),
        "newer_round": _newer_round(library, region, rounds),
        "ranked": ranked,
        "breakdowns": [_broken_down(library, row) for row in _newest_breakdown(library, code)],
        "cuts": [cut(library, row) for row in library.of("transfer_cuts", code)],
        "claims": [claim(library, row) for row in library.of("transfer_claims", code)],
        "themes": themes,
        "newest": [
            {**row, "names": _names(names, row["indicator_id"])}
            for row in figures.newest(library, code)
        ],
        "contradictions": library.of("contradictions", code),
        "asked": [
            {**row, "wider_name": library.name(row["wider_region_code"] or "")}
            for row in library.of("musrenbang", code)
        ],
        "lineage": [
            row for row in library.rows["lineage"] if code in (row["to_code"], row["from_code"])
        ],
        "below": [{"code": r["region_code"], "name": r["name"]} for r in library.children(code)],
        "reports": library.reports.get(code, [])[:2],
        "compared_in": among if among and library.children(among) else None,
        "has_programmes": bool(library.of("programmes", code)),
    }
    drawn = {name: drawing for name, drawing in drawings.items() if drawing}
    return Page(f"daerah/{code}.html", "region.html", data, drawn)


def _names(names: dict[str, Row], indicator: str) -> Row:
    found = names[indicator]
    return {key: found[key] for key in ("name_id", "name_en", "theme")}


def year_before(rounds: list[Row]) -> Row | None:
    """Return the round twelve months before the newest, where the two may be compared."""
    if not rounds or rounds[0]["change_pp"] is None:
        return None
    newest = rounds[0]
    for row in rounds[1:]:
        if (row["survey_year"], row["survey_month"]) == (
            newest["survey_year"] - 1,
            newest["survey_month"],
        ):
            return row
    return None


def _newer_round(library: Library, region: Row, rounds: list[Row]) -> str | None:
    """Return a round that the province has and this region does not, newer than its newest."""
    parent = region["parent_region_code"]
    if region["type"] not in {"kabupaten", "kota"} or not parent or not rounds:
        return None
    above = labour.rounds(library, parent)
    if above and above[0]["period"] > rounds[0]["period"]:
        return str(above[0]["period"])
    return None


def _newest_breakdown(library: Library, code: str) -> list[Row]:
    """Return each breakdown's newest round."""
    newest: dict[str, tuple[int, int]] = {}
    rows = library.of("unemployment_breakdown", code)
    for row in rows:
        at = (row["survey_year"], row["survey_month"])
        newest[row["breakdown"]] = max(newest.get(row["breakdown"], at), at)
    return [
        row for row in rows
        if (row["survey_year"], row["survey_month"]) == newest[row["breakdown"]]
    ]  # fmt: skip


def _broken_down(library: Library, row: Row) -> Row:
    return {
        **row,
        "period": labour.period(row),
        "mark": labour.mark(library, row),
        "evidence": library.evidence(row["obs_id"]),
    }


def cut(library: Library, row: Row) -> Row:
    """Return a cut with the places of its figures' evidence."""
    return {
        **row,
        "amount_evidence": library.evidence(row["amount_obs_id"]),
        "prior_evidence": library.evidence(row["prior_obs_id"]),
        "cut_evidence": library.evidence(row["cut_obs_id"]),
    }


def claim(library: Library, row: Row) -> Row:
    """Return a claim with the place of its evidence."""
    return {**row, "evidence": library.evidence(row["obs_id"])}


def theme_bars(themes: list[Row]) -> Drawing | None:
    """Draw what a budget sets aside for each theme, outlined, and what of it was spent, solid."""
    shown = [row for row in themes if row["budget_idr"] is not None]
    if not shown:
        return None
    return Drawing(
        "bars",
        bars=tuple(
            Bar(
                key=row["theme"],
                name=Text(row["theme_name"], row["theme_name_en"]),
                value=None if row["realised_idr"] is None else float(row["realised_idr"]),
                outline=float(row["budget_idr"]),
                label=Text(rupiah(row["budget_idr"], "id"), rupiah(row["budget_idr"], "en")),
            )
            for row in sorted(shown, key=lambda r: -r["budget_idr"])
        ),
    )
