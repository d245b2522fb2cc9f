"""The read-only shell, on a small release made for the purpose."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    release = tmp_path / "releases" / "20260101T000000Z-abcdef01"
    release.mkdir(parents=True)
    with duckdb.connect(str(release / "warehouse.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.barn as select 'padi' as crop, 7 as sacks")
        connection.execute("comment on table marts.barn is 'What lies in the barn.'")
    (tmp_path / "releases" / "current").symlink_to(release.name)
    return tmp_path


def query(home: Path, *arguments: str, typed: str = "", **env: str):
    return subprocess.run(
        [sys.executable, "-m", "lumbung", "query", *arguments],
        cwd=ROOT, env={**os.environ, "LUMBUNG_HOME": str(home), **env},
        input=typed, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_one_question_is_answered_as_a_table(home):
    done = query(home, Q="select crop, sacks * 2 as doubled from barn")
    assert done.returncode == 0
    assert "padi" in done.stdout
    assert "14" in done.stdout


def test_statements_typed_or_piped_are_answered_one_by_one(home):
    done = query(home, typed="select crop\nfrom marts.barn;\nselect sacks from barn")
    assert done.returncode == 0
    assert "padi" in done.stdout
    assert "7" in done.stdout


def test_a_mistake_is_shown_and_fails(home):
    done = query(home, "selec crop")
    assert done.returncode == 1
    assert "syntax error" in done.stderr


def test_nothing_can_be_changed(home):
    done = query(home, "delete from barn")
    assert done.returncode == 1
    assert "read-only" in done.stderr
    assert "7" in query(home, "select sacks from barn").stdout


def test_without_a_release_it_says_what_to_run_first(tmp_path):
    done = query(tmp_path, "select 1")
    assert done.returncode == 1
    assert "make refresh" in done.stderr


def test_a_question_of_the_gallery_is_asked_by_its_number(home):
    with duckdb.connect(str(home / "releases" / "current" / "warehouse.duckdb")) as connection:
        connection.execute("create table marts.release_diff (kind text, dataset_id text)")
        connection.execute("insert into marts.release_diff values ('added', 'a'), ('added', 'b')")
    done = query(home, "--question", "50")
    assert done.returncode == 0
    assert "Apa yang berubah dalam rilis ini?" in done.stdout
    assert "What changed in this release?" in done.stdout
    assert "added" in done.stdout
    refused = query(home, "--question", "51")
    assert refused.returncode == 1
    assert "there is no question 51" in refused.stderr
