"""The same dbt project on Spark in dbt's own process: every mart equals DuckDB's, row by row."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from lumbung.settings import ROOT, Settings
from spark import compare
from spark.build import LOCAL, warehouse
from tests.spark.conftest import build_bundled

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]

KEPT_BY_SPARK = b"org.apache.spark.sql.parquet.row.metadata"
ASKED_OF = ("observation_history", "observations", "dim_region", "region_lineage")
QUESTIONS = {
    "known_in_2025": "observations_as_of(date '2025-01-01')",
    "on_boundaries_of_2006": "series_on_boundaries(2006)",
}


@pytest.fixture(scope="module")
def built(
    environment: Path, duckdb_marts: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, str]:
    """Build all models, seeds, unit and data tests on Spark; return where, and what dbt said."""
    settings = Settings(home=tmp_path_factory.mktemp("spark") / "home")
    return settings, build_bundled(settings)


@pytest.mark.parametrize("schema", ["marts", "staging"])
def test_every_table_is_the_same_on_both_engines(built, duckdb_marts, schema):
    settings, _ = built
    folder = Path(warehouse(settings)) / f"{schema}.db"
    assert len(compare.tables(duckdb_marts, schema)) > 10
    assert list(compare.differences(duckdb_marts, folder, schema)) == []


def test_models_seeds_unit_and_data_tests_all_ran_and_passed(built):
    _, said = built
    (summary,) = re.findall(r"Done\. (PASS=\d+ WARN=\d+ ERROR=\d+ SKIP=\d+)", said)
    passed = int(summary.split()[0].removeprefix("PASS="))
    assert summary.endswith("WARN=0 ERROR=0 SKIP=0")
    assert passed > 340, summary
    assert len(re.findall(r"PASS \w+::\w+ ", said)) > 20, "no unit tests ran"


def test_every_column_of_a_mart_is_described_where_its_rows_lie(built, duckdb_marts):
    settings, _ = built
    with duckdb.connect(str(duckdb_marts), read_only=True) as connection:
        described = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where schema_name = 'marts' and comment is not null"
        ).fetchall()
    tables, ours = compare.tables(duckdb_marts), {}
    for table, column, comment in described:
        if table in tables:
            ours.setdefault(table, {})[column] = comment
    folder = Path(warehouse(settings)) / "marts.db"
    assert len(ours) > 10
    for table, comments in ours.items():
        path = next((folder / table).glob("*.parquet"))
        schema = json.loads(pq.read_schema(path).metadata[KEPT_BY_SPARK])
        theirs = {field["name"]: field["metadata"].get("comment") for field in schema["fields"]}
        assert theirs == comments, table


def test_questions_with_a_parameter_have_the_same_answers(
    built, environment, duckdb_marts, tmp_path
):
    settings, _ = built
    results = json.loads((settings.spark / "dbt" / "run_results.json").read_text("utf-8"))
    made = [
        node["compiled_code"]
        for node in results["results"]
        if (node["compiled_code"] or "").startswith("create or replace function marts.")
    ]
    assert len(made) == len(QUESTIONS)
    folder = Path(warehouse(settings)) / "marts.db"
    asked = {
        "tables": {table: str(folder / table) for table in ASKED_OF},
        "statements": made,
        "answers": {
            str(tmp_path / "answers" / name): f"select * from {question}"
            for name, question in QUESTIONS.items()
        },
    }
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        [environment, ROOT / "tests" / "spark" / "ask.py", tmp_path / "asked.json"],
        cwd=tmp_path, env={**os.environ, "SPARK_CONF_DIR": str(LOCAL)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    ours = tmp_path / "ours.duckdb"
    with duckdb.connect(str(ours)) as connection:
        name = str(duckdb_marts).replace("'", "''")
        connection.execute(f"create schema marts; attach '{name}' as built (read_only); use built")
        for table, question in QUESTIONS.items():
            connection.execute(f"create table ours.marts.{table} as from marts.{question}")
            assert connection.sql(f"from ours.marts.{table} limit 100").fetchall()
    assert list(compare.differences(ours, tmp_path / "answers")) == []
