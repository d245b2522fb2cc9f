"""World Bank replies: errors with HTTP 200, years without a figure, pages."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest import inputs
from ingest.errors import HtmlReplyError, NothingAvailableError, UnknownReplyError
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.schema import Dataset
from tests.ingest.parsing import dataset, parse, recorded, rules
from tests.ingest.world import World
from tests.replicas.faults import LASTING
from tests.replicas.worldbank import Fault, Replica, sample

SOURCE = """
- source: world_bank
  name: World Bank
  url: https://wb.invalid
  kind: compilation
  provenance_tier: secondary_compilation
  licence: CC BY 4.0
  terms_known: true
  connection: worldbank
"""
FIELDS: dict[str, Any] = {
    "protocol": "world_bank.v2",
    "source": "world_bank",
    "request": {"country": "IDN", "series": "SL.UEM.TOTL.ZS", "years": "2010:", "per_page": 6},
    "region": "0000",
    "indicator": "unemployment_rate",
    "unit": "percent",
}


def series(**fields: Any) -> Dataset:
    return dataset(**{**FIELDS, **fields})


def test_the_recorded_shape_keeps_its_digits_and_a_null_is_a_missing_year():
    result = parse(series(), recorded("worldbank_series.shape.json"))
    first, second = result.observations.to_pylist()
    assert (first["value"], first["value_text"]) == (Decimal("3.308"), "3.308")
    assert (first["precision"], first["period_label"]) == (Decimal("0.001"), "2023")
    assert (second["value"], second["obs_status"], second["period_label"]) == (None, "O", "2025")
    assert {first["region_code"], first["source_id"]} == {"0000", "world_bank"}
    assert json.loads(first["attributes"])["last_update"] == "2026-07-01"


def test_an_error_with_status_200_says_what_the_bank_says():
    with pytest.raises(UnknownReplyError, match="The provided parameter value is not valid"):
        parse(series(), recorded("worldbank_error.json"))


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'[{"page": 1, "pages": 0, "per_page": 50, "total": 0}, null]', NothingAvailableError),
        (b"null", UnknownReplyError),
        (b"{}", UnknownReplyError),
        (b"<!doctype html><html></html>", HtmlReplyError),
    ],
)
def test_what_is_no_series_is_named(body, error):
    with pytest.raises(error):
        parse(series(), body)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"countryiso3code": "MYS"}, "another_series"),
        ({"indicator": {"id": "SP.POP.TOTL"}}, "another_series"),
        ({"date": "2023Q1"}, "unknown_period"),
        ({"value": "3.3"}, "not_a_number"),
        ({"value": True}, "not_a_number"),
        ({"value": 330.8}, "out_of_bounds"),
        ({"date": 2023}, "changed_form"),
    ],
)
def test_a_row_that_is_not_what_was_asked_for_is_rejected(change, rule):
    reply = json.loads(recorded("worldbank_series.shape.json"))
    reply[1][0] |= change
    result = parse(series(), json.dumps(reply).encode())
    assert rules(result) == [rule]
    assert result.observations.num_rows == 1


# -- whole harvests ---------------------------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    sources = world.folder / "catalog/sources.yml"
    sources.write_text(sources.read_text() + SOURCE)
    title = {"dataset": "series", "title": {"id": "a", "en": "b"}}
    world.write("catalog/series.yml", json.dumps(FIELDS | title))
    return world


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch):
    with Replica(sample()) as replica:
        monkeypatch.setenv("LUMBUNG_WORLDBANK_URL", replica.url)
        yield replica


def run(world: World) -> HarvestReport:
    (report,) = harvest("series", world.settings)
    return report


def figures(world: World) -> dict[str, Decimal | None]:
    inputs.write(world.settings, world.folder / "inputs")
    rows = pq.read_table(world.folder / "inputs/observations.parquet").to_pylist()
    return {row["period_label"]: row["value"] for row in rows}


PUBLISHED = {
    str(year): None if value is None else Decimal(str(value))
    for year, value in next(iter(sample().values())).items()
}


def test_every_page_is_read(world, replica):
    assert run(world).outcome == "ok"
    assert figures(world) == PUBLISHED
    assert [r.get("page") for r in replica.requests] == [None, "2", "3"]


#: Rows without a `value` are rejected one by one; no rows at all are nothing available.
HERE = LASTING | {"changed_schema": "ok", "vanished_page": "empty"}


@pytest.mark.parametrize(("kind", "outcome"), sorted(HERE.items()))
def test_each_fault_is_an_outcome_and_no_wrong_figure(world, replica, kind, outcome):
    replica.faults = [Fault(kind, retry_after="0")]
    assert run(world).outcome == outcome
    assert figures(world) == {}
    replica.faults = []
    if kind != "changed_schema":
        assert run(world).outcome in ("ok", "unchanged")
        assert figures(world) == PUBLISHED


def test_a_page_that_vanishes_while_paging_is_an_outcome_of_its_own(world, replica):
    replica.faults = [Fault("vanished_page", after=1)]
    assert run(world).outcome == "empty"
    assert set(figures(world).items()) < set(PUBLISHED.items())


@pytest.mark.parametrize("named", ["p1", "p2", "p*"])
def test_a_backfill_of_one_page_asks_for_all_of_the_series(world, replica, named):
    harvester = Harvester(world.settings)
    wanted = [harvester.catalogue.dataset("series")]
    assert [report.outcome for report in harvester.run(wanted, only=[named])] == ["ok"]
    assert figures(world) == PUBLISHED
    [missed] = harvester.run(wanted, only=["q1"])
    assert missed.outcome == "broken"
    assert "p1 is left out, but its pages are handed on together" in missed.message
    assert figures(world) == PUBLISHED
    harvester.close()
