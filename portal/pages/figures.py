"""Figures other than unemployment, as tables of a page show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.charts import Mark
from portal.formats import shared_places
from portal.library import Library
from portal.marts import Row

#: Stages that are no outcome yet: drawn hollow.
OPEN_STAGES = frozenset({
    "draft", "plan", "approved", "projection", "outlook", "allocation", "reported_claim",
    "realised_to_date", "unspecified",
})  # fmt: skip


def mark(row: Row) -> Mark:
    """Return how an observation is drawn: derived, not yet final, or final."""
    if row["is_derived"]:
        return "derived"
    if row["obs_status"] in {"P", "E", "U", "V"} or row["stage"] in OPEN_STAGES:
        return "open"
    return "final"


def cell(library: Library, row: Row) -> Row:
    """Return what a table shows of an observation: the figure, its standing, its evidence."""
    kept = (
        "obs_id", "indicator_id", "region_code", "period_label", "stage", "perimeter", "breakdown",
        "category", "baseline", "value", "unit", "series_version", "note", "obs_status",
        "has_conflict", "conflict_kind", "provenance_tier", "source_name",
    )  # fmt: skip
    return {
        **{name: row[name] for name in kept},
        "mark": mark(row),
        "evidence": library.evidence(row["obs_id"]),
    }


def places(unit: str, rows: Iterable[Row]) -> int | None:
    """Return how many decimals figures that stand side by side get: as many as the finest has.

    None leaves each as it is: amounts and counts have their own rules.
    """
    if unit not in {"percent", "index", "years", "ratio"}:
        return None
    return shared_places(row["value"] for row in rows if row["value"] is not None)


def newest(library: Library, code: str) -> list[Row]:
    """Return the newest figure of each indicator of a region, for the indicators of one number.

    Unemployment, transfers and programmes have tables of their own and are left out.
    """
    latest: dict[tuple[Any, ...], Row] = {}
    for row in library.of_region.get(code, []):
        if row["breakdown"] != "total" or row["value"] is None or _has_own_table(row):
            continue
        key = row["indicator_id"]
        if key not in latest or _order(row) > _order(latest[key]):
            latest[key] = row
    return [cell(library, row) for row in latest.values()]


def _has_own_table(row: Row) -> bool:
    name = row["indicator_id"]
    return name in {"unemployment_rate", "programme_budget"} or name.startswith("transfer_")


def _order(row: Row) -> tuple[Any, ...]:
    return (str(row["period_end"]), row["stage"] in {"observed", "realised"}, row["obs_id"])
