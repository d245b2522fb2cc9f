"""The DAGs: which there are, when they run, how assets tie them, and that files stay thin."""

from __future__ import annotations

import ast
import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ingest import catalogue
from lumbung import refresh, settings

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "dags").glob("*.py"))

AGENCY = "lumbung://observations/agency_drop"
BPS = "lumbung://observations/bps"
BACKFILLED = "lumbung://observations/backfills"
CITED = "lumbung://observations/cited_figures"
RELEASE = "lumbung://release/current"
#: Sources with nothing to read until somebody sets their connection, by DAG.
ONCE_SET = {
    f"ingest_{name}": f"lumbung://observations/{name}"
    for name in ("djpk", "world_bank", "jabar", "ckan", "arcgis")
}

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
    if type(found).__name__ == "AssetOrTimeSchedule":
        assets = [found.asset_condition.uri]
        return {"assets": assets, "or": f"{found.timetable.expression} {found.timetable.timezone}"}
    if getattr(found, "asset_condition", None) is not None:
        condition = found.asset_condition
        if isinstance(condition, Asset):
            return {"asset": condition.uri}
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
        "deadline_minutes": [d.interval.total_seconds() / 60 for d in dag.deadline or []],
        "tasks": {task.task_id: {
            "after": sorted(task.upstream_task_ids),
            "retries": task.retries,
            "pool": task.pool,
            "queue": task.queue,
            "on_failure": [call.__name__ for call in task.on_failure_callback],
            "outlets": sorted(outlet.uri for outlet in task.outlets),
        } for task in dag.tasks},
    } for dag in bag.dags.values()},
}, open(sys.argv[2], "w"))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return look(tmp_path_factory.mktemp("airflow home"))


def look(home: Path, **settings: str) -> dict[str, Any]:
    """Return what an Airflow of somebody's own reads in the DAG files."""
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("LUMBUNG_")},
        **settings,
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
        *ONCE_SET,
        "ingest_agency_drop",
        "ingest_bps",
        "ingest_cited_figures",
        "run_backfills",
        "build_release",
        "build_portal",
        "serve_release",
        "periodic_reports",
        "watch_freshness",
    }


