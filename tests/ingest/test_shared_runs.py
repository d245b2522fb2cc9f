"""Workers with homes of their own share a store and a ledger: runs, kills and pace hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import storage
from ingest.errors import LandingError
from ingest.harvest import harvest
from ingest.landing import Landing
from ingest.parsed import observations_path, parser_of
from lumbung.settings import ROOT
from tests import stores
from tests.ingest.test_runs import CUT_SHORT, tables
from tests.ingest.world import KEY, World
from tests.replicas.bps import Replica, sample

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]

HARVEST = """
import sys
from pathlib import Path
from ingest.harvest import harvest
from tests.ingest.world import World
world = World(Path(sys.argv[1]), home=Path(sys.argv[2]), rate_per_host=float(sys.argv[3]))
for report in harvest("bps", world.settings):
    print(report.dataset_id, report.outcome, report.n_new_snapshots)
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[stores.Shared]:
    with stores.shared() as running:
        yield running


@pytest.fixture(autouse=True)
def environment(shared: stores.Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process, and those that it starts, share a store and a ledger; both empty."""
    for name, value in shared.fresh().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def elsewhere(world: World, name: str) -> World:
    """Return the same catalogue for a worker whose home never saw the first one's."""
    return World(world.folder, home=world.folder / name)


def ask(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
    monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)


def test_what_one_worker_fetched_another_one_finds_unchanged_and_stores_no_second_time(
    world, monkeypatch
):
    with Replica(keys=[KEY], variables=tables(world, 3)) as replica:
        ask(replica, monkeypatch)
        assert [r.outcome for r in harvest("bps", world.settings)] == ["ok"] * 3
        landing = Landing.of(world.settings)
        objects = landing.objects / "objects"
        before = {str(path): path.stat().st_mtime for path in objects.rglob("*") if path.is_file()}
        other = elsewhere(world, "another home")
        reports = harvest("bps", other.settings)
    assert [(r.outcome, r.n_new_snapshots) for r in reports] == [("unchanged", 0)] * 3
    after = {str(path): path.stat().st_mtime for path in objects.rglob("*") if path.is_file()}
    assert after == before, "the same bytes were put again"
    assert len(before) >= 3
    assert Landing.of(other.settings).snapshots() == landing.snapshots()
    assert len(list(landing.attempts())) == 6
    for home in (world.settings.home, other.settings.home):
        assert [p for p in home.rglob("*") if p.is_file()] == [], "a worker's disk holds something"


def test_a_worker_killed_in_the_middle_is_gone_on_with_by_another_on_another_disk(
    world, monkeypatch
):
    with Replica(keys=[KEY], variables=tables(world, 6)) as replica:
        ask(replica, monkeypatch)
        killed = subprocess.run(
            [sys.executable, "-c", CUT_SHORT, str(world.folder), "4"], cwd=ROOT, check=False
        )
        assert killed.returncode == -9
        assert len(Landing.of(world.settings).snapshots()) == 3
        replica.requests.clear()
        reports = harvest("bps", elsewhere(world, "another home").settings)
        assert {request["var"] for request in replica.requests} == {"4", "5", "6"}
    assert [r.outcome for r in reports] == ["ok"] * 6
    landing = Landing.of(world.settings)
    assert len(landing.snapshots()) == len(list(landing.attempts())) == 6
    for snapshot in landing.snapshots():
        assert parser_of(observations_path(world.settings, snapshot)) is not None


def test_two_workers_at_once_store_each_reply_once_and_keep_one_pace(world, monkeypatch):
    with Replica(keys=[KEY], variables=tables(world, 5)) as replica:
        ask(replica, monkeypatch)
        running = [
            subprocess.Popen(
                [sys.executable, "-c", HARVEST, str(world.folder), str(world.folder / name), "4"],
                cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ),
            )
            for name in ("one home", "another home")
        ]  # fmt: skip
        said = [process.communicate(timeout=200)[0].splitlines() for process in running]
        moments = sorted(replica.times)
    assert [process.returncode for process in running] == [0, 0]
    for lines in said:
        assert [line.split()[0] for line in lines] == [f"t{n:04}" for n in range(1, 6)]
        assert {line.split()[1] for line in lines} <= {"ok", "unchanged"}
    landing = Landing.of(world.settings)
    kept = Counter((s.dataset_id, s.partition) for s in landing.snapshots())
    assert set(kept.values()) == {1}, "a reply is two snapshots"
    assert len(kept) == 5
    busiest = max(sum(1 for t in moments if s <= t < s + 1) for s in moments)
    assert busiest <= 5, "two workers asked faster than one may"


def test_damaged_objects_and_rows_are_named_and_mended_by_whoever_comes_next(world, monkeypatch):
    world.add_rate()
    with Replica(keys=[KEY], variables=sample()) as replica:
        ask(replica, monkeypatch)
        harvest("bps", world.settings)
        landing = Landing.of(world.settings)
        snapshot = landing.snapshots()[0]
        path = landing.path_of(snapshot.snapshot_id)
        rows = observations_path(world.settings, snapshot)
        storage.put(path, b"damaged")
        storage.put(rows, b"damaged")
        with pytest.raises(LandingError, match=f"{snapshot.snapshot_id} is damaged.*s3://"):
            landing.read(snapshot.snapshot_id)
        other = elsewhere(world, "another home")
        [report] = harvest("bps", other.settings)
    assert report.outcome == "unchanged"
    assert landing.read(snapshot.snapshot_id)
    assert parser_of(rows) is not None
