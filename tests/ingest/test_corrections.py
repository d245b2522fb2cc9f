"""A declared correction holds exactly as long as the error it was declared for."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import catalogue, corrections, inputs
from ingest.errors import CatalogueError
from ingest.harvest import harvest
from ingest.observation import observation_table
from ingest.protocol import Snapshot
from ingest.sources import PROTOCOLS
from lumbung.settings import Settings
from tests.ingest.parsing import context
from tests.ingest.world import World

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEADER = (
    "indicator,breakdown,category,region_code,region_name,period,period_kind,period_start,"
    "period_end,value,unit,precision,stage,perimeter,perimeter_note,baseline,series_version,"
    "claimant,source,source_url,tier,published_at,published_at_basis,note\n"
)
LINE = (
    "unemployment_rate,,,{region},,2021-08,round,,,{value},%,0.01,observed,area,,,,BPS,"
    "{source},https://berita.invalid/{source},official_via_press,,none,\n"
)
CITED = """
dataset: cited
protocol: cited_figures
source: press
title: {id: Kutipan, en: Cited}
indicators: any
"""
ENTRY = """
- correction: swapped_digits
  dataset: cited
  where: {{indicator: unemployment_rate, region: "3603", period: "2021-08"{where}}}
  expect: "{expect}"
  {what}
  reason: {{id: "Digit tertukar.", en: "Digits swapped."}}
  reported_by: a reader
  reported_on: 2026-11-21
