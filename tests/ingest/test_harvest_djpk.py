"""Whole harvests of the DJPK portal, on its good days and on all the others."""

from __future__ import annotations

import importlib.util
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from ingest import inputs
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.landing import Landing
from ingest.sources import djpk_questions
from lumbung.settings import ROOT
from tests.ingest.world import World
from tests.replicas.djpk import Fault, Replica, Report, sample
from tests.replicas.faults import LASTING

Figures = dict[tuple[str, str, str], Decimal]

SOURCE = """
- source: djpk
  name: DJPK
  url: https://djpk.invalid
  kind: ministry
  provenance_tier: primary
  licence: see source
  terms_known: false
  connection: djpk
"""
DATASET = """
dataset: {name}
protocol: {protocol}
source: djpk
title: {{id: APBD, en: Budget}}
request: {{provinces: [Banten], years: "{years}"}}
account: {account}
nomenclatures:
  - {{years: "2016:", accounts: {{Pendapatan Daerah: budget_revenue}}}}
{more}
"""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(djpk_questions, "today", lambda: date(2026, 4, 15))
    world = World(tmp_path)
    for name in ("budget", "transfers"):
        text = (ROOT / "ingest/catalog/indicators" / f"{name}.yml").read_text(encoding="utf-8")
        world.write(f"catalog/indicators/{name}.yml", text)
    sources = world.folder / "catalog/sources.yml"
    sources.write_text(sources.read_text() + SOURCE)
    cadence = (ROOT / "ingest/catalog/cadences.yml").read_text(encoding="utf-8")
    world.write("catalog/cadences.yml", cadence)
    return world


def add(world: World, name: str, protocol: str = "djpk.apbd", **fields: str) -> None:
    years = fields.pop("years", "2026:")
    account = fields.pop("account", "budget_account")
    more = "\n".join(f"{key}: {value}" for key, value in fields.items())
    world.write(
        f"catalog/{name}.yml",
        DATASET.format(name=name, protocol=protocol, years=years, account=account, more=more),
    )


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch):
    started: list[Replica] = []

    def start(*faults: Fault, months: int = 3) -> Replica:
        replica = Replica(sample(2026, months), faults=faults)
        started.append(replica.__enter__())
        monkeypatch.setenv("LUMBUNG_DJPK_URL", replica.url)
        return replica

    yield start
    for replica in started:
        replica.__exit__()


@pytest.fixture
def realised(world: World) -> World:
    add(world, "apbd", reads="realised", stage="realised_to_date")
    return world


def run(world: World, name: str = "apbd") -> HarvestReport:
    (report,) = harvest(name, world.settings)
    return report


def figures(world: World) -> Figures:
    """Return what a build would read of the newest snapshots: region, period, account."""
    folder = world.folder / "inputs"
    inputs.write(world.settings, folder)
    newest = {}
    for row in pq.read_table(folder / "snapshots.parquet").to_pylist():
        newest[row["partition"]] = row["snapshot_id"]
    rows = pq.read_table(folder / "observations.parquet").to_pylist()
    return {
        (row["region_code"], row["period_label"], row["indicator_id"] + " " + row["category"]):
        row["value"] for row in rows if row["snapshot_id"] in newest.values()
    }  # fmt: skip


def published(replica: Replica) -> Figures:
    """Return the realised revenue of the replica's own reports."""
    regions = {"00": "3600", "03": "3604"}
    ends = {1: "01-31", 2: "02-28", 3: "03-31", 4: "04-30", 12: "12-31"}
    return {
        (regions[government], f"{year}-01-01/{year}-{ends[month]}", "budget_revenue total"):
        report.lines[0][2].to_integral_value(ROUND_HALF_EVEN)
        for (year, month, _, government), report in replica.reports.items()
    }  # fmt: skip


def revenue(world: World) -> Figures:
    return {key: value for key, value in figures(world).items() if "budget_revenue" in key[2]}


