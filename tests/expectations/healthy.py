"""Healthy inputs and marts, small enough to break one thing at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.catalogue import Catalogue
from ingest.observation import observation_table, rejected_table
from ingest.schema import Bilingual, Dataset, Expectations

TODAY = date(2026, 11, 22)
TEXT = Bilingual(id="Contoh", en="Example")


def catalogue(**expect: Any) -> Catalogue:
    """A catalogue with one dataset, ``rates``."""
    dataset = Dataset(
        dataset="rates",
        protocol="table",
        source="bps",
        title=TEXT,
        expect=Expectations(**{"minimum_rows": 2, "complete_regions": ("3601",), **expect}),
    )
    return Catalogue(Path("catalog"), {"rates": dataset}, {}, {}, {})


def rate(region: str, value: str | None, **values: Any) -> dict[str, Any]:
    """One observation row of an unemployment rate."""
    return {
        "dataset_id": "rates",
        "snapshot_id": "s1",
        "locator": f"line {region}",
        "indicator_id": "unemployment_rate",
        "region_code": region,
        "period_start": date(2025, 8, 1),
        "period_end": date(2025, 8, 31),
        "period_label": "2025-08",
        "period_kind": "round",
        "value": None if value is None else Decimal(value),
        "value_text": value,
        "unit": "percent",
        "source_id": "bps",
        "source_name": "BPS",
        "provenance_tier": "primary",
        **values,
    }


def rates() -> list[dict[str, Any]]:
    """Two healthy figures."""
    return [rate("3601", "9.05"), rate("3604", "9.18")]


def snapshot(name: str = "s1", day: int = 1, **values: Any) -> dict[str, Any]:
    """One snapshot row."""
    moment = datetime(2026, 1, day, tzinfo=UTC)
    return {
        "dataset_id": "rates", "snapshot_id": name, "partition": "all", "path": "objects/s1",
        "first_fetched_at": moment, "last_fetched_at": moment, "seen_on": moment.date(),
        "is_sample": True, **values,
    }  # fmt: skip


def inputs(
    folder: Path,
    rows: list[dict[str, Any]],
    rejected: list[dict[str, Any]] | None = None,
    snapshots: list[dict[str, Any]] | None = None,
    *,
    is_late: bool = False,
    is_failing: bool = False,
) -> Path:
    """Write the inputs that the observation gate reads."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "observations": observation_table(rows),
        "rejected": rejected_table(rejected or []),
        "snapshots": pa.Table.from_pylist(snapshots or [snapshot()]),
        "regions": pa.table(
            {
                "region_code": ["0000", "3600", "3601", "3604"],
                "parent_region_code": [None, "0000", "3600", "3600"],
                "type": ["country", "province", "kabupaten", "kabupaten"],
                "valid_from": pa.array([None] * 4, pa.date32()),
                "valid_to": pa.array([None] * 4, pa.date32()),
            }
        ),
        "freshness": pa.table(
            {
                "dataset_id": ["rates"],
                "last_fetched_at": [datetime(2026, 1, 1, tzinfo=UTC)],
                "next_due_at": [date(2027, 2, 5)],
                "is_late": [is_late],
                "is_failing": [is_failing],
                "reason": ["nothing due is missing"],
            }
        ),
        "indicators": pa.table(
            {
                "indicator_id": ["unemployment_rate"],
                "unit": ["percent"],
                "minimum": pa.array([Decimal(0)], pa.decimal128(28, 6)),
                "maximum": pa.array([Decimal(100)], pa.decimal128(28, 6)),
            }
        ),
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return folder