@pytest.mark.parametrize(
    ("dag_id", "schedule"),
    [
        ("ingest_agency_drop", "15 7-18 * * 1-5 Asia/Jakarta"),
        ("ingest_bps", "30 13 * * 1-5 Asia/Jakarta"),
        ("ingest_cited_figures", "0 5 * * * Asia/Jakarta"),
        ("ingest_djpk", "30 7 5,15,25 * * Asia/Jakarta"),
        ("ingest_world_bank", "0 6 3 * * Asia/Jakarta"),
        ("ingest_jabar", "30 5 * * 1 Asia/Jakarta"),
        ("ingest_ckan", "0 5 * * 1 Asia/Jakarta"),
        ("ingest_arcgis", "0 4 * * 1 Asia/Jakarta"),
        ("watch_freshness", "0 18 * * * Asia/Jakarta"),
        ("run_backfills", "0 21 * * * Asia/Jakarta"),
        ("build_portal", {"asset": RELEASE}),
        ("serve_release", {"assets": [RELEASE], "or": "*/15 * * * * Asia/Jakarta"}),
        ("periodic_reports", {"assets": [RELEASE], "or": "0 3 15 1,7 * Asia/Jakarta"}),
        ("build_release", {"any": sorted([AGENCY, BACKFILLED, BPS, CITED, *ONCE_SET.values()])}),
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
        **{(dag_id, "harvest"): [asset] for dag_id, asset in ONCE_SET.items()},
        ("ingest_agency_drop", "harvest"): [AGENCY],
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


def test_agencies_files_are_checked_before_they_are_read(bag):
    tasks = bag["dags"]["ingest_agency_drop"]["tasks"]
    assert {name: task["after"] for name, task in tasks.items()} == {
        "receive": [],
        "harvest": ["receive"],
    }


def test_the_other_dags_have_one_task_each(bag):
    tasks = {dag_id: set(dag["tasks"]) for dag_id, dag in bag["dags"].items()}
    for dag_id in ("ingest_bps", "ingest_cited_figures", *ONCE_SET):
        assert tasks[dag_id] == {"harvest"}
    assert tasks["run_backfills"] == {"backfill"}
    assert tasks["watch_freshness"] == {"look"}
    assert tasks["build_portal"] == {"build"}
    assert tasks["serve_release"] == {"serve"}
    assert tasks["periodic_reports"] == {"write", "publish"}


def where(bag: dict[str, Any], what: str) -> dict[str, set[str]]:
    """Return the pools or queues of each DAG's tasks."""
    return {
        dag_id: {task[what] for task in dag["tasks"].values()}
        for dag_id, dag in bag["dags"].items()
    }


def test_in_an_airflow_of_somebody_s_own_no_task_waits_for_a_pool_nobody_made(bag, tmp_path):
    assert set().union(*where(bag, "pool").values()) == {"default_pool"}
    assert set().union(*where(bag, "queue").values()) == {"default"}
    theirs = look(tmp_path, LUMBUNG_HEAVY_POOL="theirs", LUMBUNG_RELEASE_QUEUE="builders")
    named, queued = where(theirs, "pool"), where(theirs, "queue")
    assert {dag_id for dag_id, pools in named.items() if pools == {"theirs"}} == {
        "build_release",
        "build_portal",
        "periodic_reports",
    }
    assert {*map(frozenset, named.values())} == {frozenset({"theirs"}), frozenset({"default_pool"})}
    assert {dag_id for dag_id, queues in queued.items() if queues == {"builders"}} == {
        "build_release",
        "build_portal",
        "periodic_reports",
        "serve_release",
    }


PREPARE = """
import json, os, sqlite3
from lumbung import airflow_home, settings
from lumbung.settings import ROOT
loaded = settings.load()
airflow_home.prepare(loaded)
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=str(ROOT / "dags"))
named = {task.pool for dag in bag.dags.values() for task in dag.tasks}
db = sqlite3.connect(loaded.airflow_home / "airflow.db")
pools = db.execute("select pool, slots from slot_pool").fetchall()
print("said", json.dumps([sorted(named), pools]))
"""


@pytest.mark.full
def test_our_own_airflow_home_has_each_pool_that_a_task_names(tmp_path):
    def prepared(**settings: str) -> tuple[list[str], dict[str, int]]:
        done = subprocess.run(
            [sys.executable, "-c", PREPARE],
            env={**os.environ, "LUMBUNG_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), **settings},
            cwd=tmp_path, check=True, capture_output=True, text=True,
        )  # fmt: skip
        (said,) = [line for line in done.stdout.splitlines() if line.startswith("said ")]
        named, pools = json.loads(said.removeprefix("said "))
        return named, dict(pools)

    named, pools = prepared()
    assert named == ["default_pool", "lumbung_heavy"]
    assert (set(pools), pools["lumbung_heavy"]) == (set(named), 1)
    with closing(sqlite3.connect(tmp_path / "airflow" / "airflow.db")) as database, database:
        database.execute("delete from slot_pool where pool = 'lumbung_heavy'")
    _, pools = prepared(LUMBUNG_HEAVY_SLOTS="3")
    assert pools["lumbung_heavy"] == 3, "deleted by somebody, and not made again"


def test_only_one_run_of_a_dag_is_active_and_none_catches_up(bag):
    for dag in bag["dags"].values():
        assert dag["max_active_runs"] == 1
        assert dag["catchup"] is False
        assert len(dag["doc"]) > 40


def test_every_task_alerts_when_it_fails_and_every_dag_has_a_deadline(bag):
    for dag in bag["dags"].values():
        assert [minutes > 0 for minutes in dag["deadline_minutes"]] == [True]
        for task in dag["tasks"].values():
            assert task["on_failure"] == ["task_failed"]


def test_what_touches_a_source_or_a_release_is_retried(bag):
    for dag_id in set(bag["dags"]) - {"watch_freshness"}:
        assert all(task["retries"] >= 1 for task in bag["dags"][dag_id]["tasks"].values())


def test_reading_the_dag_files_loads_nothing_heavy(bag):
    heavy = {"dbt", "great_expectations", "pandas", "duckdb", "pyarrow", "ingest", "release"}
    heavy |= {"portal", "altair"}
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
    assert imported <= {
        "airflow.sdk",
        "pendulum",
        "lumbung.assets",
        "lumbung.pools",
        "lumbung.steps",
        "lumbung.alerts.callbacks",
    }
    assert len(file.read_text(encoding="utf-8").splitlines()) < 70


def test_no_task_hands_a_secret_on():
    """XCom is not masked: nothing in a DAG file may read a key."""
    for file in FILES:
        text = file.read_text(encoding="utf-8").lower()
        assert "key" not in text.replace("keyed", "")
        assert "password" not in text
        assert "environ" not in text


def test_a_refresh_asks_the_live_only_sources_once_their_own_connection_is_set():
    """The refresh leaves DAGs out by connection; what they harvest must belong to it."""
    found = catalogue.load(settings.load().catalog)
    for dag_id, connection in refresh.ONCE_SET.items():
        text = (ROOT / "dags" / f"{dag_id}.py").read_text(encoding="utf-8")
        [source] = re.findall(r'harvest_source\("(\w+)"\)', text)
        assert found.sources[source].connection == connection
        assert [one for one in found.of_source(source) if one.bundled] == []
    assert {*refresh.INGEST, *refresh.ONCE_SET} == {f.stem for f in FILES if "ingest" in f.stem}
