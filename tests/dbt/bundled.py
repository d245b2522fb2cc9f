"""One warehouse from all bundled figures, for the tests of what the marts say about Banten."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import duckdb

from ingest import catalogue, harvest, inputs
from lumbung.settings import Settings
from tests.dbt.conftest import run_dbt


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Keep the folder until the interpreter ends: every module reads the same build."""
    return tempfile.TemporaryDirectory(prefix="lumbung-dbt-")


def home() -> Path:
    """Return the home folder of that build, where its bytes landed."""
    warehouse()
    return Path(_folder().name) / "home"


@cache
def warehouse() -> duckdb.DuckDBPyConnection:
    """Build once from the bundle, through harvest, inputs and dbt, and open it read-only."""
    folder = Path(_folder().name)
    settings = Settings(home=folder / "home")
    for source in sorted(catalogue.load(settings.catalog).sources):
        for report in harvest.harvest(source, settings):
            assert report.outcome in ("ok", "unchanged", "not_configured"), report
    (folder / "inputs").mkdir()
    inputs.write(settings, folder / "inputs")
    said = run_dbt(folder, folder / "inputs", "build", "--exclude", "resource_type:unit_test")
    assert said.returncode == 0, said.stdout[-4000:]
    return duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)