def outcomes(world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    for attempt in Landing(world.settings.landing).attempts():
        found[attempt.partition] = attempt.outcome
    return found


def test_every_month_of_every_government_arrives_and_no_other_figure(realised, live):
    replica = live()
    report = run(realised)
    assert report.n_rejected == 0
    assert report.n_observations == 2 * 3 * 6
    assert revenue(realised) == published(replica)
    assert len(published(replica)) == 6
    asked = [r for r in replica.requests if r["endpoint"] == "csv_apbd"]
    assert {r["type"] for r in asked} == {"apbd"}
    assert {r["pemda"] for r in asked} == {"00", "03"}


def test_a_month_without_a_report_is_empty_and_hides_no_other(realised, live):
    live()
    assert run(realised).outcome == "empty"
    assert outcomes(realised)["2026-04-28.03-banten-kabupaten_serang"] == "empty"
    assert outcomes(realised)["2026-03-28.03-banten-kabupaten_serang"] == "ok"


def test_a_month_that_repeats_the_one_before_is_not_reported_yet(realised, live):
    replica = live(months=3)
    for government in ("00", "03"):
        replica.reports[2026, 4, "28", government] = replica.reports[2026, 3, "28", government]
    run(realised)
    periods = {period for _, period, _ in revenue(realised)}
    assert max(periods) == "2026-01-01/2026-03-31"
    assert outcomes(realised)["2026-04-28.00-banten-provinsi_banten"] == "empty"


def backfill(world: World, *partitions: str) -> HarvestReport:
    harvester = Harvester(world.settings)
    (report,) = harvester.run([harvester.catalogue.dataset("apbd")], only=partitions)
    harvester.close()
    return report


def test_a_backfill_leaves_out_what_it_does_not_name_and_nothing_fails(realised, live):
    live(months=3)
    assert backfill(realised, "2026-03-28.03-*").outcome == "ok"
    assert outcomes(realised) == {"2026-03-28.03-banten-kabupaten_serang": "ok"}


def test_a_backfill_tells_a_repeated_month_though_the_one_before_is_left_out(realised, live):
    replica = live(months=3)
    replica.reports[2026, 4, "28", "03"] = replica.reports[2026, 3, "28", "03"]
    assert backfill(realised, "2026-04-28.03-*").outcome == "empty"
    assert outcomes(realised) == {"2026-04-28.03-banten-kabupaten_serang": "empty"}


def test_the_last_three_months_are_read_again_and_older_ones_are_not(realised, live):
    replica = live(months=4)
    run(realised)
    replica.requests.clear()
    run(realised)
    asked = {int(r["periode"]) for r in replica.requests if r["endpoint"] == "csv_apbd"}
    assert asked == {2, 3, 4}
    assert revenue(realised) == published(replica)


def test_a_restated_month_is_a_second_vintage_of_that_month_alone(realised, live):
    replica = live(months=4)
    before = run(realised)
    label, budget, paid = replica.reports[2026, 3, "28", "03"].lines[0]
    replica.reports[2026, 3, "28", "03"].lines[0] = (label, budget, paid + 1)
    after = run(realised)
    assert (after.n_new_snapshots, after.n_snapshots) == (1, before.n_snapshots + 1)
    assert revenue(realised) == published(replica)


def test_a_closed_year_is_asked_for_once_by_its_last_month(world, live):
    add(world, "apbd", reads="realised", stage="realised_to_date", years="2020:2020")
    replica = live()
    replica.reports = sample(2020, 12)
    assert run(world).outcome == "ok"
    assert {r["periode"] for r in replica.requests if "periode" in r} == {"12"}
    replica.requests.clear()
    assert run(world).outcome == "unchanged"
    assert [r for r in replica.requests if r["endpoint"] == "csv_apbd"] == []


def test_the_budget_comes_from_the_newest_report_and_an_amendment_is_a_revision(world, live):
    add(world, "apbd", reads="budget", stage="unspecified")
    replica = live()
    assert run(world).outcome == "ok"
    key = ("3604", "2026", "budget_revenue total")
    before = replica.reports[2026, 3, "28", "03"].lines[0][1]
    assert revenue(world)[key] == before
    label, budget, paid = replica.reports[2026, 3, "28", "03"].lines[0]
    replica.reports[2026, 4, "28", "03"] = Report([(label, budget + 1000, paid)])
    report = run(world)
    assert report.n_new_snapshots == 1
    assert revenue(world)[key] == before + 1000
    partitions = {s.partition for s in Landing(world.settings.landing).snapshots("apbd")}
    assert partitions == {
        "2026-28.00-banten-provinsi_banten", "2026-28.03-banten-kabupaten_serang",
    }  # fmt: skip


def test_the_sum_of_all_governments_is_never_asked_for(realised, live):
    replica = live()
    run(realised)
    assert "--" not in {r.get("pemda") for r in replica.requests}


def test_a_province_the_portal_does_not_list_is_named(realised, live):
    replica = live()
    replica.provinces = {"22": "Prov. Bali"}
    report = run(realised)
    assert report.outcome == "empty"
    assert "'Banten' is 0 entries" in report.message


def test_a_portal_nobody_configured_is_not_asked(realised):
    report = run(realised)
    assert report.outcome == "not_configured"
    assert "LUMBUNG_DJPK_URL" in report.message
    assert outcomes(realised) == {}


@pytest.mark.parametrize(
    "kind", ["server_error", "half_body", "long_length", "reset", "rate_limited"]
)
def test_a_fault_that_passes_leaves_no_trace(realised, live, kind):
    replica = live(Fault(kind, times=2, model="csv_apbd", retry_after="0"))
    run(realised)
    assert revenue(realised) == published(replica)


@pytest.mark.parametrize(
    ("kind", "outcome"), sorted((LASTING | {"vanished_page": "empty"}).items())
)
def test_a_fault_that_stays_is_an_outcome_and_keeps_the_figures_there_were(
    realised, live, kind, outcome
):
    replica = live(months=4)
    assert run(realised).outcome == "ok"
    before = figures(realised)
    replica.faults = [Fault(kind, model="csv_apbd", retry_after="0", seconds_between_bytes=0.05)]
    asked = len(replica.requests)
    assert run(realised).outcome == outcome
    assert figures(realised) == before
    assert len(replica.requests) - asked <= 2 + 3 * 3 + (outcome == "empty") * 6
    replica.faults = []
    again = "refused" if outcome == "refused" else "ok"  # three blocks: left alone for hours
    assert run(realised).outcome in (again, "unchanged")
    assert figures(realised) == before


@pytest.mark.parametrize("kind", ["html", "bad_json", "null", "empty_body", "server_error"])
def test_a_list_that_fails_loses_its_year_alone(world, live, kind):
    add(world, "apbd", reads="realised", stage="realised_to_date", years="2025:")
    replica = live(Fault(kind, times=3 if kind == "server_error" else 1, model="provinsi"))
    replica.reports |= sample(2025, 12)
    assert run(world).outcome == "broken"
    assert {period[:4] for _, period, _ in revenue(world)} == {"2025"}
    assert outcomes(world)["2026-governments"] == "broken"


def test_one_government_that_fails_does_not_stop_the_next(realised, live):
    replica = live(Fault("html", times=1, model="csv_apbd"))
    assert run(realised).outcome == "broken"
    wanting = set(published(replica)) - set(revenue(realised))
    assert wanting == {("3600", "2026-01-01/2026-01-31", "budget_revenue total")}


needs_lxml = pytest.mark.skipif(
    importlib.util.find_spec("lxml") is None, reason="lxml is not installed: make test installs it"
)


@needs_lxml
def test_transfers_are_read_in_rupiah_up_to_the_month_the_page_names(world, live):
    add(
        world, "tkdd", "djpk.tkdd", account="transfer_account", years="2025:2025",
    )  # fmt: skip
    path = world.folder / "catalog/tkdd.yml"
    path.write_text(path.read_text().replace("Pendapatan Daerah: budget_revenue",
                                             "Dana Alokasi Umum: transfer_dau"))  # fmt: skip
    replica = live()
    replica.reports = sample(2025, 12)
    report = run(world, "tkdd")
    assert (report.outcome, report.n_observations, report.n_rejected) == ("ok", 8, 0)
    found = figures(world)
    # 2,520.903337942 miliar for the province: half of it, printed as 1.260,45 M.
    assert found["3600", "2025", "transfer_dau total"] == 1_260_450_000_000
    assert found["3604", "2025-01-01/2025-12-31", "transfer_dau total"] == 2_520_900_000_000
    assert found["3600", "2025", "transfer_account Hibah ke Daerah"] == 25_210_000_000
    replica.faults = [Fault("changed_schema", model="data")]
    assert run(world, "tkdd").outcome == "broken"
    assert figures(world) == found
