"""Spark's own environment, installed once a run, and a build of all bundled figures on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.settings import Settings
from spark import build
from tests import environments
from tests.dbt import bundled
from tests.dbt.conftest import PUBLICATION


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install Spark's own environment, where that was not done before."""
    return environments.installed("spark", tmp_path_factory)


@pytest.fixture(scope="session")
def duckdb_marts() -> Path:
    """Return the DuckDB file that dbt built from all bundled figures."""
    bundled.warehouse()
    return bundled.home().parent / "warehouse.duckdb"


def build_bundled(settings: Settings, *options: str) -> str:
    """Build the same figures on Spark, under the same name; return what dbt said."""
    inputs = bundled.home().parent / "inputs"
    log = build.build(settings, str(inputs), {}, ["--vars", PUBLICATION, *options])
    return log.read_text(encoding="utf-8")
