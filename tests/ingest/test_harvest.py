"""Whole harvests against a BPS that behaves, and one that does not.

Every fault has to end in its own outcome, without a wrong figure and without losing one that
was there before.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest import harvest as module
from ingest import inputs
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.landing import Landing
from lumbung.settings import ROOT
from tests.ingest.world import KEY, World
from tests.replicas.bps import Fault, Replica, Variable, sample

Figures = dict[tuple[str, str], Decimal]

#: Years 2018 to 2025 in windows of two.
WINDOWS = ["th-118-119", "th-120-121", "th-122-123", "th-124-125"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.add_rate()
    return world


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch):
    """Start replicas and point the settings at them."""
    started: list[Replica] = []

    def start(*faults: Fault, variables: list[Variable] | None = None) -> Replica:
        replica = Replica(variables or sample(), keys=[KEY], faults=faults)
        started.append(replica.__enter__())
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        return replica

    yield start
    for replica in started:
        replica.__exit__()


def run(world: World, name: str = "rate") -> HarvestReport:
    (report,) = harvest(name, world.settings)
    return report


def figures(world: World) -> Figures:
    """Return the rows that a build would read, by region and period."""
    folder = world.folder / "inputs"
    inputs.write(world.settings, folder)
    rows = pq.read_table(folder / "observations.parquet").to_pylist()
    found = {(row["region_code"], row["period_label"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    return found


def published(variable: Variable) -> Figures:
    """Return the same from the replica's own table."""
    return {
        (str(region), f"{year}-08"): Decimal(str(value)).quantize(Decimal("0.000001"))
        for (region, _, year, _), value in variable.cells.items()
    }


def outcomes(world: World) -> dict[str, str]:
    return {a.partition: a.outcome for a in Landing(world.settings.landing).attempts()}


def test_every_published_figure_arrives_and_no_other(world, live):
    replica = live()
    report = run(world)
    assert (report.outcome, report.is_sample, report.n_rejected) == ("ok", False, 0)
    assert figures(world) == published(sample()[0])
    assert len(figures(world)) == 32
    assert outcomes(world) == dict.fromkeys(WINDOWS, "ok")
    assert {r["domain"] for r in replica.requests} == {"3600"}


def test_nothing_new_is_unchanged_and_adds_only_ledger_rows(world, live):
    live()
    first = run(world)
    before = inputs.fingerprint(world.settings)
    again = run(world)
    assert (first.n_new_snapshots, again.n_new_snapshots) == (4, 0)
    assert again.outcome == "unchanged"
    assert again.n_observations == first.n_observations == 32
    assert inputs.fingerprint(world.settings) == before


def test_a_restated_figure_makes_a_second_vintage_of_its_window_alone(world, live):
    variables = sample()
    live(variables=variables)
    run(world)
    before = inputs.fingerprint(world.settings)
    variables[0].cells[3604, "0", 2020, 190] += 1
    report = run(world)
    assert (report.outcome, report.n_new_snapshots, report.n_snapshots) == ("ok", 1, 5)
    assert inputs.fingerprint(world.settings) != before
    attempts = list(Landing(world.settings.landing).attempts())[-4:]
    assert {a.partition: a.outcome for a in attempts} == {
        **dict.fromkeys(WINDOWS, "unchanged"), "th-120-121": "ok",
    }  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["server_error", "half_body", "long_length", "reset", "rate_limited"]
)
def test_a_fault_that_passes_leaves_no_trace_in_the_figures(world, live, kind):
    live(Fault(kind, times=2, model="data", retry_after="0"))
    assert run(world).outcome == "ok"
    assert figures(world) == published(sample()[0])


@pytest.mark.parametrize(
    ("kind", "outcome", "said"),
    [
        ("server_error", "broken", "HTTP 500"),
        ("rate_limited", "broken", "HTTP 429"),
        ("half_body", "broken", "IncompleteRead"),
        ("long_length", "broken", "IncompleteRead"),
        ("short_length", "broken", "no JSON"),
        ("bad_json", "broken", "no JSON"),
        ("empty_body", "broken", "empty"),
        ("reset", "broken", "reset"),
        ("trickle", "broken", "LUMBUNG_DEADLINE_SECONDS"),
        ("html", "broken", "web page"),
        ("changed_schema", "broken", "datacontent"),
        ("null", "broken", "too large"),
        ("blocked", "refused", "HTTP 403"),
        ("echo", "refused", "repeats our key"),
        ("redirect", "broken", "redirects to http://elsewhere.invalid"),
    ],
)
def test_a_fault_that_stays_is_an_outcome_and_keeps_the_figures_there_were(  # noqa: PLR0917
    world, live, caplog, kind, outcome, said
):
    caplog.set_level(logging.DEBUG)
    replica = live()
    run(world)
    before = figures(world)
    fingerprint = inputs.fingerprint(world.settings)
    replica.faults = [Fault(kind, model="data", retry_after="0")]
    report = run(world)
    assert report.outcome == outcome
    assert said in report.message
    assert "th-118" in report.message
    assert figures(world) == before
    assert inputs.fingerprint(world.settings) == fingerprint
    assert world.files_with(KEY) == []
    assert KEY not in caplog.text


