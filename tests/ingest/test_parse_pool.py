"""Helpers in parsing change nothing but how long it takes, and never outlive who started them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from ingest import catalogue as catalogues
from ingest import parse_pool
from ingest.harvest import Harvester, HarvestReport
from ingest.parse_pool import Parser
from lumbung.settings import ROOT
from tests.ingest.test_runs import tables
from tests.ingest.world import KEY, World, WorldSettings
from tests.replicas.bps import Fault, Replica

N_TABLES = 6


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """A replica with a few tables."""
    published = tables(World(tmp_path), N_TABLES)
    with Replica(keys=[KEY], variables=published) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        yield replica


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have helpers from the first reply on, also where there is only one core."""
    monkeypatch.setattr(parse_pool, "SECONDS_ALONE", -1.0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def harvested(world: World) -> tuple[list[HarvestReport], dict[str, bytes]]:
    """Harvest; return the reports, and every file of rows by its path below the home."""
    with closing(Harvester(world.settings)) as harvester:
        reports = harvester.run(harvester.catalogue.datasets.values())
    folder = world.settings.observations
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.parquet"))
    }
    return reports, files


def test_helpers_store_the_same_bytes_as_one_process_alone(
    tmp_path: Path, source: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = harvested(World(tmp_path, home=tmp_path / "alone"))
    monkeypatch.setattr(parse_pool, "SECONDS_ALONE", -1.0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.delattr(Parser, "parse")  # of this process: who asks it here fails
    helped = harvested(World(tmp_path, home=tmp_path / "helped"))
    assert helped == alone
    assert [report.outcome for report in helped[0]] == ["ok"] * N_TABLES
    assert len(helped[1]) == 2 * N_TABLES


@pytest.mark.usefixtures("at_once")
def test_what_a_helper_finds_wrong_is_said_as_ever(
    tmp_path: Path, source: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.faults = [Fault("changed_schema", model="data")]
    helped, files = harvested(World(tmp_path, home=tmp_path / "helped"))
    monkeypatch.setattr(parse_pool, "SECONDS_ALONE", 1e9)
    alone, same = harvested(World(tmp_path, home=tmp_path / "alone"))
    assert helped == alone
    assert files == same
    assert {report.outcome for report in helped} == {"broken"}
    assert all("datacontent" in report.message for report in helped)


@pytest.mark.usefixtures("at_once", "source")
def test_a_large_reply_waits_its_turn_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_pool, "_help", _refuses)
    reports, files = harvested(World(tmp_path))
    assert [report.n_observations for report in reports] == [1] * N_TABLES
    assert len(files) == 2 * N_TABLES


def _refuses(_settings: object, _dataset: str, snapshots: tuple[object, ...], _: str) -> list[bool]:
    """Stand in for a helper to which everything is too large."""
    return [False] * len(snapshots)


@pytest.mark.usefixtures("at_once", "source")
def test_where_a_helper_is_killed_the_rest_is_parsed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parse_pool, "_help", _dies)
    reports, files = harvested(World(tmp_path))
    assert [report.outcome for report in reports] == ["ok"] * N_TABLES
    assert len(files) == 2 * N_TABLES
    assert sum("no more helpers in parsing" in line for line in caplog.messages) == 1


def _dies(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("at_once", "source")
def test_settings_that_no_other_process_can_have_are_parsed_with_here(tmp_path: Path) -> None:
    class Local(WorldSettings):
        """Of this function: nobody else can import it."""

    world = World(tmp_path)
    world.settings = Local(**world.settings.model_dump())
    reports, _ = harvested(world)
    assert [report.outcome for report in reports] == ["ok"] * N_TABLES


@pytest.mark.usefixtures("at_once", "source")
def test_helpers_of_one_harvest_serve_the_next_and_end_with_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with parse_pool.KEEPER.keeping():
        first = harvested(World(tmp_path, home=tmp_path / "first"))
        kept = parse_pool.KEEPER._kept
        assert kept is not None
        pids = set(kept._processes)
        monkeypatch.setattr(parse_pool, "SECONDS_ALONE", 1e9)  # nobody new is started
        monkeypatch.delattr(Parser, "parse")
        assert harvested(World(tmp_path, home=tmp_path / "second")) == first
        assert set(kept._processes) == pids
    assert pids
    assert [pid for pid in pids if _lives(pid)] == []


@pytest.mark.usefixtures("at_once", "source")
def test_helpers_of_which_one_was_killed_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse_pool, "_help", _dies)
    with parse_pool.KEEPER.keeping():
        harvested(World(tmp_path))
        assert parse_pool.KEEPER._kept is None


@pytest.mark.usefixtures("source")
def test_replies_that_come_slowly_start_nobody(tmp_path: Path) -> None:
    settings = World(tmp_path).settings
    pool = parse_pool.ParsePool(settings, catalogues.load(settings.catalog))
    assert not pool._is_worth_it()
    pool._seconds, pool._begun = 3.0, time.monotonic() - 5.0
    assert pool._is_worth_it()
    pool._begun -= 5.0
    assert not pool._is_worth_it()


def test_few_replies_start_nobody(
    tmp_path: Path, source: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(ProcessPoolExecutor, "submit")
    reports, _ = harvested(World(tmp_path))
    assert [report.outcome for report in reports] == ["ok"] * N_TABLES


#: Harvests with helpers, says who they are, and is killed before it ends them.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from ingest import catalogue as catalogues
from ingest import parse_pool
from ingest.harvest import Harvester
from tests.ingest.world import World
if __name__ == "__main__":
    parse_pool.SECONDS_ALONE = -1.0
    os.cpu_count = lambda: 2
    harvester = Harvester(World(Path(sys.argv[1])).settings)
    harvester.run(harvester.catalogue.datasets.values())
    print(json.dumps(list(harvester.parse_pool._helpers._processes)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.usefixtures("source")
def test_helpers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]
    helpers = json.loads(done.stdout.splitlines()[-1])
    assert helpers
    deadline = time.monotonic() + 30
    while any(_lives(pid) for pid in helpers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [pid for pid in helpers if _lives(pid)] == []


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
