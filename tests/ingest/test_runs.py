"""Many tables in flight, runs that are cut short, hosts that refuse, and answers on condition."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.harvest import Harvester, harvest
from ingest.landing import Landing
from ingest.runs import Finished, Runs
from lumbung.settings import ROOT
from tests.ingest.test_harvest import WINDOWS, figures, outcomes, published
from tests.ingest.world import KEY, World
from tests.replicas.bps import Fault, Replica, Variable, sample


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.add_rate()
    return world


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch):
    """Start replicas and point the settings at them."""
    started: list[Replica] = []

    def start(*faults: Fault, **options) -> Replica:
        options.setdefault("variables", sample())
        replica = Replica(keys=[KEY], faults=faults, **options)
        started.append(replica.__enter__())
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        return replica

    yield start
    for replica in started:
        replica.__exit__()


def tables(world: World, n: int) -> list[Variable]:
    """Add ``n`` tables of one year to the world's catalogue, and return them for a replica."""
    found = []
    for number in range(1, n + 1):
        world.add_rate(f"t{number:04}", variable=number)
        cells = {(3604, "0", 2024, 190): number / 1000}
        found.append(
            Variable("3600", number, f"Tabel {number}", "Persen", {3604: "Serang"}, cells,
                     turths={190: "Agustus"})
        )  # fmt: skip
    return found


def asked(replica: Replica, model: str = "data") -> list[str]:
    return [request.get("th", "") for request in replica.requests if request["model"] == model]


# -- concurrency -----------------------------------------------------------------------


def test_many_tables_go_in_flight_together_within_the_limit(tmp_path, live):
    world = World(tmp_path, max_in_flight=5)
    replica = live(variables=tables(world, 12), latency=0.1)
    reports = harvest("bps", world.settings)
    assert [r.dataset_id for r in reports] == [f"t{n:04}" for n in range(1, 13)]
    assert {r.outcome for r in reports} == {"ok"}
    assert 3 <= replica.most_in_flight <= 5


def test_forty_tables_cost_what_the_rate_limit_costs(tmp_path, live):
    world = World(tmp_path, rate_per_host=10.0)
    replica = live(variables=tables(world, 40), latency=0.2)
    started = time.monotonic()
    reports = harvest("bps", world.settings)
    seconds = time.monotonic() - started
    assert {r.outcome for r in reports} == {"ok"}
    assert len(replica.requests) == 80
    # Where others fight over the processor, time tells only that tables do not wait in line:
    # benchmarks/ingest_tables.py measures a thousand tables on a machine of their own.
    is_quiet = os.getloadavg()[0] < (os.cpu_count() or 1)
    limit = 1.3 * 80 / 10 if is_quiet else 80 * replica.latency
    assert seconds < limit, "one after the other, latency alone would take 16 s"
    busiest = max(sum(1 for t in replica.times if s <= t < s + 1) for s in replica.times)
    assert busiest <= 12


def test_tables_in_flight_do_not_mix_their_figures(tmp_path, live):
    world = World(tmp_path)
    live(variables=tables(world, 20), latency=0.02)
    harvest("bps", world.settings)
    landing = Landing(world.settings.landing)
    for number in range(1, 21):
        [snapshot] = landing.snapshots(f"t{number:04}")
        assert f'"3604{number}0124190": {number / 1000}'.encode() in landing.read(
            snapshot.snapshot_id
        )


# -- a run cut short ---------------------------------------------------------------------

CUT_SHORT = """
import os, signal, sys
from pathlib import Path
from ingest import harvest, landing
from tests.ingest.world import World
world = World(Path(sys.argv[1]), max_in_flight=1)
real, calls = landing.Landing.land, []
def die(self, dataset_id, request, *rest):
    if request.keep:
        calls.append(1)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, dataset_id, request, *rest)
landing.Landing.land = die
harvest.harvest("bps", world.settings)
"""