@pytest.mark.parametrize("kind", ["short_length", "html", "bad_json", "null", "changed_schema"])
def test_a_first_run_that_meets_a_fault_has_no_figure_rather_than_a_wrong_one(world, live, kind):
    replica = live(Fault(kind, model="data"))
    assert run(world).outcome == "broken"
    assert figures(world) == {}
    replica.faults = []
    assert run(world).outcome == "ok"
    assert figures(world) == published(sample()[0])


def test_a_window_that_is_too_large_is_split_until_it_fits(world, live):
    replica = live()
    replica.cell_limit = 10
    assert run(world).outcome == "ok"
    assert figures(world) == published(sample()[0])
    assert sorted(outcomes(world)) == [f"th-{n}" for n in range(118, 126)]


def test_a_window_the_source_finds_too_wide_is_cut_to_what_it_names(world, live):
    world.add_rate(domain="0000")
    variable = sample()[0]
    variable.domain = "0000"
    live(variables=[variable])
    assert run(world).outcome == "ok"
    assert figures(world) == published(variable)


def test_periods_beyond_the_first_page_are_asked_for(world, live):
    variable = sample()[0]
    for year in range(1990, 2026):
        variable.cells[3604, "0", year, 190] = year / 1000
    world.write(
        "catalog/rate.yml",
        (world.folder / "catalog/rate.yml").read_text().replace("2018:", "1990:"),
    )
    replica = live(variables=[variable])
    assert run(world).outcome == "ok"
    assert figures(world) == published(variable)
    assert [r.get("page") for r in replica.requests if r["model"] == "th"] == [None, "2", "3", "4"]


def test_a_page_of_periods_that_vanishes_is_no_shorter_list(world, live):
    variable = sample()[0]
    for year in range(1990, 2026):
        variable.cells[3604, "0", year, 190] = year / 1000
    live(Fault("vanished_page", model="th", after=1), variables=[variable])
    report = run(world)
    assert report.outcome == "broken"
    assert "th-p2" in report.message
    assert figures(world) == {}


def test_a_refused_key_is_refused_and_says_what_to_do(world, live, monkeypatch):
    live()
    other = "f" * 32
    monkeypatch.setenv("LUMBUNG_BPS_KEY", other)
    report = run(world)
    assert report.outcome == "refused"
    assert "LUMBUNG_BPS_KEY" in report.message
    assert world.files_with(other) == []


def test_a_text_that_can_be_no_key_is_not_sent(world, live, monkeypatch):
    replica = live()
    monkeypatch.setenv("LUMBUNG_BPS_KEY", "abc")
    report = run(world)
    assert report.outcome == "broken"
    assert "LUMBUNG_BPS_KEY holds fewer than" in report.message
    assert replica.requests == []


def test_a_variable_without_periods_is_empty(world, live):
    world.add_rate("nothing", variable=9999)
    live()
    report = run(world, "nothing")
    assert report.outcome == "empty"
    assert report.n_observations == 0


def test_one_dataset_that_fails_does_not_stop_the_others(world, live):
    world.add_rate("a_first", variable=9999)
    live()
    reports = {r.dataset_id: r.outcome for r in harvest("bps", world.settings)}
    assert reports == {"a_first": "empty", "rate": "ok"}


def test_a_live_source_that_fails_never_falls_back_to_the_bundle(world, live, tmp_path):
    bundle(world)
    assert run(world).is_sample
    live(Fault("server_error"))
    report = run(world)
    assert (report.outcome, report.is_sample, report.n_observations) == ("broken", False, 0)
    assert figures(world) == {}


def bundle(world: World, variable: Variable | None = None) -> Path:
    """Save a replica's replies as the world's bundle, as they come over the wire."""
    folder = world.bundle("rate")
    replica = Replica([variable or sample()[0]], keys=[KEY])
    asked = {"endpoint": "list", "domain": "3600", "var": "64", "key": KEY}
    replies = {"th": asked | {"model": "th"}}
    for window in WINDOWS:
        first, last = window.split("-")[1:]
        replies[window] = asked | {"model": "data", "th": f"{first};{last}"}
    for name, question in replies.items():
        (folder / f"{name}.json").write_text(json.dumps(replica.answer(question)))
    replica._server.server_close()
    return folder


def test_bundled_replies_go_the_same_way_and_say_so(world):
    bundle(world)
    report = run(world)
    assert (report.outcome, report.is_sample, report.n_observations) == ("ok", True, 32)
    assert figures(world) == published(sample()[0])
    snapshots = pq.read_table(world.folder / "inputs" / "snapshots.parquet").to_pylist()
    assert {row["is_sample"] for row in snapshots} == {True}
    assert {row["seen_on"].isoformat() for row in snapshots} == {"2026-11-01"}


