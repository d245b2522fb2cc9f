"""CKAN: rows of the datastore and uploaded files, whole or not at all."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ingest import errors
from ingest.errors import UnreadableFileError
from ingest.harvest import Harvester, HarvestReport, harvest
from ingest.observation import ParseResult
from ingest.protocol import Snapshot
from ingest.schema import Dataset
from ingest.sources import ckan_replies, ckan_resource
from tests.ingest.parsing import context, dataset, rules
from tests.ingest.sources.portals import Figures, figures, lives_through
from tests.ingest.world import World
from tests.replicas.ckan import Replica, Resource, csv_of, sample
from tests.replicas.faults import LASTING

SOURCE = """
- source: portal
  name: Portal
  url: https://portal.invalid
  kind: portal
  provenance_tier: primary
  licence: see source
  terms_known: false
  connection: ckan
"""
INDICATOR = """
- indicator: job_seekers_registered
  name: {id: Pencari kerja, en: Job seekers}
  definition: {id: "Pencari kerja terdaftar.", en: "Registered job seekers."}
  unit: persons
  theme: employment
  minimum: 0
"""
FIELDS: dict[str, Any] = {
    "protocol": "ckan.resource",
    "source": "portal",
    "request": {
        "package": "pencari-kerja",
        "name_matches": "Tahun (?P<year>[0-9]{4})",
        "size": 2,
    },
    "region": {"column": "kabupaten_kota", "by": "name"},
    "period": {"from_name": "{year}", "kind": "flow"},
    "aliases": {"jumlah_pencari_kerja": ["jumlah_pencari_kerja_terdaftar"]},
    "measures": [
        {"column": "jumlah_pencari_kerja", "indicator": "job_seekers_registered", "unit": "persons"}
    ],
}
FILE = {"read": "file"}


def described(**fields: Any) -> Dataset:
    measure = FIELDS["measures"][0] | {"indicator": "unemployed"}
    known = {"source": "serangkab_open_data", "measures": [measure]}
    return dataset(**FIELDS | known | fields)


def page(*records: dict[str, Any], **said: Any) -> bytes:
    result = {"records": list(records), "total": len(records)} | said
    return json.dumps({"help": "", "success": True, "result": result}).encode()


ROW = {"_id": 1, "kabupaten_kota": "Kabupaten Serang", "jumlah_pencari_kerja": 2500}


def parsed(body: bytes, partition: str = "2023~aaaa~0", **fields: Any) -> ParseResult:
    about = described(**fields)
    snapshot = Snapshot(about.dataset, partition, "0" * 64)
    return ckan_resource.parse(about, snapshot, body, context())


def test_the_period_comes_from_the_name_of_the_resource():
    (row,) = parsed(page(ROW)).observations.to_pylist()
    assert (row["region_code"], row["period_label"], row["value"]) == ("3604", "2023", 2500)
    assert (row["period_kind"], row["locator"]) == ("flow", "row 1, jumlah_pencari_kerja")


def test_a_column_that_was_renamed_is_the_same_column():
    renamed = {"_id": 1, "kabupaten_kota": "Kota Serang", "jumlah_pencari_kerja_terdaftar": "77"}
    (row,) = parsed(page(renamed)).observations.to_pylist()
    assert (row["region_code"], row["value"]) == ("3673", 77)


def test_a_column_under_two_names_at_once_is_refused():
    with pytest.raises(UnreadableFileError, match="under two names"):
        parsed(page(ROW | {"jumlah_pencari_kerja_terdaftar": 2501}))


def test_a_column_nobody_declared_is_no_column():
    cut = {"_id": 1, "kabupaten_kota": "Kota Serang", "jumlah_pencari_ker": 77}
    with pytest.raises(UnreadableFileError, match="'jumlah_pencari_kerja'"):
        parsed(page(cut))


def test_cells_are_read_as_strictly_as_in_any_table():
    strange = ROW | {"jumlah_pencari_kerja": "2.500,5,1"}
    missing = ROW | {"kabupaten_kota": "Kota Serang", "jumlah_pencari_kerja": None}
    result = parsed(page(strange, missing), decimal=",")
    assert len(rules(result)) == 1
    assert result.observations["obs_status"].to_pylist() == ["O"]


def test_numbers_and_texts_of_one_column_are_each_read_as_they_are_written():
    rows = [ROW | {"kabupaten_kota": "Kota Serang", "jumlah_pencari_kerja": "1.234"}, ROW]
    result = parsed(page(*rows), decimal=",")
    assert result.observations["value"].to_pylist() == [Decimal(1234), Decimal(2500)]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("Not Found Error", errors.NotFoundError),
        ("Authorization Error", errors.NotAllowedError),
        ("Validation Error", errors.InvalidQuestionError),
        ("Search Query Error", errors.InvalidQuestionError),
        ("Search Error", errors.ServiceTroubleError),
        ("Search Index Error", errors.ServiceTroubleError),
        ("Bad Request Error", errors.UnknownReplyError),
    ],
)
def test_every_refusal_that_ckan_names_has_its_error(kind, error):
    body = json.dumps({"success": False, "error": {"__type": kind, "fields": ["no such"]}})
    with pytest.raises(error, match="no such"):
        ckan_replies.read_result(body.encode(), "x")


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"package": "p"}, "one of `resource` and"),
        ({"package": "p", "resource": "a", "name_matches": "b"}, "one of `resource` and"),
        ({"package": "p", "name_matches": "(b"}, "regular expression"),
        ({"package": "p", "name_matches": "b"}, "group of request.name_matches"),
        ({"package": "p", "name_matches": "(?P<year>b)", "read": "file", "filters": {"a": 1}},
         "datastore"),
    ],
)  # fmt: skip
def test_a_description_that_means_nothing_is_refused(request_, said):
    with pytest.raises(ValidationError, match=said):
        described(request=request_)


def test_an_alias_may_not_stand_for_two_columns():
    with pytest.raises(ValidationError, match="two columns"):
        described(aliases={"a": ["x"], "b": ["x"]})


# -- whole harvests against the replica ----------------------------------------------------


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path, max_attempts=2, deadline_seconds=1.0)
    sources = world.folder / "catalog/sources.yml"
    sources.write_text(sources.read_text() + SOURCE)
    world.write("catalog/indicators/seekers.yml", INDICATOR)
    describe(world)
    return world


def describe(world: World, *, request: dict[str, Any] | None = None, **fields: Any) -> None:
    title = {"dataset": "table", "title": {"id": "a", "en": "b"}}
    asked = {"request": FIELDS["request"] | (request or {})}
    world.write("catalog/table.yml", json.dumps(FIELDS | title | asked | fields))


@pytest.fixture
def replica(monkeypatch: pytest.MonkeyPatch):
    with Replica(sample()) as replica:
        monkeypatch.setenv("LUMBUNG_CKAN_URL", replica.url)
        yield replica


def run(world: World) -> HarvestReport:
    (report,) = harvest("table", world.settings)
    return report


def published(replica: Replica) -> Figures:
    codes = {
        "Kabupaten Serang": "3604", "Kabupaten Lebak": "3602", "Kota Serang": "3673",
        "Kota Cilegon": "3672", "Kota Tangerang": "3671",
    }  # fmt: skip
    return {
        (codes[row["kabupaten_kota"]], row["tahun"]): Decimal(list(row.values())[2])
        for resource in replica.packages[0].resources
        for row in resource.rows
    }


def resources(replica: Replica) -> list[Resource]:
    return replica.packages[0].resources


def actions(replica: Replica) -> list[str]:
    return [replica.model(request) for request in replica.requests]


def test_every_resource_that_fits_is_read_to_its_last_page(world, replica):
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert len(figures(world)) == 15
    assert actions(replica) == ["package_show", *["datastore_search"] * 9]
    rows = [r for r in replica.requests if "offset" in r]
    assert {r["sort"] for r in rows} == {"_id"}
    assert [r["offset"] for r in rows] == ["0", "2", "4"] * 3


def test_the_files_hold_the_same_figures(world, replica):
    describe(world, request=FILE)
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert actions(replica) == ["package_show", *["download"] * 3]


def test_a_portal_that_hands_out_less_than_asked_for_is_read_whole(world, replica):
    describe(world, request={"size": 1000})
    replica.rows_max = 3
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)


def test_a_second_run_finds_nothing_new(world, replica):
    run(world)
    assert (run(world).outcome, run(world).n_new_snapshots) == ("unchanged", 0)


def test_rows_that_leave_the_table_leave_the_figures(world, replica):
    run(world)
    del resources(replica)[0].rows[1:]
    assert run(world).outcome == "ok"
    assert figures(world) == published(replica)
    assert len(figures(world)) == 11


def test_a_restated_figure_replaces_the_one_before(world, replica):
    run(world)
    resources(replica)[1].rows[4]["jumlah_pencari_kerja"] = 4242
    run(world)
    assert figures(world)["3671", "2023"] == 4242
    assert figures(world) == published(replica)


def test_filters_are_sent_and_a_filter_nobody_knows_is_an_outcome(world, replica):
    describe(world, request={"filters": {"kabupaten_kota": ["Kota Serang"]}})
    assert run(world).n_observations == 3
    describe(world, request={"filters": {"kota": "Serang"}})
    report = run(world)
    assert report.outcome == "broken"
    assert "Validation Error" in report.message


def test_one_resource_can_be_named_by_its_id(world, replica):
    describe(
        world,
        request={"resource": "aaaa-2022", "name_matches": None},
        period={"column": "tahun", "kind": "flow"},
    )
    run(world)
    assert {year for _, year in figures(world)} == {"2022"}


def test_a_table_that_only_its_owners_may_see_stops_no_other(world, replica):
    resources(replica)[1].private = True
    report = run(world)
    assert report.outcome == "refused"
    assert "Authorization Error" in report.message
    assert {year for _, year in figures(world)} == {"2022", "2024"}
    assert run(world).message == report.message  # the host itself is not left alone


def test_a_resource_outside_the_datastore_says_how_it_is_read(world, replica):
    resources(replica)[0].datastore_active = False
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 10)
    assert "read: file" in report.message


def test_a_file_that_lies_elsewhere_is_not_followed(world, replica):
    describe(world, request=FILE)
    resources(replica)[0].url = "https://elsewhere.invalid/pencari-kerja.csv"
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 10)
    assert "not kept by the portal" in report.message


def test_two_resources_about_one_year_are_one_too_many(world, replica):
    resources(replica)[0].name = "Pencari Kerja Tahun 2023 (draf)"
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)
    assert "several resources are about 2023" in report.message


def test_a_package_that_is_gone_loses_no_figure(world, replica):
    run(world)
    before = figures(world)
    for change in ("state", "name"):
        setattr(replica.packages[0], change, "deleted")
        report = run(world)
        assert report.outcome == "broken"
        assert figures(world) == before


def test_a_resource_that_leaves_its_package_is_no_failure_and_its_figures_end(world, replica):
    run(world)
    del resources(replica)[0]
    assert run(world).outcome == "unchanged"
    assert figures(world) == published(replica)


@pytest.mark.parametrize(
    ("pattern", "years"),
    [
        ("2023~aaaa-2023~2", ["2023"]), ("2023~aaaa-2023~0", ["2023"]), ("2023~*", ["2023"]),
        ("*~2", ["2022", "2023", "2024"]), ("*", ["2022", "2023", "2024"]), ("2023~aaaa-2023", []),
    ],
)  # fmt: skip
def test_a_backfill_of_one_page_reads_the_whole_resource_and_no_other(
    world, replica, pattern, years
):
    run(world)
    before, asked_before = published(replica), len(replica.requests)
    for resource in resources(replica):
        row = resource.rows[-1]
        row[list(row)[2]] += 1000
    with closing(Harvester(world.settings)) as harvester:
        about = harvester.catalogue.dataset("table")
        [report] = harvester.run([about], only=[pattern])
    asked = [q for q in replica.requests[asked_before:] if "resource_id" in q]
    assert sorted({q["resource_id"] for q in asked}) == [f"aaaa-{year}" for year in years]
    assert [q["offset"] for q in asked] == ["0", "2", "4"] * len(years)
    assert (report.outcome, report.n_new_snapshots) == ("ok" if years else "empty", len(years))
    restated = {key: value for key, value in published(replica).items() if key[1] in years}
    assert figures(world) == before | restated


def test_a_portal_that_ignores_the_offset_is_found_out(world, replica):
    replica.ignores_offset = True
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)
    assert "rows came twice" in report.message


def test_a_table_that_grows_while_it_is_read_is_read_again_later(world, replica, monkeypatch):
    run(world)
    before = figures(world)
    answer = Replica._datastore_search

    def grows(self, params):
        reply = answer(self, params)
        rows = self._resource("aaaa-2023").rows
        rows.insert(0, rows[0] | {"kabupaten_kota": f"Kabupaten {len(rows)}"})
        return reply

    monkeypatch.setattr(Replica, "_datastore_search", grows)
    report = run(world)
    assert report.outcome == "broken"
    assert "run again" in report.message
    assert figures(world) == before


def test_a_delimited_file_with_an_unknown_head_is_kept_and_not_read(world, replica):
    describe(world, request=FILE)
    resources(replica)[0].body = csv_of(resources(replica)[0].rows, ";")
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 10)
    assert "no column" in report.message


def test_a_file_shorter_than_the_portal_says_is_refused_unless_it_is_known_to_be_wrong(
    world, replica, monkeypatch
):
    describe(world, request=FILE)
    whole = Replica._describe_resource
    monkeypatch.setattr(
        Replica, "_describe_resource", lambda *a: whole(*a) | {"size": len(a[2].body) + 1}
    )
    report = run(world)
    assert (report.outcome, report.n_observations) == ("broken", 0)
    assert "was cut off" in report.message
    describe(world, request=FILE | {"check_size": False})
    assert run(world).outcome == "ok"


def test_a_register_of_persons_is_never_stored(world, replica):
    describe(world, request=FILE)
    nik = "3604054501900001"
    resources(replica)[0].body += f"{nik},2022,1\r\n".encode()
    report = run(world)
    assert report.outcome == "refused"
    assert world.files_with(nik) == []


#: The same faults at other questions: the full run tries them all.
SELDOM = [pytest.param(name, marks=pytest.mark.full) for name in ("package_show", "download")]


@pytest.mark.parametrize(("kind", "outcome"), LASTING.items())
@pytest.mark.parametrize("action", ["datastore_search", *SELDOM])
def test_each_fault_is_an_outcome_and_loses_no_figure(world, replica, kind, outcome, action):
    if action == "download":
        describe(world, request=FILE)
    run(world)
    # The second page of a table, or the second file: what came before it must not stand alone.
    for resource in resources(replica):
        resource.rows.insert(0, dict(resource.rows.pop()))
        resource.body = csv_of(resource.rows)
    after = 0 if action == "package_show" else 1
    lives_through(world, replica, run, published, fault=(kind, action, after), outcome=outcome)