#: The columns of the marts that the candidate gate reads, with rows that fit each other.
MARTS = """
create schema marts;
use marts;
create table dim_region as
select 'r' || code as region_id, code as region_code, 'name' as name, type,
    parent as parent_region_code, null::date as valid_from, null::date as valid_to
from (
    select '0000' as code, 'country' as type, null as parent
    union all select '3600', 'province', '0000'
    union all select (4000 + range)::varchar, 'province', '0000' from range(37)
    union all select '3601', 'kabupaten', '3600'
    union all select '3604', 'kabupaten', '3600'
    union all select (5000 + range)::varchar, 'kota', '3600' from range(512)
);
create table region_lineage as
select 'x' as from_region_id, 'y' as to_region_id, null::date as valid_from, 'split' as kind
limit 0;
create table dim_indicator as
select 'unemployment_rate' as indicator_id, 'percent' as unit, 0.0 as minimum, 100.0 as maximum
union all select 'programme_budget', 'idr', 0.0, null;
create table dim_source as select 'bps' as source_id;
create table observation_history as
select 'o' || region as obs_id, 'rates' as dataset_id, region as region_code,
    null::varchar as correction_role, 's1' as snapshot_id, false as is_derived
from (values ('3601'), ('3604')) as t (region);
create table observations as
select h.obs_id, 'unemployment_rate' as indicator_id, h.region_code,
    date '2025-08-01' as period_start, date '2025-08-31' as period_end,
    '2025-08' as period_label, 'observed' as stage, 'area' as perimeter, null as baseline,
    'total' as breakdown, 'total' as category, 9.1::decimal(28, 6) as value, 'percent' as unit,
    'bps' as source_id, false as has_conflict, null::varchar as conflict_kind,
    date '2025-11-05' as known_at, 'v1' as series_version, 0.01::decimal(28, 6) as precision,
    false as is_derived
from observation_history as h
union all
select 'o3601', 'programme_budget', '3601', null, null, '2023', 'enacted', 'own_government',
    null, 'programme_account', 'a', 1000, 'idr', 'bps', false, null, date '2025-11-05', '', 1,
    false;
create table rejected as select 'rates' as dataset_id limit 0;
create table unemployment as
select region as region_code, year as survey_year, 8 as survey_month, 'v1' as series_version,
    rate::decimal(9, 4) as unemployment_rate_pct, 64.0 as participation_rate_pct,
    1000::bigint as labour_force_persons, 909::bigint as employed_persons,
    91::bigint as unemployed_persons, rank as rank_in_province, 2 as n_ranked,
    change::decimal(9, 4) as change_pp
from (values
    ('3601', 2024, 9.0, 1, null), ('3601', 2025, 9.1, 1, 0.1), ('3604', 2025, 9.1, 1, null)
) as t (region, year, rate, rank, change);
create table unemployment_breakdown as
select '3604' as region_code, 2025 as survey_year, 8 as survey_month, 'sex' as breakdown,
    'female' as category, 8.5::decimal(9, 4) as unemployment_rate_pct;
create table transfer_cuts as
select '3604' as region_code, 2026 as fiscal_year, 'total' as component,
    'prior_year' as baseline, 'allocations' as basis, 800::bigint as amount_idr,
    1000::bigint as prior_amount_idr, 200::bigint as cut_idr, 20.0 as cut_pct,
    400::bigint as own_revenue_idr, 50.0 as own_revenue_growth_needed_pct;
create table transfer_claims as
select 'o3604' as obs_id, '3604' as region_code, 2026 as fiscal_year, 'total' as component,
    'Mayor' as claimant, date '2025-10-01' as claimed_at;
create table program_spend as
select '3601' as region_code, 2023 as fiscal_year, '1.01' as program_code,
    'Schools' as program_name,
    null::varchar as agency_name, '5' as account_code, 'enacted' as stage,
    date '2023-12-31' as period_end, 'education' as theme, 1000::bigint as budget_idr,
    null::bigint as realised_idr, 100.0 as share_of_budget_pct, 1 as n_lines;
create table mart_lineage as
select 'unemployment' as mart, 'k' as row_key, 'unemployment_rate_pct' as column_name,
    'o3601' as obs_id;
create table fetch_outcomes as select 'rates' as dataset_id, 'all' as partition, 'ok' as outcome;
create table publication as select '20260101T000000Z-aaaaaaaa' as release_id;
"""


def warehouse(folder: Path, broken: str = "") -> Path:
    """Write a candidate's warehouse beside its inputs, then run the SQL that breaks it."""
    inputs(folder / "inputs", rates())
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(MARTS)
        if broken:
            connection.execute(broken)
    return path
