"""ArcGIS layers: every feature the server counts, or none."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest import errors
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.sources import arcgis_features
from tests.ingest.parsing import dataset, parse, rules
from tests.ingest.sources.portals import Figures, figures, lives_through
from tests.ingest.world import World
from tests.replicas.arcgis import Replica, sample
from tests.replicas.faults import LASTING

LAYER = "Ketenagakerjaan/PencariKerja/FeatureServer/0"
SOURCE = """
- source: geoportal
  name: Geoportal
  url: https://geoportal.invalid
  kind: portal
  provenance_tier: primary
  licence: see source
  terms_known: false
  connection: arcgis
"""
INDICATOR = """
- indicator: unemployed
  name: {id: Penganggur, en: Unemployed}
  definition: {id: "Penganggur.", en: "Unemployed."}
  unit: persons
  theme: employment
"""
FIELDS: dict[str, Any] = {
    "protocol": "arcgis.features",
    "request": {"layer": LAYER, "size": 5},
    "region": {"column": "WADMKK", "by": "name"},
    "period": {"column": "TAHUN", "kind": "stock"},
    "measures": [{"column": "JUMLAH", "indicator": "unemployed", "unit": "persons"}],
}
CODES = {"Kab. Serang": "3604", "Kab. Lebak": "3602", "Kota Serang": "3673", "Kota Cilegon": "3672"}


def test_attributes_are_cells_and_shapes_are_not_looked_at():
    features = [
        {"attributes": {"WADMKK": "Kota Serang", "TAHUN": 2023, "JUMLAH": 7}, "geometry": {}},
        {"attributes": {"WADMKK": "Serang", "TAHUN": 2023, "JUMLAH": 7}},
        {"attributes": {"WADMKK": "Kota Cilegon", "TAHUN": 2023}},
    ]
    result = parse(
        dataset(source="banten_geoportal", **FIELDS), json.dumps({"features": features}).encode()
    )
    assert result.observations["region_code"].to_pylist() == ["3673"]
    assert rules(result) == ["ambiguous_region", "ragged_row"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, errors.InvalidQuestionError), (403, errors.NotAllowedError),
        (404, errors.NotFoundError), (498, errors.NotAllowedError),
        (499, errors.NotAllowedError), (500, errors.ServiceTroubleError),
        (777, errors.UnknownReplyError), ("gone", errors.UnknownReplyError),
    ],
)  # fmt: skip
def test_an_error_inside_a_good_status_has_its_name(code, error):
    said = {"error": {"code": code, "message": "Token Required", "details": ["really"]}}
    with pytest.raises(error, match="Token Required really"):
        arcgis_features.read_object(json.dumps(said).encode(), "x")


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path, max_attempts=2, deadline_seconds=1.0)
    sources = world.folder / "catalog/sources.yml"
    sources.write_text(sources.read_text() + SOURCE)
    world.write("catalog/indicators/unemployed.yml", INDICATOR)
    describe(world)
    return world


def describe(world: World, **request: Any) -> None:
    about = {"dataset": "layer", "source": "geoportal", "title": {"id": "a", "en": "b"}}
    asked = {"request": FIELDS["request"] | request}
    world.write("catalog/layer.yml", json.dumps(FIELDS | about | asked))


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch):
    with Replica(sample()) as replica:
        monkeypatch.setenv("LUMBUNG_ARCGIS_URL", replica.url)
        yield replica


def run(world: World) -> HarvestReport:
    (report,) = harvest("layer", world.settings)
    return report


def published(replica: Replica) -> Figures:
    rows = replica.layers[LAYER]
    return {(CODES[row["WADMKK"]], row["TAHUN"]): Decimal(row["JUMLAH"]) for row in rows}


def pages(replica: Replica) -> list[dict[str, str]]:
    return [request for request in replica.requests if replica.model(request) == "query"]


def test_a_layer_is_read_page_by_page_to_its_end(world, replica):
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert len(figures(world)) == 12
    asked = pages(replica)
    assert [one["resultOffset"] for one in asked] == ["0", "5", "10"]
    assert {one["orderByFields"] for one in asked} == {"OBJECTID"}
    assert {one["returnGeometry"] for one in asked} == {"false"}


@pytest.mark.parametrize("pattern", ["from-0", "from-5", "*-10"])
def test_a_backfill_of_one_page_reads_the_whole_layer(world, replica, pattern):
    run(world)
    before = figures(world)
    replica.layers[LAYER][-1]["JUMLAH"] += 1
    with closing(Harvester(world.settings)) as harvester:
        [report] = harvester.run([harvester.catalogue.dataset("layer")], only=[pattern])
    assert report.outcome == "ok"
    assert figures(world) == published(replica) != before


def test_no_more_is_asked_for_at_once_than_the_server_hands_out(world, replica):
    replica.most_rows = 3
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert {one["resultRecordCount"] for one in pages(replica)} == {"3"}


def test_only_the_named_fields_and_features_are_asked_for(world, replica):
    describe(world, where="TAHUN='2022'", fields=["WADMKK", "TAHUN", "JUMLAH"])
    assert run(world).n_observations == 4
    assert {one["outFields"] for one in pages(replica)} == {"OBJECTID,WADMKK,TAHUN,JUMLAH"}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"fields": ["WADMKC"]}, "no field WADMKC"),
        ({"where": "TAHUN>>2022"}, "400: Unable to complete operation"),
        ({"layer": "Ketenagakerjaan/Lain/FeatureServer/0"}, "404: Service not found"),
    ],
)
def test_a_question_that_the_layer_does_not_understand_is_broken(world, replica, request_, said):
    describe(world, **request_)
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)
    assert said in report.message


def test_a_filter_that_nothing_fits_is_empty(world, replica):
    describe(world, where="TAHUN='1999'")
    assert run(world).outcome == "empty"


def test_a_server_that_cannot_page_is_read_only_where_one_answer_is_all(world, replica):
    replica.can_page = False
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    replica.most_rows = 7
    report = run(world)
    assert report.outcome == "broken"
    assert "hands out 7 of 12" in report.message


def test_a_server_that_says_it_pages_and_does_not_is_found_out(world, replica, monkeypatch):
    page = Replica._page
    monkeypatch.setattr(
        Replica, "_page", lambda self, rows, asked: page(self, rows, {**asked, "resultOffset": "0"})
    )
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)
    assert "rows came twice" in report.message


def test_a_layer_behind_a_token_is_refused(world, replica):
    replica.error = (499, "Token Required")
    assert run(world).outcome == "refused"


def test_a_layer_that_changes_meanwhile_is_asked_again_later(world, replica, monkeypatch):
    page = Replica._page

    def grows(self, rows, asked):
        answer = page(self, rows, asked)
        self.layers[LAYER].append(self.layers[LAYER][0] | {"TAHUN": f"{2000 + len(rows)}"})
        return answer

    run(world)
    before = figures(world)
    monkeypatch.setattr(Replica, "_page", grows)
    report = run(world)
    assert report.outcome == "broken"
    assert "run again" in report.message
    assert figures(world) == before


def test_features_that_leave_the_layer_leave_the_figures(world, replica):
    run(world)
    del replica.layers[LAYER][4:]
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert len(figures(world)) == 4


#: The same faults at other questions: the full run tries them all.
SELDOM = [pytest.param(name, marks=pytest.mark.full) for name in ("layer", "count")]


@pytest.mark.parametrize(("kind", "outcome"), LASTING.items())
@pytest.mark.parametrize("question", ["query", *SELDOM])
def test_each_fault_is_an_outcome_and_loses_no_figure(world, replica, kind, outcome, question):
    run(world)
    rows = replica.layers[LAYER]
    rows.insert(0, rows.pop())
    after = 1 if question == "query" else 0
    lives_through(world, replica, run, published, fault=(kind, question, after), outcome=outcome)
