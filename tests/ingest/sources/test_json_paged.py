"""Paged JSON tables: described in the catalogue, and never cut short without a word."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from ingest import inputs
from ingest.errors import UnreadableFileError
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.landing import Landing
from ingest.schema import Dataset
from tests.ingest.parsing import dataset, parse, rules
from tests.ingest.world import World
from tests.replicas.faults import LASTING
from tests.replicas.jabar import Fault, Replica, sample

SOURCE = """
- source: jabar
  name: Jabar
  url: https://jabar.invalid
  kind: portal
  provenance_tier: secondary_compilation
  licence: see source
  terms_known: false
  connection: jabar
"""
FIELDS: dict[str, Any] = {
    "protocol": "json.paged",
    "source": "jabar",
    "request": {"path": "/bps/poverty_gap", "paging": {"size": 6}},
    "region": {"column": "nama_kabupaten_kota", "by": "name"},
    "period": {"column": "tahun", "kind": "stock"},
    "measures": [
        {
            "column": "indeks_kedalaman_kemiskinan",
            "indicator": "unemployment_rate",
            "unit": "percent",
        }
    ],
}


def paged(**fields: Any) -> Dataset:
    return dataset(**{**FIELDS, **fields})


def body(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"data": list(rows)}).encode()


ROW = {"nama_kabupaten_kota": "KOTA BOGOR", "tahun": 2023, "indeks_kedalaman_kemiskinan": 1.125}


def test_numbers_keep_their_digits_and_null_is_missing():
    result = parse(paged(), body(ROW, ROW | {"tahun": 2022, "indeks_kedalaman_kemiskinan": None}))
    first, second = result.observations.to_pylist()
    assert (first["region_code"], first["period_label"]) == ("3271", "2023")
    assert (first["value"], first["value_text"]) == (Decimal("1.125"), "1.125")
    assert (second["value"], second["obs_status"]) == (None, "O")


def test_a_row_that_lacks_a_column_is_rejected_and_a_table_that_lacks_it_unreadable():
    lacking = {key: value for key, value in ROW.items() if key != "tahun"}
    result = parse(paged(), body(ROW, lacking))
    assert rules(result) == ["ragged_row"]
    with pytest.raises(UnreadableFileError, match="'tahun'"):
        parse(paged(), body(lacking))


def test_the_same_figure_twice_is_rejected():
    assert rules(parse(paged(), body(ROW, ROW))) == ["duplicate_row"]


def test_params_may_not_set_the_paging():
    with pytest.raises(ValidationError, match="paging"):
        paged(request={"path": "/x", "params": {"skip": "5"}})


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    sources = world.folder / "catalog/sources.yml"
    sources.write_text(sources.read_text() + SOURCE)
    describe(world)
    return world


def describe(world: World, **request: Any) -> None:
    title = {"dataset": "table", "title": {"id": "a", "en": "b"}}
    fields = FIELDS | title | {"request": FIELDS["request"] | request}
    world.write("catalog/table.yml", json.dumps(fields))


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch):
    with Replica(sample()) as replica:
        monkeypatch.setenv("LUMBUNG_JABAR_URL", replica.url)
        yield replica


def run(world: World) -> HarvestReport:
    (report,) = harvest("table", world.settings)
    return report


def figures(world: World) -> list[Decimal]:
    """Return the values of the newest snapshots, sorted."""
    inputs.write(world.settings, world.folder / "inputs")
    snapshots = Landing(world.settings.landing).snapshots("table", is_sample=False)
    newest = {s.partition: s.snapshot_id for s in snapshots}
    rows = pq.read_table(world.folder / "inputs/observations.parquet").to_pylist()
    return sorted(row["value"] for row in rows if row["snapshot_id"] in newest.values())


def published(replica: Replica) -> list[Decimal]:
    rows = replica.tables["bps/poverty_gap"]
    return sorted(Decimal(str(row["indeks_kedalaman_kemiskinan"])) for row in rows)


def test_pages_are_asked_for_until_one_is_empty(world, replica):
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert [r["skip"] for r in replica.requests] == ["0", "6", "12", "18", "24"]
    assert {r["limit"] for r in replica.requests} == {"6"}


def test_what_is_asked_of_the_table_is_sent_as_json(world, replica):
    describe(world, params={"where": {"tahun": ["2020", "2021"]}})
    assert run(world).n_observations == 8
    assert {r["where"] for r in replica.requests} == {'{"tahun":["2020","2021"]}'}


def test_rows_that_leave_the_table_leave_the_figures(world, replica):
    run(world)
    del replica.tables["bps/poverty_gap"][16:]
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert len(figures(world)) == 16


def test_a_portal_that_ignores_the_offset_is_found_out(world, replica):
    replica.ignores_skip = True
    report = run(world)
    assert report.outcome == "broken"
    assert "page 2 repeats a row of page 1" in report.message


def test_a_portal_that_refuses_says_so(world, replica):
    replica.tables.clear()
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)


@pytest.mark.parametrize(("kind", "outcome"), sorted(LASTING.items()))
def test_each_fault_on_the_second_page_is_an_outcome_and_loses_no_figure(
    world, replica, kind, outcome
):
    run(world)
    before = figures(world)
    replica.faults = [Fault(kind, after=1, retry_after="0")]
    assert run(world).outcome == outcome
    assert figures(world) == before
    replica.faults = []
    assert run(world).outcome in ("ok", "unchanged")
    assert figures(world) == before


@pytest.mark.parametrize("pattern", ["from-0", "from-6", "from-*", "*"])
def test_a_backfill_of_one_page_reads_the_whole_table(world, replica, pattern):
    run(world)
    before = figures(world)
    row = replica.tables["bps/poverty_gap"][-1]
    row["indeks_kedalaman_kemiskinan"] = 9.87
    with closing(Harvester(world.settings)) as harvester:
        [report] = harvester.run([harvester.catalogue.dataset("table")], only=[pattern])
    assert report.outcome == "ok"
    assert figures(world) == published(replica) != before


def test_pages_stand_together_or_not_at_all(world, replica):
    run(world)
    before = figures(world)
    rows = replica.tables["bps/poverty_gap"]
    rows.insert(0, rows.pop())
    replica.faults = [Fault("html", after=1)]
    assert run(world).outcome == "broken"
    assert figures(world) == before
