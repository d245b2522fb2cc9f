"""Can I trust it? Disparity, quality and status, changes, policy with corrections, glossary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from portal.charts import Drawing, Point, Series, Text
from portal.formats import LANGS
from portal.library import Library, group
from portal.marts import Row
from portal.pages import figures
from portal.pages.page import Page
from portal.words import word

BANTEN = "3600"
UNEMPLOYMENT = "unemployment_rate"
#: Indicators that the disparity mart computes itself, with their units: they have no page.
DERIVED_UNITS = {"budget_expenditure_per_capita": "idr_per_person"}
GLOSSARY = Path(__file__).parent.parent / "glossary.yml"


def pages(library: Library) -> Iterator[Page]:
    """Return the pages on how far the figures can be relied on."""
    names = {row["indicator_id"]: row for row in library.rows["indicators"]}
    yield _disparity(library, names)
    yield _quality(library, names)
    yield Page(
        "rilis.html",
        "changes.html",
        {
            "changes": [
                {
                    **row,
                    "names": _names(names, row["indicator_id"]),
                    "name": library.name(row["region_code"] or ""),
                }
                for row in library.rows["release_diff"]
            ][:500],
            "n_changes": len(library.rows["release_diff"]),
            "revisions": [
                {
                    **row,
                    "names": _names(names, row["indicator_id"]),
                    "name": library.name(row["region_code"]),
                    "old_evidence": library.evidence(row["old_obs_id"]),
                    "new_evidence": library.evidence(row["new_obs_id"]),
                }
                for row in library.rows["revisions"]
            ],
        },
    )  # fmt: skip
    yield Page(
        "kebijakan.html",
        "policy.html",
        {
            "corrections": [
                {
                    **row,
                    "names": _names(names, row["indicator_id"]),
                    "name": library.name(row["region_code"] or ""),
                    "evidence": library.evidence(
                        row["corrected_obs_id"] or row["uncorrected_obs_id"]
                    ),
                }
                for row in library.rows["corrections"]
            ]
        },
    )  # fmt: skip
    terms = yaml.safe_load(GLOSSARY.read_text(encoding="utf-8"))
    yield Page("glosarium.html", "glossary.html", {"terms": terms})


def _names(names: dict[str, Row], indicator: str | None) -> Row:
    found = names.get(indicator or "")
    if found is not None:
        return {lang: found[f"name_{lang}"] for lang in LANGS}
    return {lang: word("derived_indicator", indicator, lang) for lang in LANGS}


def _disparity(library: Library, names: dict[str, Row]) -> Page:
    rows = [row for row in library.rows["disparity"] if row["is_headline"]]
    scopes = [
        {
            "indicator_id": indicator,
            "names": _names(names, indicator),
            "is_known": indicator in names,
            "unit": names.get(indicator, {}).get("unit", DERIVED_UNITS.get(indicator, "")),
            "rows": [
                {
                    **row,
                    "highest_name": library.name(row["highest_region_code"] or ""),
                    "lowest_name": library.name(row["lowest_region_code"] or ""),
                    "missing_names": [
                        library.name(code) for code in (row["missing_region_codes"] or "").split()
                    ],
                }
                for row in reversed(held)
            ],
        }
        for indicator, held in group(
            (row for row in rows if row["scope_id"] == BANTEN), lambda row: row["indicator_id"]
        ).items()
    ]
    newest: dict[str, Row] = {}
    for row in rows:
        if (
            row["indicator_id"] == "unemployment_rate"
            and row["max_min_ratio"] is not None
            and row["parent_region_code"]
        ):
            newest[row["scope_id"]] = row
    drawing = _ratio_line(rows)
    return Page(
        "kesenjangan.html",
        "disparity.html",
        {
            "answer": _answer(scopes, names),
            "scopes": sorted(scopes, key=lambda one: one["indicator_id"] != "unemployment_rate"),
            "provinces": sorted(newest.values(), key=lambda row: -row["max_min_ratio"]),
        },
        {"ratio": drawing} if drawing else {},
    )  # fmt: skip


def _answer(scopes: list[Row], names: dict[str, Row]) -> Row | None:
    """Return the newest gap in unemployment and that of a year before in the same series."""
    rows = [
        row
        for scope in scopes
        if scope["indicator_id"] == UNEMPLOYMENT
        for row in scope["rows"]
        if row["max_min_ratio"] is not None
    ]
    if not rows or UNEMPLOYMENT not in names:
        return None
    label = rows[0]["period_label"]
    earlier = f"{int(label[:4]) - 1}{label[4:]}"
    before = next(
        (
            row
            for row in rows
            if row["period_label"] == earlier and row["series_version"] == rows[0]["series_version"]
        ),
        None,
    )
    return {"now": rows[0], "before": before, "about": names[UNEMPLOYMENT]}


def _ratio_line(rows: list[Row]) -> Drawing | None:
    """Draw the population-weighted index of Banten's unemployment over time."""
    held = [
        row for row in rows
        if row["indicator_id"] == "unemployment_rate" and row["scope_id"] == BANTEN
        and row["period_label"].endswith("-08")
    ]  # fmt: skip
    series = []
    for column, indonesian, english in (
        ("williamson_index", "indeks Williamson", "Williamson index"),
        ("gini_index", "indeks Gini antardaerah", "Gini index between regions"),
    ):
        points, before = [], None
        for row in held:
            if row[column] is None:
                before = None
                continue
            joined = before is not None and before["series_version"] == row["series_version"]
            points.append(Point(row["period_year"] + 7 / 12, float(row[column]), "derived", joined))
            before = row
        if len(points) > 2:
            series.append(Series(Text(indonesian, english), tuple(points)))
    return Drawing("lines", series=tuple(series)) if series else None


