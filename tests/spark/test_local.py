"""The same dbt project on Spark in dbt's own process: every mart equals DuckDB's, row by row."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lumbung.settings import Settings
from spark import compare
from spark.build import warehouse
from tests.spark.conftest import build_bundled

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def built(
    environment: Path, duckdb_marts: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, str]:
    """Build all models, seeds and data tests on Spark; return where, and what dbt said."""
    settings = Settings(home=tmp_path_factory.mktemp("spark") / "home")
    return settings, build_bundled(settings, "--exclude", "resource_type:unit_test")


@pytest.mark.parametrize("schema", ["marts", "staging"])
def test_every_table_is_the_same_on_both_engines(built, duckdb_marts, schema):
    settings, _ = built
    folder = Path(warehouse(settings)) / f"{schema}.db"
    assert len(compare.tables(duckdb_marts, schema)) > 10
    assert list(compare.differences(duckdb_marts, folder, schema)) == []


def test_models_seeds_and_data_tests_all_ran_and_passed(built):
    _, said = built
    (summary,) = re.findall(r"Done\. (PASS=\d+ WARN=\d+ ERROR=\d+ SKIP=\d+)", said)
    passed = int(summary.split()[0].removeprefix("PASS="))
    assert summary.endswith("WARN=0 ERROR=0 SKIP=0")
    assert passed > 300, summary
