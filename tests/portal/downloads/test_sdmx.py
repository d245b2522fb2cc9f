"""SDMX-CSV: an independent reader finds every figure, and periods are written as SDMX has them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pysdmx.io import read_sdmx

from portal.downloads.sdmx import DIMENSIONS, STRUCTURE_ID, time_period, write_sdmx_csv

DAY = datetime.date


def observation(**other: Any) -> dict[str, Any]:
    return {
        "obs_id": "a" * 64, "indicator_id": "unemployment_rate", "region_code": "3673",
        "period_label": "2025-08", "period_start": DAY(2025, 8, 1), "period_end": DAY(2025, 8, 31),
        "stage": "observed", "perimeter": "area", "baseline": None, "breakdown": "total",
        "category": None, "series_version": "", "value": Decimal("6.950000"), "unit": "percent",
        "obs_status": "A", "standard_error": None, "is_derived": False, "has_conflict": True,
        "known_at": DAY(2025, 11, 5), "source_id": "press", "provenance_tier": "primary",
        "note": None, **other,
    }  # fmt: skip


ROWS = [
    observation(),
    observation(region_code="3604", value=None, obs_status="O"),
    observation(
        indicator_id="budget_expenditure", period_label="2025-01-01/2025-06-30",
        period_start=DAY(2025, 1, 1), period_end=DAY(2025, 6, 30), value=Decimal("1250000000.5"),
        breakdown="account", category="5.1", note='=cmd|" /c calc"!A0',
    ),
    observation(period_label="undated", period_start=None, period_end=None),
]  # fmt: skip


def test_a_reader_of_sdmx_finds_every_dated_figure(tmp_path: Path) -> None:
    file = tmp_path / "observations_sdmx.csv"
    assert write_sdmx_csv(pa.Table.from_pylist(ROWS), file) == 1
    [dataset] = read_sdmx(file, validate=False).data
    assert dataset.short_urn == f"Dataflow={STRUCTURE_ID}"
    rows = dataset.data.astype(object)
    rows = rows.where(rows.notna(), None).to_dict("records")
    assert [one["REF_AREA"] for one in rows] == ["3673", "3604", "3673"]
    assert [str(one["OBS_VALUE"] or "") for one in rows] == ["6.95", "", "1250000000.5"]
    assert [one["OBS_STATUS"] for one in rows] == ["A", "O", "A"]
    assert [one["TIME_PERIOD"] for one in rows] == ["2025-08", "2025-08", "2025-01-01/P6M"]
    assert [(one["BREAKDOWN"], one["CATEGORY"]) for one in rows][1:] == [
        ("_T", "_T"),
        ("account", "5.1"),
    ]
    assert str(rows[2]["NOTE"]).startswith("'=")
    assert set(DIMENSIONS) <= set(rows[0])


@pytest.mark.parametrize(
    ("label", "start", "end", "written"),
    [
        ("2024", DAY(2024, 1, 1), DAY(2024, 12, 31), "2024"),
        ("2023-S1", DAY(2023, 1, 1), DAY(2023, 6, 30), "2023-S1"),
        ("2025-08-15", DAY(2025, 8, 15), DAY(2025, 8, 15), "2025-08-15"),
        ("2010/2020", DAY(2010, 1, 1), DAY(2020, 12, 31), "2010-01-01/P11Y"),
        ("2024-01-01/2024-05-13", DAY(2024, 1, 1), DAY(2024, 5, 13), "2024-01-01/P134D"),
        ("undated", None, None, None),
    ],
)
def test_periods_are_written_as_sdmx_has_them(label, start, end, written) -> None:
    row = {"period_label": label, "period_start": start, "period_end": end}
    assert time_period(row) == written
