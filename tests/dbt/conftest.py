"""Builds a warehouse from a handful of rows, with the real dbt and the real DuckDB."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import corrections, inputs
from ingest.observation import observation_table, rejected_table
from lumbung.settings import ROOT

Row = Mapping[str, Any]

#: The one snapshot of a fixture that does not speak of vintages.
FIRST = {
    "dataset_id": "figures",
    "snapshot_id": "a" * 64,
    "partition": "all",
    "path": "landing/objects/aa/" + "a" * 64,
    "first_fetched_at": datetime(2026, 11, 20, 8, tzinfo=UTC),
    "last_fetched_at": datetime(2026, 11, 21, 8, tzinfo=UTC),
    "seen_on": date(2026, 11, 20),
    "is_sample": True,
}

PUBLICATION = "{release_id: r1, created_at: '2026-11-22T04:00:00Z', region_edition: '2022'}"


def claim(indicator_id: str, region_code: str, value: str | None, **other: Any) -> dict[str, Any]:
    """Return an observation row: a survey rate of August 2022 by BPS, unless told otherwise."""
    row = {
        "dataset_id": "figures",
        "snapshot_id": FIRST["snapshot_id"],
        "indicator_id": indicator_id,
        "region_code": region_code,
        "period_start": date(2022, 8, 1),
        "period_end": date(2022, 8, 31),
        "period_label": "2022-08",
        "period_kind": "round",
        "value": None if value is None else Decimal(value),
        "value_text": value or "-",
        "unit": "percent",
        "precision": Decimal("0.01"),
        "source_id": "cited_one",
        "source_name": "One",
        "provenance_tier": "official_via_press",
        "claimant": "BPS",
        **other,
    }
    return {"locator": f"row {sorted(map(str, row.values()))}", **row}


@dataclass(frozen=True)
class Fixture:
    """What goes into a build; whatever is not said is the least that dbt accepts."""

    observations: Iterable[Row]
    rejected: Iterable[Row] = ()
    snapshots: Iterable[Row] = (FIRST,)
    outcomes: Iterable[Row] = ()
    freshness: Iterable[Row] = ()
    corrections: Iterable[Row] = ()
    sources: Iterable[Row] = ()
    indicators: Mapping[str, Row] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write the files that `ingest.inputs` would write, in its own schemas."""
        folder.mkdir(parents=True)
        rows = list(self.observations)
        datasets = sorted({snapshot["dataset_id"] for snapshot in self.snapshots})
        tables = {
            "observations": observation_table(rows),
            "rejected": rejected_table(self.rejected),
            "snapshots": pa.Table.from_pylist(list(self.snapshots), schema=inputs.SNAPSHOTS),
            "fetch_outcomes": pa.Table.from_pylist(list(self.outcomes), schema=inputs.OUTCOMES),
            "fetches": pa.Table.from_pylist([], schema=inputs.FETCHES),
            "datasets": pa.Table.from_pylist(
                [{"dataset_id": name, "source_id": "one", "is_live": False} for name in datasets],
                schema=inputs.DATASETS,
            ),
            "indicators": pa.Table.from_pylist(_indicators(rows, self.indicators)),
            "sources": pa.Table.from_pylist(list(self.sources), schema=inputs.SOURCES),
            "freshness": pa.Table.from_pylist(list(self.freshness), schema=inputs.FRESHNESS),
            "corrections": pa.Table.from_pylist(
                [{**dict.fromkeys(corrections.SCHEMA.names), **c} for c in self.corrections],
                schema=corrections.SCHEMA,
            ),
        }
        for name, table in tables.items():
            pq.write_table(table, folder / f"{name}.parquet")
        for name in inputs.GEOGRAPHY:
            source = ROOT / "ingest" / "geography" / f"{name}.csv"
            inputs._write_geography(source, folder / f"{name}.parquet")
        return folder


def _indicators(rows: Iterable[Row], said: Mapping[str, Row]) -> list[dict[str, Any]]:
    units = {row["indicator_id"]: row["unit"] for row in rows}
    text = ("name_id", "name_en", "definition_id", "definition_en")
    return [
        {
            "indicator_id": name,
            **dict.fromkeys(text, name),
            "unit": unit,
            "theme": "employment",
            "direction": "neutral",
            "cadence": "irregular",
            "licence": None,
            "minimum": None,
            "maximum": None,
            **said.get(name, {}),
        }
        for name, unit in sorted(units.items())
    ]


@cache
def _parsed() -> tempfile.TemporaryDirectory[str]:
    """Keep what dbt learned from reading the project: the next build need not read it again."""
    return tempfile.TemporaryDirectory(prefix="lumbung-parsed-")


def run_dbt(folder: Path, inputs_folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run dbt in ``folder``, which keeps its leavings, with paths that are the same for all."""
    parsed = Path(_parsed().name) / "partial_parse.msgpack"
    if parsed.exists():
        arguments = (*arguments, "--partial-parse-file-path", str(parsed))
    said = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", *arguments,
            "--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT),
            "--target-path", str(folder / "target"),
            "--log-path", str(folder / "logs"),
            "--log-level-file", "none",
            "--vars", PUBLICATION,
        ],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "LUMBUNG_DUCKDB": "warehouse.duckdb",
            "LUMBUNG_INPUTS": str(inputs_folder.relative_to(folder)),
            # A zone far from UTC shows a moment that was read as local time.
            "TZ": "Asia/Jakarta",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    with suppress(FileNotFoundError):  # it broke before it had read anything
        shutil.copyfile(folder / "target" / parsed.name, parsed)
    return said


Build = Callable[..., duckdb.DuckDBPyConnection]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return a function that builds a Fixture and opens the warehouse read-only."""

    def built(fixture: Fixture, *arguments: str) -> duckdb.DuckDBPyConnection:
        folder = tmp_path_factory.mktemp("dbt")
        said = run_dbt(folder, fixture.write(folder / "inputs"), "build", *arguments)
        assert said.returncode == 0, said.stdout[-4000:] + said.stderr[-2000:]
        return duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)

    return built


def rows(connection: duckdb.DuckDBPyConnection, query: str, *values: Any) -> list[dict[str, Any]]:
    """Return the answer as one mapping a row."""
    answer = connection.execute(query, values)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