def cut_short(world: World, before: int) -> None:
    """Run a harvest that is killed before it lands its n-th window."""
    done = subprocess.run(
        [sys.executable, "-c", CUT_SHORT, str(world.folder), str(before)],
        cwd=ROOT, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == -9


def test_a_run_cut_short_inside_a_table_asks_only_for_what_it_lacks(world, live):
    replica = live()
    cut_short(world, 3)
    replica.requests.clear()
    [report] = harvest("bps", world.settings)
    assert asked(replica) == ["122;123", "124;125"]
    assert (report.outcome, report.n_new_snapshots) == ("ok", 4)
    assert figures(world) == published(sample()[0])
    assert outcomes(world) == dict.fromkeys(WINDOWS, "ok")


def test_a_run_cut_short_between_tables_leaves_the_finished_ones_alone(tmp_path, live):
    world = World(tmp_path)
    replica = live(variables=tables(world, 6))
    cut_short(world, 4)
    replica.requests.clear()
    reports = harvest("bps", world.settings)
    assert {request["var"] for request in replica.requests} == {"4", "5", "6"}
    assert [r.outcome for r in reports] == ["ok"] * 6
    assert len(list(Landing(world.settings.landing).attempts())) == 6


def test_a_run_that_ended_is_followed_by_one_that_asks_for_everything(world, live):
    replica = live()
    harvest("bps", world.settings)
    replica.requests.clear()
    harvest("bps", world.settings)
    assert len(asked(replica)) == 4


def test_failed_partitions_are_retried_by_the_next_run_and_the_others_left_alone(world, live):
    replica = live(Fault("bad_json", times=1, model="data", after=1))
    [first] = harvest("bps", world.settings)
    assert first.outcome == "broken"
    replica.requests.clear()
    [second] = harvest("bps", world.settings)
    assert asked(replica) == ["120;121"]
    assert second.outcome == "ok"
    assert figures(world) == published(sample()[0])
    told = [(a.partition, a.outcome) for a in Landing(world.settings.landing).attempts()]
    assert sorted(told) == sorted(
        [(window, "ok") for window in WINDOWS] + [("th-120-121", "broken")]
    ), "a partition that was not tried again has no second row"


def test_a_reply_that_can_t_be_parsed_is_asked_for_again(world, live):
    replica = live(Fault("changed_schema", times=1, model="data"))
    assert harvest("bps", world.settings)[0].outcome == "broken"
    replica.requests.clear()
    assert harvest("bps", world.settings)[0].outcome == "ok"
    assert asked(replica) == ["118;119"]
    assert figures(world) == published(sample()[0])


def test_an_unfinished_run_of_yesterday_is_not_gone_on_with(world, live, monkeypatch):
    replica = live()
    cut_short(world, 3)
    replica.requests.clear()
    with Landing(world.settings.landing).transaction() as db:
        db.execute("update runs set started_at = ?", ("2020-01-01T00:00:00.000000+00:00",))
    harvest("bps", world.settings)
    assert len(asked(replica)) == 4


def test_anew_asks_for_everything(world, live):
    replica = live()
    cut_short(world, 3)
    replica.requests.clear()
    harvester = Harvester(world.settings)
    harvester.run(harvester.catalogue.datasets.values(), anew=True)
    assert len(asked(replica)) == 4


def test_a_changed_catalogue_file_begins_a_new_run(world, live):
    replica = live()
    cut_short(world, 3)
    replica.requests.clear()
    path = world.folder / "catalog/rate.yml"
    path.write_text(path.read_text() + "# another question, perhaps\n")
    harvest("bps", world.settings)
    assert len(asked(replica)) == 4


def test_an_unfinished_run_is_found_by_its_scope_and_for_its_hours(tmp_path):
    runs = Runs(Landing(tmp_path))
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    first = runs.open("a", 12, now)
    assert runs.open("a", 12, now + timedelta(hours=11)) == first
    assert runs.open("b", 12, now) != first
    later = runs.open("a", 12, now + timedelta(hours=13))
    assert later != first
    assert not runs.end(later, ["x", "y"])
    for name in ("x", "y"):
        runs.finish(later, name, Finished("ok", "", 0), is_sample=False, is_whole=True)
    assert runs.end(later, ["x", "y"])
    assert runs.open("a", 12, now + timedelta(hours=13)) not in (first, later)


# -- a window that a later run asked for in other pieces -----------------------------------


def test_a_window_replaced_by_its_halves_is_retired_with_the_day(world, live):
    variables = sample()
    replica = live(variables=variables)
    harvest("bps", world.settings)
    replica.cell_limit = 10
    variables[0].cells[3604, "0", 2020, 190] = 9.99
    harvest("bps", world.settings)
    retired = {s.partition: s.retired_on for s in Landing(world.settings.landing).snapshots("rate")}
    today = datetime.now(UTC).date()
    assert retired == {
        **dict.fromkeys(WINDOWS, today),
        **{f"th-{n}": None for n in range(118, 126)},
    }


def test_a_run_in_which_something_failed_retires_nothing(world, live):
    replica = live()
    harvest("bps", world.settings)
    replica.faults = [Fault("bad_json", times=1, model="data")]
    harvest("bps", world.settings)
    assert {s.retired_on for s in Landing(world.settings.landing).snapshots("rate")} == {None}


# -- hosts that refuse ---------------------------------------------------------------------

ASK = """
import sys
from pathlib import Path
from ingest.harvest import harvest
from tests.ingest.world import World
print([r.outcome for r in harvest("bps", World(Path(sys.argv[1]), max_in_flight=1).settings)])
"""


def ask_in_a_process(world: World) -> str:
    return subprocess.run(
        [sys.executable, "-c", ASK, str(world.folder)],
        cwd=ROOT, check=True, env=dict(os.environ), capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_after_three_blocks_no_process_asks_the_host_again(tmp_path, live):
    world = World(tmp_path)
    replica = live(Fault("blocked", times=3), variables=tables(world, 5))
    assert ask_in_a_process(world) == f"{['refused'] * 5}\n"
    assert len(replica.requests) == 3
    assert ask_in_a_process(world) == f"{['refused'] * 5}\n"
    assert len(replica.requests) == 3
    [*_, last] = Landing(world.settings.landing).attempts()
    assert "left alone until 20" in last.message


def test_the_next_scheduled_run_asks_again(tmp_path, live):
    world = World(tmp_path)
    live(Fault("blocked", times=3), variables=tables(world, 5))
    ask_in_a_process(world)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    with Landing(world.settings.landing).transaction() as db:
        db.execute("update hosts set blocked_at = ?", (yesterday.isoformat(),))
    assert ask_in_a_process(world) == f"{['ok'] * 5}\n"


def test_a_firewall_s_page_with_status_200_counts_as_a_block(tmp_path, live):
    world = World(tmp_path)
    world.add_rate()
    replica = live(Fault("block_page"))
    [report] = harvest("bps", world.settings)
    assert report.outcome == "refused"
    assert "firewall" in report.message
    assert len(list(Landing(world.settings.landing).fetches())) == 0
    for _ in range(3):
        harvest("bps", world.settings)
    assert len(replica.requests) == 3


# -- answers on condition --------------------------------------------------------------------


@pytest.mark.parametrize("given", [("ETag",), ("Last-Modified",), ("ETag", "Last-Modified")])
def test_what_is_not_modified_is_unchanged_and_costs_a_ledger_row_alone(world, live, given):
    replica = live(validators=given)
    harvest("bps", world.settings)
    objects = sorted((world.settings.landing / "objects").rglob("*"))
    [again] = harvest("bps", world.settings)
    assert (again.outcome, again.n_new_snapshots) == ("unchanged", 0)
    assert replica.not_modified == 4
    assert sorted((world.settings.landing / "objects").rglob("*")) == objects
    fetches = list(Landing(world.settings.landing).fetches("rate"))
    assert [f.status for f in fetches] == [200] * 5 + [200] + [304] * 4
    assert {f.sha256 for f in fetches[1:5]} == {f.sha256 for f in fetches[6:]}
    assert figures(world) == published(sample()[0])


def test_what_is_modified_comes_whole(world, live):
    variables = sample()
    replica = live(variables=variables, validators=["ETag"])
    harvest("bps", world.settings)
    variables[0].cells[3604, "0", 2020, 190] += 1
    [report] = harvest("bps", world.settings)
    assert (report.outcome, report.n_new_snapshots, replica.not_modified) == ("ok", 1, 3)


def test_without_validators_the_bytes_decide(world, live):
    replica = live()
    harvest("bps", world.settings)
    [again] = harvest("bps", world.settings)
    assert (again.outcome, replica.not_modified) == ("unchanged", 0)


def test_a_lost_object_is_asked_for_without_condition(world, live):
    replica = live(validators=["ETag"])
    harvest("bps", world.settings)
    landing = Landing(world.settings.landing)
    lost = landing.snapshots("rate")[0]
    landing.path_of(lost.snapshot_id).unlink()
    harvest("bps", world.settings)
    assert replica.not_modified == 3
    assert b"datacontent" in landing.read(lost.snapshot_id)


# -- figures that are restated while they are read ---------------------------------------------


def test_figures_restated_between_two_calls_are_two_vintages_and_never_a_mix(world, live):
    """Two windows come before the revision, two after it; the next run brings the rest."""
    before = published(sample()[0])
    after = {place: value + Decimal("0.1") for place, value in before.items()}
    replica = live(Fault("restated", model="data", after=2))
    assert harvest("bps", world.settings)[0].outcome == "ok"
    early = {place: before[place] for place in before if place[1] < "2022"}
    assert figures(world) == {**after, **early}
    [second] = harvest("bps", world.settings)
    assert (second.outcome, second.n_new_snapshots, second.n_snapshots) == ("ok", 2, 6)
    landing = Landing(world.settings.landing)
    latest = {s.partition: s for s in landing.snapshots("rate")}
    for window in WINDOWS:
        reply = json.loads(landing.read(latest[window].snapshot_id))
        for key, value in reply["datacontent"].items():
            region, year = key[:4], int(key[7:10]) + 1900
            assert Decimal(str(value)) == after[region, f"{year}-08"].normalize()
    replica.faults = []
