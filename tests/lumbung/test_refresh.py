"""Refreshes of a copied tree, one after the other, as a person would run them."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.tree import Outcome, Tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree.copy_to(tmp_path_factory.mktemp("refresh"))


@pytest.fixture(scope="module")
def first(tree: Tree) -> Outcome:
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    return outcome


@pytest.fixture(scope="module")
def second(tree: Tree, first: Outcome) -> Outcome:
    return tree.refresh()


@pytest.fixture(scope="module")
def settled(tree: Tree, first: Outcome) -> Outcome:
    """Take up what earlier tests put back: a refresh publishes it beside a broken source."""
    return tree.refresh()


@contextmanager
def changed(path: Path, old: bytes, new: bytes) -> Iterator[None]:
    """Change a file while the block runs; the old text must be there."""
    before = path.read_bytes()
    assert before.count(old) >= 1
    path.write_bytes(before.replace(old, new, 1))
    try:
        yield
    finally:
        path.write_bytes(before)


def rate(tree: Tree, region: str, year: int, month: int) -> list[tuple]:
    return tree.ask(
        f"""select unemployment_rate_pct from marts.unemployment
        where region_code = '{region}' and survey_year = {year} and survey_month = {month}
        and is_headline"""
    )


def test_the_first_refresh_publishes_real_figures(tree, first):
    assert rate(tree, "3604", 2022, 8) == [(Decimal("10.6100"),)]
    assert rate(tree, "3600", 2023, 8) == [(Decimal("7.5200"),)]


def test_a_november_round_is_a_round_of_its_own(tree, first):
    assert rate(tree, "3600", 2025, 11) == [(Decimal("6.6300"),)]
    assert rate(tree, "3600", 2025, 8) == [(Decimal("6.6900"),)]


def test_progress_is_shown_task_by_task(first):
    for doing in ("Fetching BPS tables", "Building the candidate with dbt", "Publishing"):
        assert f"✓ {doing}" in first.said


def test_the_summary_says_what_a_person_wants_to_know(tree, first):
    said = " ".join(first.said.split())
    assert tree.current in said
    n_figures = tree.ask("select count(*) from marts.observation_history where is_current")[0][0]
    assert f"Figures read {n_figures:,}" in said
    # Lanny Jaya's 36.65 and its like are real and worth a look: a warning, with the place to look.
    assert "observations warn" in said
    assert "quality/docs/index.html" in said
    assert (tree.home / "releases" / "current" / "quality" / "docs" / "index.html").is_file()
    assert "bundled figures" in said
    assert "LUMBUNG_BPS_KEY" in said


def test_the_noise_of_airflow_goes_to_a_log(tree, first):
    assert "DAG TEST" not in first.said
    [log] = (tree.home / "logs").glob("refresh-*.log")
    assert "DAG TEST" in log.read_text(encoding="utf-8")


def test_every_step_is_logged_with_its_run_its_dataset_and_its_release(tree, first):
    logs = sorted((tree.home / "logs").glob("events-*.jsonl"))
    lines = [json.loads(line) for log in logs for line in log.read_text("utf-8").splitlines()]
    assert all(line["run_id"] for line in lines)
    harvested = [line for line in lines if line["event"] == "harvested"]
    rates = [line for line in harvested if line["dataset_id"] == "unemployment_by_regency"]
    assert rates[0]["outcome"] == "ok"
    assert rates[0]["n_observations"] > 7000
    release = tree.ask("select release_id from marts.publication")[0][0]
    steps = [line for line in lines if line.get("release_id") == release]
    assert [line.get("step", line["event"]) for line in steps][:4] == [
        "planned", "assemble", "audit", "publish",
    ]  # fmt: skip
    assert len({line["run_id"] for line in steps[:4]}) == 1


def test_the_suggested_question_gets_its_answer(tree, first):
    [command] = [line for line in first.said.splitlines() if "from unemployment" in line]
    sql = command.split('Q="')[1].rstrip('"')
    answer = tree.run("python", "-m", "lumbung", "query", Q=sql)
    assert answer.returncode == 0, answer.stderr
    assert "Kabupaten Pandeglang" in answer.stdout
    assert "8.8000" in answer.stdout


def test_every_suggested_question_runs(tree, first):
    commands = [line for line in first.said.splitlines() if 'Q="' in line]
    assert len(commands) == 2
    for command in commands:
        answer = tree.run("python", "-m", "lumbung", "query", command.split('Q="')[1].rstrip('"'))
        assert answer.returncode == 0, answer.stderr


def test_the_first_refresh_needs_dbt_and_great_expectations(first):
    assert first.loaded("great_expectations")


def test_a_second_refresh_publishes_nothing_and_says_so(tree, first, second):
    assert second.code == 0, second.complained
    assert f"Nothing new: release {tree.current} stays current" in second.said
    assert len(list((tree.home / "releases").glob("2*"))) == 1


def test_a_second_refresh_loads_neither_dbt_nor_great_expectations(tree, second):
    assert second.loaded("airflow")
    assert not second.loaded("dbt")
    assert not second.loaded("great_expectations")
    # nor does a process of its own, which would have begun this file anew
    begun = (tree.home / "cache" / "dbt" / "reading.log").stat().st_mtime
    assert begun < (tree.home / "releases" / tree.current).stat().st_mtime


def test_the_metadata_database_belongs_to_the_home(tree, first):
    database = tree.home / "airflow" / "airflow.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as airflow:
        written = {dag_id for (dag_id,) in airflow.execute("select dag_id from dag")}
        seen = airflow.execute("select relative_fileloc, bundle_name from dag").fetchall()
    # those that ran, as Airflow itself would write them, and no time for the others
    assert written == {"ingest_bps", "ingest_cited_figures", "build_release"}
    assert set(seen) == {(f"{dag_id}.py", "dags-folder") for dag_id in written}


def test_a_lock_left_by_a_dead_refresh_is_no_obstacle(tree, second):
    (tree.home / "refresh.lock").write_text("process 4711 on barn, since last year")
    assert tree.refresh().code == 0


def test_one_changed_figure_makes_a_new_release(tree, second):
    before = tree.current
    csv = tree.root / "ingest" / "bundled" / "cited_labour" / "all.csv"
    line = next(
        line for line in csv.read_bytes().splitlines()
        if line.startswith(b"unemployment_rate") and b",3604," in line and b",10.61," in line
    )  # fmt: skip
    with changed(csv, line, line.replace(b",10.61,", b",10.62,")):
        outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    assert tree.current != before
    manifest = json.loads((tree.home / "releases" / "current" / "manifest.json").read_text())
    assert manifest["diff"]


def test_another_refresh_at_work_is_named(tree, first):
    before = tree.current
    with (tree.home / "refresh.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write("process 4711 on barn, since today")
        lock.flush()
        outcome = tree.refresh()
    assert outcome.code == 75
    assert "another refresh is at work: process 4711 on barn" in outcome.complained
    assert tree.current == before


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda body: body[: len(body) // 2], "bps_unemployment_rate_by_province"),
        pytest.param(lambda body: b"", "bps_unemployment_rate_by_province", marks=pytest.mark.full),
        pytest.param(
            lambda body: b"\0" * 500, "bps_unemployment_rate_by_province", marks=pytest.mark.full
        ),
        (lambda body: b"<html><body>Sorry</body></html>", "bps_unemployment_rate_by_province"),
    ],
    ids=["truncated", "empty", "NUL-filled", "HTML for JSON"],
)
def test_a_bad_reply_leaves_the_current_release(tree, settled, damage, expected):
    before = tree.current
    folder = tree.root / "ingest" / "bundled" / "bps_unemployment_rate_by_province"
    reply = max(folder.glob("th-*.json"))
    body = reply.read_bytes()
    reply.write_bytes(damage(body))
    try:
        outcome = tree.refresh()
    finally:
        reply.write_bytes(body)
    assert outcome.code == 1
    assert "ingest_bps.harvest failed" in outcome.complained
    assert expected in outcome.complained
    assert f"release {before} is current, as before" in outcome.complained
    assert tree.current == before


def test_an_impossible_rate_is_rejected_and_stops_at_the_gate(tree, first):
    before = tree.current
    csv = tree.root / "ingest" / "bundled" / "cited_labour" / "all.csv"
    with changed(csv, b",10.61,", b",106,"):
        outcome = tree.refresh()
    assert outcome.code == 1
    assert "build_release.audit failed" in outcome.complained
    assert "106" in outcome.complained
    assert tree.current == before