"""
RIGHT = 'set: {value: "9.06"}'


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write("catalog/cited.yml", CITED)
    made.bundle("cited")
    publish(made, ("3603", "9.60", "a"), ("3604", "10.58", "a"))
    return made


def publish(world: World, *lines: tuple[str, str, str]) -> None:
    text = "".join(LINE.format(region=r, value=v, source=s) for r, v, s in lines)
    world.write("bundled/cited/all.csv", HEADER + text)
    (report,) = harvest("cited", world.settings)
    assert (report.outcome, report.n_rejected) in (("ok", 0), ("unchanged", 0)), report


def declare(world: World, what: str = RIGHT, expect: str = "9.60", where: str = "") -> None:
    text = ENTRY.format(what=what, expect=expect, where=where)
    world.write("catalog/corrections/digits.yml", text)


def write(world: World) -> list[dict[str, Any]]:
    folder = world.folder / "inputs"
    inputs.write(world.settings, folder, NOW)
    return pq.read_table(folder / "corrections.parquet").to_pylist()


def test_it_names_the_claim_and_what_it_should_have_said(world: World) -> None:
    declare(world)
    (row,) = write(world)
    assert (row["kind"], row["status"], row["locator"]) == ("misprint", "applied", "line 2")
    assert (row["set_value"], row["set_value_text"]) == (Decimal("9.06"), "9.06")
    assert (row["reason_id"], row["declared_in"]) == ("Digit tertukar.", "corrections/digits.yml")
    published = pq.read_table(world.folder / "inputs" / "observations.parquet").to_pylist()
    assert sorted(r["value"] for r in published) == [Decimal("9.6"), Decimal("10.58")]


def test_a_figure_that_upstream_put_right_stops_the_build_and_says_so(world: World) -> None:
    declare(world)
    write(world)
    publish(world, ("3603", "9.06", "a"), ("3604", "10.58", "a"))
    with pytest.raises(CatalogueError) as told:
        write(world)
    said = str(told.value)
    assert "digits.yml: correction 'swapped_digits' expects '9.60'" in said
    assert "there is '9.06'" in said
    assert "put right upstream? Then delete the correction" in said


def test_a_figure_that_disappeared_stops_the_build_too(world: World) -> None:
    declare(world)
    publish(world, ("3604", "10.58", "a"))
    with pytest.raises(CatalogueError, match="there is no claim at all"):
        write(world)


def test_two_claims_that_fit_are_one_too_many_until_the_address_tells_them_apart(
    world: World,
) -> None:
    publish(world, ("3603", "9.60", "a"), ("3603", "9.60", "b"))
    declare(world)
    with pytest.raises(CatalogueError, match="2 carry it: name the source_url or the claimant"):
        write(world)
    declare(world, where=', source_url: "https://berita.invalid/b"')
    assert write(world)[0]["locator"] == "line 3"


def test_two_corrections_of_one_claim_are_refused(world: World) -> None:
    declare(world)
    other = ENTRY.format(what="doubt: true", expect="9.60", where="").replace("swapped", "more")
    world.write("catalog/corrections/more.yml", other)
    with pytest.raises(CatalogueError, match="same claim as 'more_digits'"):
        write(world)


def test_a_correction_of_figures_that_are_not_there_yet_waits(world: World, tmp_path: Path) -> None:
    empty = World(tmp_path / "empty")
    empty.write("catalog/cited.yml", CITED)
    declare(empty)
    (row,) = write(empty)
    assert (row["status"], row["set_value"], row["locator"]) == ("waiting", None, None)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("doubt: true\n  withdraw: true", "say one of"),
        ("set: {}", "`set` changes nothing"),
        ('set: {value: "9.60"}', "sets what the claim says already"),
        ('set: {value: "sembilan"}', "'sembilan' is no number"),
        ('set: {value: "-"}', "to take a claim out, withdraw it"),
        ('set: {value: "906"}', "never above 100"),
        ('set: {value: "9.06", unit: IDR}', "measures idr"),
        ("set: {indicator: poverty_rate}", "indicator 'poverty_rate' is in no indicator file"),
        ('set: {region: "3699"}', "no region has the BPS WebAPI code '3699'"),
        ('set: {period: "lalu"}', "'lalu' is no period"),
        ("set: {stage: finished}", "corrections"),
        ("set: {valeu: 9.06}", "valeu"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, what: str, said: str) -> None:
    declare(world, what)
    with pytest.raises(CatalogueError, match=said):
        write(world)


def test_an_unknown_dataset_and_a_name_used_twice_are_refused(world: World) -> None:
    declare(world)
    text = ENTRY.format(what=RIGHT, expect="9.60", where="")
    world.write("catalog/corrections/other.yml", text)
    with pytest.raises(CatalogueError, match=r"other.yml.*declared in .*digits.yml already"):
        catalogue.load(world.settings.catalog)
    world.write("catalog/corrections/other.yml", "[]")
    world.write("catalog/corrections/digits.yml", text.replace("dataset: cited", "dataset: sited"))
    with pytest.raises(CatalogueError, match="there is no dataset 'sited'"):
        catalogue.load(world.settings.catalog)


def test_a_value_is_scaled_like_the_one_it_corrects() -> None:
    row = observation_table(
        [
            {
                "dataset_id": "d", "snapshot_id": "s", "locator": "l", "period_label": "2026",
                "period_kind": "flow", "indicator_id": "labour_force", "region_code": "3604",
                "value": Decimal(780_500), "value_text": "780.5", "unit": "persons",
                "source_id": "x", "source_name": "X", "provenance_tier": "primary",
            }
        ]
    )  # fmt: skip
    known = catalogue.load(Settings().catalog)
    entry = catalogue.Correction.model_validate(
        {
            "correction": "c", "dataset": "cited_labour", "expect": "780.5",
            "where": {"indicator": "labour_force", "region": "3604", "period": "2026"},
            "set": {"value": "784.5", "unit": "ribu orang"}, "reported_by": "x",
            "reported_on": "2026-11-21", "reason": {"id": "a", "en": "b"},
        }
    )  # fmt: skip
    declared = catalogue.DeclaredCorrection(Path("c.yml"), entry)
    only = catalogue.Catalogue(
        known.folder, known.datasets, known.indicators, known.sources, known.cadences,
        {"c": declared},
    )  # fmt: skip
    (checked,) = corrections.check(only, lambda _: row, Settings().geography)
    assert checked["set_value"] == 784_500
    changes = entry.changes.model_copy(update={"unit": "juta orang"}) if entry.changes else None
    other = catalogue.DeclaredCorrection(
        Path("c.yml"), entry.model_copy(update={"changes": changes})
    )
    wrong = catalogue.Catalogue(
        known.folder, known.datasets, known.indicators, known.sources, known.cadences,
        {"c": other},
    )  # fmt: skip
    with pytest.raises(CatalogueError, match="was not published in juta orang"):
        corrections.check(wrong, lambda _: row, Settings().geography)


def test_the_fingerprint_changes_with_a_correction_but_no_reply_is_parsed_again(
    world: World,
) -> None:
    before = inputs.fingerprint(world.settings)
    (path,) = world.settings.observations.rglob("*.observations.parquet")
    parsed_at = path.stat().st_mtime_ns
    declare(world)
    assert inputs.fingerprint(world.settings) != before
    harvest("cited", world.settings)
    assert path.stat().st_mtime_ns == parsed_at


def test_every_declared_correction_of_the_bundle_finds_its_one_claim() -> None:
    known = catalogue.load(Settings().catalog)

    def rows(name: str) -> pa.Table:
        body = (Settings().bundled / name / "all.csv").read_bytes()
        dataset = known.dataset(name)
        snapshot = Snapshot(name, "all", "0" * 64)
        protocol = PROTOCOLS[dataset.protocol]
        return protocol.parse(dataset, snapshot, body, context()).observations

    checked = corrections.check(known, rows, Settings().geography)
    kinds = [row["kind"] for row in checked if row["status"] == "applied"]
    counts = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counts == {"misprint": 10, "label": 22, "doubt": 23}
    cilegon = next(r for r in checked if r["correction_id"] == "cilegon_transfers_2026")
    assert (cilegon["expected_text"], cilegon["set_value"]) == ("780520143000", 784_523_143_000)
    banned = ("/work", "shared/", "figures.csv", "ANNOTATIONS")
    assert not any(word in str(row) for row in checked for word in banned)
