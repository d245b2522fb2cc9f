"""Small homes, candidates and releases for the tests: real DuckDB files, real Parquet."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from lumbung.settings import Settings
from release.files import sha256, write_json
from release.names import STATE

SNAPSHOTS = pa.schema(
    [
        ("dataset_id", pa.string()),
        ("snapshot_id", pa.string()),
        ("partition", pa.string()),
        ("first_fetched_at", pa.timestamp("us", tz="UTC")),
        ("last_fetched_at", pa.timestamp("us", tz="UTC")),
        ("seen_on", pa.date32()),
        ("is_sample", pa.bool_()),
    ]
)


def home(folder: Path, **values: Any) -> Settings:
    """Settings of a home below a temporary folder."""
    return Settings(home=folder / "home with a space", **values)


def snapshots(folder: Path, rows: list[dict[str, Any]]) -> None:
    """Write the snapshots that a candidate's inputs name."""
    folder.mkdir(parents=True, exist_ok=True)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    filled = [
        {
            "partition": "all",
            "first_fetched_at": moment,
            "last_fetched_at": moment,
            "seen_on": date(2026, 1, 2),
            "is_sample": True,
            **row,
        }
        for row in rows
    ]
    pq.write_table(pa.Table.from_pylist(filled, schema=SNAPSHOTS), folder / "snapshots.parquet")


def figure(region: str, value: float, **values: Any) -> dict[str, Any]:
    """One observation of a mart."""
    return {
        "indicator_id": "unemployment_rate",
        "region_code": region,
        "period_label": "2025-08",
        "stage": "observed",
        "perimeter": "area",
        "baseline": None,
        "breakdown": "total",
        "category": "total",
        "value": value,
        "unit": "percent",
        "series_version": "v1",
        "dataset_id": "rates",
        "snapshot_id": "s1",
        **values,
    }


def candidate(
    settings: Settings,
    release_id: str,
    figures: list[dict[str, Any]],
    *,
    against: str | None = None,
    fingerprint: str | None = None,
    is_sample: bool = True,
    audited: bool = True,
) -> Path:
    """Write an assembled candidate, and the report of an audit that it passed."""
    folder = settings.candidates / release_id
    shutil.rmtree(folder, ignore_errors=True)
    snapshots(folder / "inputs", [{"dataset_id": "rates", "snapshot_id": "s1"}])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        given = pa.Table.from_pylist(figures)
        connection.register("given", given)
        connection.execute(
            "create table marts.observations as "
            "select * replace (cast(value as decimal(28, 6)) as value) from given"
        )
        connection.execute("create table marts.publication as select ? as release_id", [release_id])
    state = {
        "release_id": release_id,
        "created_at": "2026-11-22T04:15:00+00:00",
        "fingerprint": fingerprint or release_id.partition("-")[2] * 8,
        "region_edition": "2026-01-01-abc",
        "is_sample": is_sample,
    }
    write_json(folder / STATE, state)
    if audited:
        report = {
            "release_id": release_id,
            "against": against,
            "gates": {"observations": "pass", "candidate": "pass", "diff": "pass"},
            "diff": {"against": against, "n_added": 1, "n_changed": 0, "n_deleted": 0},
            "messages": [],
            "warehouse_sha256": sha256(folder / "warehouse.duckdb"),
            "digest": None,
            "beyond_approval": False,
            "approved_by": None,
        }
        write_json(folder / "quality" / "audit.json", report)
    return folder


class TinyProject(Settings):
    """Settings whose dbt project is a small one in the test's own folder."""

    @property
    def dbt_project(self) -> Path:
        """The small project's folder."""
        return self.home.parent / "dbt"


TINY_FILES = {
    "dbt_project.yml": """
name: tiny
version: "1.0"
profile: lumbung
models:
  tiny:
    +schema: marts
    +materialized: table
""",
    "macros/generate_schema_name.sql": """
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or 'main' }}
{%- endmacro %}
""",
    "models/publication.sql": "select '{{ env_var(\"LUMBUNG_BUILD_RELEASE_ID\") }}' as release_id",
    "models/observations.sql": """
select 'unemployment_rate' as indicator_id, cast(region_code as varchar) as region_code,
    'percent' as unit, 'v1' as series_version, 'rates' as dataset_id, 's1' as snapshot_id,
    cast(value as decimal(28, 6)) as value
from (values ('3604', 9.18), ('3601', 9.05)) as t (region_code, value)
""",
    "models/models.yml": """
models:
  - name: observations
    columns:
      - name: region_code
        data_tests: [not_null, unique]
""",
}


def tiny_project(folder: Path, **changed: str) -> TinyProject:
    """Write a small dbt project (with the profile of the real one) and settings that use it.

    ``changed`` replaces a file's text; in its name ``__`` stands for a slash and the ending
    is ``.sql``, so that ``models__observations`` is ``models/observations.sql``.
    """
    replaced = {f"{name.replace('__', '/')}.sql": text for name, text in changed.items()}
    for name, text in {**TINY_FILES, **replaced}.items():
        path = folder / "dbt" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return TinyProject(home=folder / "home")
