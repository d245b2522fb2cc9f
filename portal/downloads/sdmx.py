"""Writes observations as SDMX-CSV 2.0: one row a figure, for statistical tools.

Only the layout is ours: no structure is published with it, so the dataflow's name identifies and
does not resolve. Codes of dimensions and statuses are those of the marts; statuses are SDMX's own.
"""

from __future__ import annotations

import csv
import datetime
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from portal.downloads.cells import for_csv

STRUCTURE_ID = "LUMBUNG:OBSERVATIONS(1.0)"
NOT_APPLICABLE, TOTAL = "_Z", "_T"
DIMENSIONS = (
    "INDICATOR", "REF_AREA", "TIME_PERIOD", "STAGE", "PERIMETER", "BASELINE", "BREAKDOWN",
    "CATEGORY", "SERIES_VERSION",
)  # fmt: skip
#: Attributes and the columns they come from.
ATTRIBUTES = {
    "OBS_STATUS": "obs_status", "UNIT_MEASURE": "unit", "STANDARD_ERROR": "standard_error",
    "IS_DERIVED": "is_derived", "HAS_CONFLICT": "has_conflict", "KNOWN_AT": "known_at",
    "SOURCE_ID": "source_id", "PROVENANCE_TIER": "provenance_tier", "OBS_ID": "obs_id",
    "NOTE": "note",
}  # fmt: skip
HEAD = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *DIMENSIONS, "OBS_VALUE", "UNIT_MULT", *ATTRIBUTES)


def write_sdmx_csv(observations: pa.Table, file: Path) -> int:
    """Write observations; return how many were left out, since SDMX has no undated figure."""
    n_left_out = 0
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(HEAD)
        for row in observations.to_pylist():
            period = time_period(row)
            if period is None:
                n_left_out += 1
                continue
            writer.writerow([for_csv(value) for value in _line(row, period)])
    return n_left_out


def time_period(row: dict[str, Any]) -> str | None:
    """Return a period as SDMX writes it; a range is its first day and length, as 2025-01-01/P6M.

    None where the period is not known.
    """
    label: str = row["period_label"]
    if re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?|-S[12]|-Q[1-4])?", label):
        return label
    start, end = row["period_start"], row["period_end"]
    if start is None or end is None or "/" not in label:
        return None
    after: datetime.date = end + datetime.timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    if start.day == after.day == 1 and months:
        return f"{start}/P{months // 12}Y" if months % 12 == 0 else f"{start}/P{months}M"
    return f"{start}/P{(after - start).days}D"


def _line(row: dict[str, Any], period: str) -> list[Any]:
    total = row["breakdown"] == "total"
    dimensions = [
        row["indicator_id"], row["region_code"], period, row["stage"], row["perimeter"],
        row["baseline"] or NOT_APPLICABLE, TOTAL if total else row["breakdown"],
        row["category"] or (TOTAL if total else NOT_APPLICABLE),
        row["series_version"] or NOT_APPLICABLE,
    ]  # fmt: skip
    attributes = [row[column] for column in ATTRIBUTES.values()]
    return ["dataflow", STRUCTURE_ID, "I", *dimensions, row["value"], 0, *attributes]
