"""The two gates: observations as they go into dbt, and the marts that came out of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from expectations import suites
from expectations.results import GateResult
from ingest.catalogue import Catalogue

if TYPE_CHECKING:
    from expectations.runner import Runner

MEMORY_LIMIT = "512MB"

INPUT_TABLES = (
    "observations", "rejected", "snapshots", "fetch_outcomes", "fetches", "datasets",
    "indicators", "sources", "due_dates", "regions", "region_codes", "region_lineage",
    "region_groupings", "freshness",
)  # fmt: skip


#: Columns that the inputs of an older release may lack: NULL there.
LATER_COLUMNS = {
    "snapshots": "(select cast(null as date) as retired_on limit 0) union all by name",
}


def observation_gate(
    inputs_folder: Path,
    catalogue: Catalogue,
    previous: Path | None = None,
    today: date | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> GateResult:
    """Hold the observations to their catalogue.

    ``previous`` is the inputs folder of the current release: a figure that its newest reply
    had and the newest reply of today lacks was withdrawn, and that is never silent. A new
    ``connection`` brings its own limits, and is closed.
    """
    with connection or duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as here:
        _attach_inputs(here, inputs_folder, "main")
        _attach_inputs(here, previous or inputs_folder, "previous")
        here.execute(f"set variable has_previous = {previous is not None}")
        _attach_catalogue(here, catalogue)
        _set_today(here, today)
        return _run(here, "observations")


def candidate_gate(
    duckdb_path: Path, inputs_folder: Path | None = None, today: date | None = None
) -> GateResult:
    """Hold the marts of a candidate to arithmetic, identities and completeness."""
    inputs_folder = inputs_folder or duckdb_path.parent / "inputs"
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        _open_candidate(connection, duckdb_path, inputs_folder, today)
        return _run(connection, "candidate")


def _open_candidate(
    connection: duckdb.DuckDBPyConnection, duckdb_path: Path, inputs: Path, today: date | None
) -> None:
    """Stand in the candidate's marts, with its inputs at hand as ``memory.inputs``."""
    _attach_inputs(connection, inputs, "inputs")
    connection.execute(f"attach '{_quoted(duckdb_path)}' as candidate (read_only)")
    connection.execute("use candidate.marts")
    _set_today(connection, today)


def _run(connection: duckdb.DuckDBPyConnection, gate: suites.GateName) -> GateResult:
    runner = _runner()
    checks = [result for suite in suites.load(gate) for result in runner.run(connection, suite)]
    return GateResult(gate, tuple(checks))


def _set_today(connection: duckdb.DuckDBPyConnection, today: date | None) -> None:
    day = today or datetime.now(UTC).date()
    connection.execute(f"set variable today = date '{day.isoformat()}'")


@cache
def _runner() -> Runner:
    """Import Great Expectations once a process, and only when a gate runs."""
    from expectations.runner import Runner

    return Runner()


def _attach_inputs(connection: duckdb.DuckDBPyConnection, folder: Path, schema: str) -> None:
    """Offer every input file as a view; a missing one shows as a missing table of that name."""
    connection.execute(f"create schema if not exists {schema}")
    for table in INPUT_TABLES:
        path = folder / f"{table}.parquet"
        if path.exists():
            connection.execute(
                f"create view {schema}.{table} as {LATER_COLUMNS.get(table, '')} "
                f"from read_parquet('{_quoted(path)}')"
            )


#: What the catalogue expects, as the suites see it.
EXPECTED = {
    "expected_datasets": {
        "dataset_id": pa.string(), "minimum_rows": pa.int64(), "maximum_rejected": pa.int64(),
        "deletions_allowed": pa.int64(), "history_z": pa.float64(), "is_bundled": pa.bool_(),
        "is_series": pa.bool_(),
    },
    "expected_regions": {"dataset_id": pa.string(), "region_code": pa.string()},
    "expected_members": {
        "dataset_id": pa.string(), "indicator_id": pa.string(), "parent_region_code": pa.string(),
        "level": pa.string(), "since": pa.string(), "missing_allowed": pa.int64(),
    },
}  # fmt: skip


def _attach_catalogue(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Offer what the catalogue expects as tables."""
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in EXPECTED}
    for name, dataset in catalogue.datasets.items():
        expect = dataset.expect
        rows["expected_datasets"].append(
            {
                "dataset_id": name,
                "minimum_rows": expect.minimum_rows,
                "maximum_rejected": expect.maximum_rejected,
                "deletions_allowed": expect.deletions_allowed,
                "history_z": float(expect.history_z),
                "is_bundled": dataset.bundled is not None,
                # a collection of citations has no rounds that could come in part
                "is_series": dataset.protocol != "cited_figures",
            }
        )
        rows["expected_regions"] += [
            {"dataset_id": name, "region_code": code} for code in expect.complete_regions
        ]
        rows["expected_members"] += [
            {
                "dataset_id": name,
                "indicator_id": indicator,
                "parent_region_code": members.of,
                "level": members.level,
                "since": members.since,
                "missing_allowed": members.missing_allowed,
            }
            for members in expect.complete_members
            for indicator in members.indicators or (None,)
        ]
    for name, columns in EXPECTED.items():
        _table(connection, name, rows[name], columns)


def _table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: list[dict[str, object]],
    columns: dict[str, pa.DataType],
) -> None:
    given = pa.Table.from_pylist(rows, schema=pa.schema(list(columns.items())))
    connection.register("given", given)
    connection.execute(f"create table {name} as from given")
    connection.unregister("given")


def _quoted(path: Path) -> str:
    """Return a path for use inside an SQL text."""
    return str(path).replace("'", "''")
