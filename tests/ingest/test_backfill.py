"""Declared backfills: checked, asked again also where closed, and run once."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest import backfill
from ingest import catalogue as catalogues
from ingest.__main__ import app
from ingest.errors import BackfillError
from ingest.harvest import harvest
from ingest.landing import Landing
from tests.ingest.test_harvest import figures, published
from tests.ingest.test_runs import asked
from tests.ingest.world import KEY, World, WorldSettings
from tests.replicas.bps import Fault, Replica, sample

GOOD = """
dataset: rate
partitions: ["th-118-*", th-122-123]
reason: BPS announced new weights for these rounds.
requested_by: Ani Data, Bappeda
date: 2026-11-22
"""


class OwnBackfills(WorldSettings):
    """Settings whose backfills lie in the test's folder."""

    @property
    def backfills(self) -> Path:
        return self.world / "backfills"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.settings = OwnBackfills(**world.settings.model_dump())
    world.add_rate()
    world.write("backfills/new_weights.yml", GOOD)
    return world


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch):
    with Replica(sample(), keys=[KEY]) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        yield replica


def test_a_backfill_asks_for_its_partitions_alone_and_once(world, replica):
    harvest("bps", world.settings)
    replica.variables["3600", 64].cells[3604, "0", 2019, 190] = 9.99
    replica.requests.clear()
    [declared] = backfill.pending(world.settings)
    report = backfill.run(world.settings, declared)
    assert sorted(asked(replica)) == ["118;119", "122;123"]
    assert (report.outcome, report.n_new_snapshots) == ("ok", 1)
    replica.requests.clear()
    assert backfill.pending(world.settings) == []
    assert backfill.run(world.settings, declared) is None
    assert replica.requests == []
    assert backfill.done(world.settings, "new_weights").outcome == "ok"


def test_a_backfill_retires_nothing_that_it_did_not_ask_for(world, replica):
    harvest("bps", world.settings)
    [declared] = backfill.pending(world.settings)
    backfill.run(world.settings, declared)
    assert {s.retired_on for s in Landing(world.settings.landing).snapshots("rate")} == {None}
    assert figures(world) == published(sample()[0])


def test_a_backfill_that_failed_stays_pending_and_asks_only_for_what_failed(world, replica):
    replica.faults = [Fault("bad_json", times=1, model="data")]
    [declared] = backfill.pending(world.settings)
    assert backfill.run(world.settings, declared).outcome == "broken"
    [declared] = backfill.pending(world.settings)
    replica.requests.clear()
    assert backfill.run(world.settings, declared).outcome == "ok"
    assert asked(replica) == ["118;119"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("dataset: rate", "dataset: rates", "no dataset 'rates'; there are: rate"),
        ('["th-118-*", th-122-123]', "[]", "partitions"),
        ("reason: BPS announced new weights for these rounds.", "reason: because", "reason"),
        ("requested_by: Ani Data, Bappeda", "", "requested_by"),
        ("date: 2026-11-22", "date: 2999-01-01", "lies in the future"),
        ("dataset: rate", "years: 2010\ndataset: rate", "years"),
        ("dataset: rate", "dataset: [", "YAML"),
    ],
)
def test_a_wrong_file_is_named_with_its_key(world, old, new, said):
    path = world.write("backfills/new_weights.yml", GOOD.replace(old, new))
    with pytest.raises(BackfillError, match=r"new_weights\.yml") as caught:
        backfill.pending(world.settings)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_changed_after_it_ran_is_refused(world, replica):
    [declared] = backfill.pending(world.settings)
    backfill.run(world.settings, declared)
    world.write("backfills/new_weights.yml", GOOD.replace("th-118-*", "*"))
    with pytest.raises(BackfillError, match="changed after it ran"):
        backfill.pending(world.settings)


def test_patterns_that_fit_no_partition_are_no_empty_backfill(world, replica):
    harvest("bps", world.settings)
    world.write("backfills/new_weights.yml", GOOD.replace("th-", "ht-"))
    [declared] = backfill.pending(world.settings)
    with pytest.raises(BackfillError, match=r"fits no partition of rate; .*th-118-119"):
        backfill.run(world.settings, declared)
    assert backfill.pending(world.settings) == [declared]


def test_the_command_runs_a_file_and_says_so(world, replica, monkeypatch):
    monkeypatch.setattr("lumbung.settings.load", lambda: world.settings)
    command = ["backfill", str(world.folder / "backfills/new_weights.yml")]
    first, second = (CliRunner().invoke(app, command) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert "16 figures" in first.output
    assert (second.exit_code, "has run already" in second.output) == (0, True)


def test_the_step_behind_the_dag_skips_where_nothing_is_pending(world, replica, monkeypatch):
    from airflow.sdk.exceptions import AirflowSkipException

    from lumbung.steps import run_pending_backfills

    monkeypatch.setattr("lumbung.settings.load", lambda: world.settings)
    [report] = run_pending_backfills()
    assert (report["dataset_id"], report["outcome"]) == ("rate", "ok")
    with pytest.raises(AirflowSkipException):
        run_pending_backfills()


def test_the_declared_backfills_of_this_tree_are_right():
    from lumbung.settings import Settings

    settings = Settings()
    catalogue = catalogues.load(settings.catalog)
    for path in settings.backfills.glob("*.yml"):
        backfill.read(path, catalogue)
