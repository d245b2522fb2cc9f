"""A build on a cluster of a master and two workers, one of which dies in the middle of it."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from lumbung.settings import Settings
from spark import compare
from spark.build import LOG
from tests.spark import cluster
from tests.spark.conftest import build_bundled

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]

#: The heaviest model, about a third of the way through: everything after it needs it.
MIDDLE = "START sql table model intermediate.int_claims__classified"
MODELS_ONLY = ("--exclude", "resource_type:test", "resource_type:unit_test")


def wait_for(words: str, log: Path, building: Future[str]) -> None:
    while not (log.exists() and words in log.read_text(encoding="utf-8", errors="replace")):
        if building.done():
            building.result()
            pytest.fail(f"the build ended before it came to {words!r}")
        time.sleep(0.1)


def test_a_build_outlives_a_worker_killed_in_the_middle(
    environment, duckdb_marts, tmp_path_factory
):
    folder = tmp_path_factory.mktemp("cluster")
    with cluster.running(folder) as spark, ThreadPoolExecutor(1) as pool:
        settings = Settings(
            home=folder / "home",
            spark_thrift=spark.thrift,
            spark_warehouse=str(folder / "warehouse"),
        )
        building = pool.submit(build_bundled, settings, *MODELS_ONLY)
        wait_for(MIDDLE, settings.spark / LOG, building)
        assert len(spark.kill(1)) >= 2, "the worker had no executor: nothing of the build died"
        said = building.result()
    assert "ERROR=0 SKIP=0" in said
    assert list(compare.differences(duckdb_marts, folder / "warehouse" / "marts.db")) == []
    assert "lost" in (folder / "thrift.log").read_text(encoding="utf-8", errors="replace").lower()