def _by_state(rows: list[Row]) -> dict[str, list[Row]]:
    """Return datasets by what a reader wants to know first: failing, late, there, never asked."""
    found: dict[str, list[Row]] = {"failing": [], "late": [], "there": [], "not_configured": []}
    for row in rows:
        if row["is_failing"]:
            found["failing"].append(row)
        elif row["is_late"]:
            found["late"].append(row)
        else:
            found["there" if row["last_fetched_at"] else "not_configured"].append(row)
    return found


def _quality(library: Library, names: dict[str, Row]) -> Page:
    observations = library.rows["observations"]
    missing = group(
        (row for row in observations if row["obs_status"] == "O"),
        lambda row: (row["indicator_id"], row["period_label"], row["note"]),
    )
    disputed = [row for row in observations if row["has_conflict"]]
    return Page(
        "mutu.html",
        "quality.html",
        {
            "freshness": _by_state(library.rows["freshness"]),
            "outcomes": [
                row
                for row in library.rows["fetch_outcomes"]
                if row["outcome"] not in {"ok", "unchanged"}
            ],
            "n_outcomes": len(library.rows["fetch_outcomes"]),
            "rejected": library.rows["rejected"],
            "contradictions": [
                {
                    **row,
                    "evidence": [
                        found
                        for obs_id in (row["evidence_obs_ids"] or "").split(",")
                        if (found := library.evidence(obs_id))
                    ],
                }
                for row in library.rows["contradictions"]
            ],
            "missing": [
                {
                    "names": _names(names, indicator),
                    "indicator_id": indicator,
                    "period_label": label,
                    "note": note,
                    "n": len(held),
                    "regions": [library.name(row["region_code"]) for row in held][:12],
                }
                for (indicator, label, note), held in sorted(missing.items(), key=str)
            ],
            "disputed": [
                figures.cell(library, row)
                | {
                    "names": _names(names, row["indicator_id"]),
                    "name": library.name(row["region_code"]),
                    "n_claims": row["n_claims"],
                }
                for row in disputed
            ],
            "counts": library.publication,
        },
    )  # fmt: skip
