"""``python -m ingest run`` does what a DAG does, on one line a dataset."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app
from lumbung import settings as house
from tests.ingest.test_harvest import bundle
from tests.ingest.world import KEY, World
from tests.replicas.bps import Fault, Replica, sample


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    world.add_rate()
    world.add_rate("other")
    bundle(world)
    monkeypatch.setattr(house, "load", lambda: world.settings)
    return world


def run(*arguments: str):
    return CliRunner().invoke(app, ["run", *arguments])


def test_one_dataset_is_run_and_summed_up(world):
    result = run("--dataset", "rate")
    assert result.exit_code == 0
    line, total = result.stdout.splitlines()
    assert line.split()[:4] == ["rate", "ok", "bundled", "32"]
    assert total.startswith("1 datasets, 32 figures, 0 rejected, 4 new replies; bundled figures")


def test_everything_is_run_by_default_and_an_unconfigured_source_is_no_failure(world):
    result = run()
    assert result.exit_code == 0
    (other,) = [line for line in result.stdout.splitlines() if line.startswith("other")]
    assert "not configured: nothing is bundled; set LUMBUNG_BPS_URL" in other
    assert "2 datasets, 32 figures" in result.stdout


def test_a_failure_shows_in_the_exit_code(world):
    (world.folder / "bundled" / "rate" / "th-120-121.json").unlink()
    result = run()
    assert result.exit_code == 1
    assert "exactly one file for partition 'th-120-121'" in result.stdout


def test_a_source_that_does_not_exist_is_named(world):
    result = run("--source", "nobody")
    assert result.exit_code == 2
    assert "no source 'nobody'" in result.stderr
    assert "bps, press" in result.stderr


def test_a_dataset_that_does_not_exist_is_named(world):
    result = run("--dataset", "nothing")
    assert result.exit_code == 2
    assert "no dataset 'nothing'" in result.stderr


def test_a_block_shows_without_the_key(world, monkeypatch):
    with Replica(sample(), keys=[KEY], faults=[Fault("blocked")]) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        result = run("--source", "bps")
    assert result.exit_code == 1
    assert result.output.count("refused") >= 2
    assert KEY not in result.output
