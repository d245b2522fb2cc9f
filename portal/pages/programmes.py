"""The programme explorer: every programme of every government, by theme, with its accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator

from portal.charts import Bar, Drawing, Text
from portal.formats import LANGS, rupiah
from portal.library import Library, group
from portal.marts import Row
from portal.pages import regions
from portal.pages.page import Page


def pages(library: Library) -> Iterator[Page]:
    """Return the list of all programmes and a page a government."""
    programmes = library.rows["programmes"]
    names = {
        row["theme"]: {"theme_name": row["theme_name"], "theme_name_en": row["theme_name_en"]}
        for row in library.rows["themes"]
    }
    governments = list(group(programmes, lambda row: row["region_code"]).items())
    jobs = [
        row for row in library.rows["themes"]
        if row["theme"] == "employment" and not row["is_support"] and row["budget_idr"] is not None
    ]  # fmt: skip
    yield Page(
        "program.html",
        "programmes.html",
        {
            "programmes": [_slim(library, row) for row in programmes],
            "names": names,
            "governments": [_government(library, code, rows) for code, rows in governments],
            "jobs": jobs,
        },
        {"jobs": _jobs(jobs)} if len(jobs) > 1 else {},
    )
    accounts = _accounts(library)
    for code, rows in governments:
        yield _page(library, code, rows, accounts, names)


def _slim(library: Library, row: Row) -> Row:
    kept = ("region_code", "fiscal_year", "program_name", "program_code", "theme", "budget_idr")
    return {key: row[key] for key in kept} | {"region_name": library.name(row["region_code"])}


def _government(library: Library, code: str, rows: list[Row]) -> Row:
    years = sorted({row["fiscal_year"] for row in rows})
    return {
        "code": code,
        "name": library.name(code),
        "n": len(rows),
        "years": years,
        "budget_idr": sum(
            row["budget_idr"] or 0 for row in rows if row["fiscal_year"] == years[-1]
        ),
        "n_unmapped": sum(not row["is_mapped"] for row in rows),
    }


def _page(
    library: Library, code: str, rows: list[Row], accounts: dict[tuple[str, ...], list[Row]],
    names: dict[str, Row],
) -> Page:  # fmt: skip
    shown = []
    for row in rows:
        key = _key(code, row["fiscal_year"], row["program_code"], row["program_name"])
        shown.append({**row, "accounts": accounts.get(key, [])})
    themes = [row for row in library.of("themes", code) if not row["is_support"]]
    bars = regions.theme_bars(themes)
    return Page(
        f"program/{code}.html",
        "programme_region.html",
        {
            "region": library.regions[code],
            "programmes": shown,
            "themes": themes,
            "names": names,
        },
        {"themes": bars} if bars else {},
    )


def _accounts(library: Library) -> dict[tuple[str, ...], list[Row]]:
    """Return the figures behind each programme: its accounts, each with its evidence."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in library.of_indicator.get("programme_budget", []):
        about = json.loads(row["attributes"] or "{}")
        key = _key(
            row["region_code"], row["period_label"], about.get("program_code", ""),
            about.get("program_name", ""),
        )  # fmt: skip
        found.setdefault(key, []).append({
            "name": about.get("account_name", row["category"]),
            "value": row["value"],
            "evidence": library.evidence(row["obs_id"]),
        })  # fmt: skip
    return found


def _key(*parts: object) -> tuple[str, ...]:
    return tuple(" ".join(str(part).lower().split()) for part in parts)


def _jobs(jobs: list[Row]) -> Drawing:
    return Drawing(
        "bars",
        bars=tuple(
            Bar(
                key=row["region_code"],
                name=Text(row["region_name"], row["region_name"]),
                value=None if row["realised_idr"] is None else float(row["realised_idr"]),
                outline=float(row["budget_idr"]),
                label=Text(*(rupiah(row["budget_idr"], lang) for lang in LANGS)),
            )
            for row in sorted(jobs, key=lambda r: -r["budget_idr"])
        ),
    )
