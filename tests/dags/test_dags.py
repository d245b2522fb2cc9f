"""The DAGs: which there are, when they run, how assets tie them, and that files stay thin."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))

BPS = "lumbung://observations/bps"
BACKFILLED = "lumbung://observations/backfills"
CITED = "lumbung://observations/cited_figures"
RELEASE = "lumbung://release/current"

#: Airflow reads its settings at import, so it is asked in a process of its own, once.
LOOK = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset, AssetAny

before, started = set(sys.modules), time.monotonic()
bag = DagBag(dag_folder=sys.argv[1])
seconds = time.monotonic() - started

def schedule(dag):
    found = dag.timetable
    if getattr(found, "asset_condition", None) is not None:
        condition = found.asset_condition
        kind = "any" if isinstance(condition, AssetAny) else "?"
        return {kind: sorted(asset.uri for asset in condition.objects)}
    return f"{found.expression} {found.timezone}"

json.dump({
    "errors": bag.import_errors,
    "seconds": seconds,
    "loaded": sorted({name.split(".")[0] for name in set(sys.modules) - before}),
    "dags": {dag.dag_id: {
        "schedule": schedule(dag),
        "max_active_runs": dag.max_active_runs,
        "catchup": dag.catchup,
        "doc": dag.doc_md or "",
        "tasks": {task.task_id: {
            "after": sorted(task.upstream_task_ids),
            "retries": task.retries,
            "outlets": sorted(outlet.uri for outlet in task.outlets),
        } for task in dag.tasks},
    } for dag in bag.dags.values()},
}, open(sys.argv[2], "w"))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow home")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONPATH": str(ROOT),
    }
    out = home / "bag.json"
    subprocess.run(
        [sys.executable, "-c", LOOK, str(ROOT / "dags"), str(out)],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(out.read_text())
    return found


def test_every_dag_file_loads(bag):
    assert bag["errors"] == {}


def test_there_are_exactly_these_dags(bag):
    assert set(bag["dags"]) == {
        "ingest_bps",
        "ingest_cited_figures",
        "run_backfills",
        "build_release",
        "watch_freshness",
    }


@pytest.mark.parametrize(
    ("dag_id", "schedule"),
    [
        ("ingest_bps", "30 13 * * 1-5 Asia/Jakarta"),
        ("ingest_cited_figures", "0 5 * * * Asia/Jakarta"),
        ("watch_freshness", "0 18 * * * Asia/Jakarta"),
        ("run_backfills", "0 21 * * * Asia/Jakarta"),
        ("build_release", {"any": [BACKFILLED, BPS, CITED]}),
    ],
)
def test_each_dag_runs_when_it_should(bag, dag_id, schedule):
    assert bag["dags"][dag_id]["schedule"] == schedule


def test_observations_flow_from_ingest_into_the_release(bag):
    outlets = {
        (dag_id, task_id): task["outlets"]
        for dag_id, dag in bag["dags"].items()
        for task_id, task in dag["tasks"].items()
        if task["outlets"]
    }
    assert outlets == {
        ("ingest_bps", "harvest"): [BPS],
        ("ingest_cited_figures", "harvest"): [CITED],
        ("run_backfills", "backfill"): [BACKFILLED],
        ("build_release", "publish"): [RELEASE],
    }


def test_a_release_is_planned_assembled_audited_and_published_in_this_order(bag):
    tasks = bag["dags"]["build_release"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "plan": [],
        "assemble": ["plan"],
        "audit": ["assemble"],
        "publish": ["audit"],
    }


def test_the_other_dags_have_one_task_each(bag):
    tasks = {dag_id: set(dag["tasks"]) for dag_id, dag in bag["dags"].items()}
    assert tasks["ingest_bps"] == tasks["ingest_cited_figures"] == {"harvest"}
    assert tasks["run_backfills"] == {"backfill"}
    assert tasks["watch_freshness"] == {"look"}


def test_only_one_run_of_a_dag_is_active_and_none_catches_up(bag):
    for dag in bag["dags"].values():
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False
        assert len(dag["doc"]) > 40


def test_what_touches_a_source_or_a_release_is_retried(bag):
    for dag_id in ("ingest_bps", "ingest_cited_figures", "run_backfills", "build_release"):
        assert all(task["retries"] >= 1 for task in bag["dags"][dag_id]["tasks"].values())


def test_reading_the_dag_files_loads_nothing_heavy(bag):
    heavy = {"dbt", "great_expectations", "pandas", "duckdb", "pyarrow", "ingest", "release"}
    assert heavy & set(bag["loaded"]) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_a_dag_file_only_wires(file):
    """The law of the room: Airflow, the clock, our assets; and one step behind each task."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert imported <= {"airflow.sdk", "pendulum", "lumbung.assets", "lumbung.steps"}
    assert len(file.read_text(encoding="utf-8").splitlines()) < 70


def test_no_task_hands_a_secret_on():
    """XCom is not masked: nothing in a DAG file may read a key."""
    for file in FILES:
        text = file.read_text(encoding="utf-8").lower()
        assert "key" not in text.replace("keyed", "")
        assert "password" not in text
        assert "environ" not in text
