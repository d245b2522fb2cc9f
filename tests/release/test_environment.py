"""What dbt is told: where to build, and nothing that is not its business."""

from __future__ import annotations

import pytest

from release.dbt_process import DbtProcess, environment
from release.errors import AssemblyError
from tests.release import workbench


def test_no_key_reaches_dbt_and_paths_are_the_same_for_every_candidate(tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_BPS_KEY", "canary")
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", "canary")
    settings = workbench.home(tmp_path, build_memory="300MB")
    told = environment(settings)
    assert "canary" not in told.values()
    assert told["LUMBUNG_BUILD_MEMORY"] == "300MB"
    names = ("LUMBUNG_DUCKDB", "LUMBUNG_SCRATCH", "LUMBUNG_INPUTS")
    assert [told[name] for name in names] == ["warehouse.duckdb", "scratch.duckdb", "inputs"]
    assert told["PATH"]


def test_dbt_builds_nothing_where_nobody_tells_it_what(tmp_path):
    folder = tmp_path / "candidate"
    folder.mkdir()
    settings = workbench.home(tmp_path)
    with DbtProcess(settings) as dbt:
        assert dbt._process.stdin is not None
        dbt._process.stdin.close()
        dbt._process.stdin = None
        with pytest.raises(AssemblyError, match="never told what to build"):
            dbt.build(folder, {}, lambda: None)
    assert not (folder / "warehouse.duckdb").exists()


def test_a_parent_that_changes_its_mind_leaves_no_process(tmp_path):
    with pytest.raises(OSError, match="disk"), DbtProcess(workbench.home(tmp_path)) as dbt:
        raise OSError("the disk is full")
    assert dbt._process.returncode is not None