def test_a_bundle_that_lacks_a_reply_is_broken_and_names_it(world):
    (bundle(world) / "th-120-121.json").unlink()
    report = run(world)
    assert report.outcome == "broken"
    assert "exactly one file for partition 'th-120-121'" in report.message
    answers = {fetch.partition for fetch in Landing(world.settings.landing).fetches()}
    assert WINDOWS[0] in answers  # entered together, and not lost with the one that failed


def test_a_changed_dataset_file_has_its_snapshots_parsed_again(world):
    bundle(world)
    run(world)
    path = world.folder / "catalog/rate.yml"
    path.write_text(path.read_text().replace("indicator:", "series_version: v2\nindicator:"))
    assert run(world).outcome == "unchanged"
    inputs.write(world.settings, world.folder / "inputs")
    rows = pq.read_table(world.folder / "inputs/observations.parquet")
    assert set(rows["series_version"].to_pylist()) == {"v2"}


def test_a_parser_that_fails_keeps_the_rows_there_were(world, monkeypatch):
    bundle(world)
    run(world)
    before = figures(world)
    path = world.folder / "catalog/rate.yml"
    path.write_text(path.read_text() + "# another fingerprint\n")

    class Broken:
        model = module.PROTOCOLS["bps.dynamic_data"].model

        def parse(self, *_: object) -> None:
            raise KeyError("a bug of ours")

    broken = Broken()
    broken.collect = module.PROTOCOLS["bps.dynamic_data"].collect
    monkeypatch.setitem(module.PROTOCOLS, "bps.dynamic_data", broken)
    report = run(world)
    assert report.outcome == "broken"
    assert "KeyError" in report.message
    assert figures(world) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from ingest import harvest, landing, parsed
from tests.ingest.world import World
world = World(Path(sys.argv[1]))
target, count = sys.argv[2], int(sys.argv[3])
module = {"land": (landing.Landing, "land"), "keep": (landing.Landing, "keep"),
          "store": (parsed, "store"), "record": (landing.Landing, "record")}[target]
real, calls = getattr(*module), []
def die(*arguments):
    calls.append(1)
    if len(calls) == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)
setattr(*module, die)
harvest.harvest("rate", world.settings)
"""


@pytest.mark.parametrize(
    ("target", "call"), [("land", 3), ("keep", 3), ("store", 3), ("record", 1)]
)
def test_a_run_killed_anywhere_is_finished_by_the_next(world, live, target, call):
    live()
    command = [sys.executable, "-c", KILLED, str(world.folder), target, str(call)]
    killed = subprocess.run(command, cwd=ROOT, check=False, env=dict(os.environ))
    assert killed.returncode == -9
    assert set(figures(world).items()) <= set(published(sample()[0]).items())
    assert run(world).outcome in ("ok", "unchanged")
    assert figures(world) == published(sample()[0])


@pytest.mark.parametrize(("target", "call"), [("land", 3), ("keep", 3), ("store", 3)])
def test_bundled_answers_are_in_the_ledger_together_or_not_at_all(world, target, call):
    bundle(world)
    command = [sys.executable, "-c", KILLED, str(world.folder), target, str(call)]
    killed = subprocess.run(command, cwd=ROOT, check=False, env=dict(os.environ))
    assert killed.returncode == -9
    kept = {one.partition for one in Landing(world.settings.landing).snapshots()}
    assert not kept if target != "store" else kept >= set(WINDOWS)
    assert run(world).outcome in ("ok", "unchanged")
    assert figures(world) == published(sample()[0])


def test_a_full_disk_is_an_outcome(world, live, monkeypatch):
    live()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.landing.write_atomically", full)
    report = run(world)
    assert report.outcome == "broken"
    assert "No space left" in report.message
    monkeypatch.undo()


def test_unchanged_needs_neither_pandas_nor_dbt_nor_great_expectations(world):
    bundle(world)
    run(world)
    code = (
        "import sys; from pathlib import Path; from tests.ingest.world import World\n"
        "from ingest.harvest import harvest; from ingest import inputs\n"
        "world = World(Path(sys.argv[1]))\n"
        "assert harvest('rate', world.settings)[0].outcome == 'unchanged'\n"
        "inputs.fingerprint(world.settings)\n"
        "heavy = {'pandas', 'dbt', 'great_expectations', 'duckdb', 'airflow'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(world.folder)],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_harvester_reads_the_geography_only_when_something_needs_parsing(world):
    bundle(world)
    run(world)
    harvester = Harvester(world.settings)
    harvester.run(harvester.catalogue.datasets.values())
    assert "context" not in vars(harvester)
