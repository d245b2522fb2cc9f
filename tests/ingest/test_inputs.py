"""The border between ingest and the warehouse: whole, typed, and the same for the same inputs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest import inputs, parsed
from ingest.errors import IngestError
from ingest.harvest import harvest
from ingest.landing import Landing
from ingest.observation import OBSERVATIONS, REJECTED
from tests.ingest.test_harvest import bundle
from tests.ingest.world import KEY, World
from tests.replicas.bps import Fault, Replica, sample

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

#: What differs from run to run: when we asked, and what came of it.
TIMES = {"snapshots", "fetch_outcomes", "fetches", "freshness"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.add_rate()
    bundle(world)
    return world


def write(world: World, name: str = "inputs") -> Path:
    folder = world.folder / name
    inputs.write(world.settings, folder, NOW)
    return folder


def table(folder: Path, name: str) -> pa.Table:
    return pq.read_table(folder / f"{name}.parquet")


def test_an_empty_home_gives_every_file_with_its_columns_and_no_rows(world):
    folder = write(world)
    assert table(folder, "observations").schema == OBSERVATIONS
    assert table(folder, "rejected").schema == REJECTED
    for name in ("observations", "rejected", "snapshots", "fetch_outcomes", "fetches"):
        assert table(folder, name).num_rows == 0, name
    assert table(folder, "datasets")["dataset_id"].to_pylist() == ["rate"]


def test_a_live_dataset_without_a_live_reply_is_named_until_it_has_one(world, monkeypatch):
    harvest("rate", world.settings)
    assert inputs.live_without_rows(world.settings, ["rate", "long gone"]) == []
    with Replica(sample(), keys=[KEY], faults=[Fault("html")]) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        harvest("rate", world.settings)
        assert inputs.live_without_rows(world.settings, ["rate", "long gone"]) == ["rate"]
        replica.faults = []
        harvest("rate", world.settings)
    assert inputs.live_without_rows(world.settings, ["rate"]) == []


def test_rows_come_sorted_by_dataset_snapshot_and_place(world):
    harvest("rate", world.settings)
    rows = table(write(world), "observations").to_pylist()
    keys = [(row["dataset_id"], row["snapshot_id"], row["locator"]) for row in rows]
    assert len(keys) == 32
    assert keys == sorted(keys)


def test_the_same_inputs_give_the_same_bytes(world):
    harvest("rate", world.settings)
    first, second = write(world, "one"), write(world, "two")
    harvest("rate", world.settings)
    third = write(world, "three")
    for path in sorted(first.iterdir()):
        digest = hashlib.sha256(path.read_bytes()).digest()
        assert hashlib.sha256((second / path.name).read_bytes()).digest() == digest, path.name
        if path.stem not in TIMES:
            assert hashlib.sha256((third / path.name).read_bytes()).digest() == digest, path.name


def test_each_snapshot_says_where_its_bytes_lie(world):
    harvest("rate", world.settings)
    for row in table(write(world), "snapshots").to_pylist():
        body = (world.settings.home / row["path"]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == row["snapshot_id"]
        assert row["first_fetched_at"] <= row["last_fetched_at"]


def test_what_steers_a_collection_is_a_fetch_but_no_snapshot(world):
    harvest("rate", world.settings)
    folder = write(world)
    kept = {r["partition"]: r["is_kept"] for r in table(folder, "fetches").to_pylist()}
    assert kept["th"] is False
    assert sum(kept.values()) == 4
    assert "th" not in table(folder, "snapshots")["partition"].to_pylist()


def test_the_regions_come_as_text_and_dates(world):
    regions = table(write(world), "regions")
    serang = [r for r in regions.to_pylist() if r["region_code"] == "3604"]
    assert [row["name"] for row in serang] == ["Kabupaten Serang"]
    kinds = {field.name: field.type for field in regions.schema}
    assert kinds["region_code"] == pa.string()
    assert kinds["valid_from"] == pa.date32()
    assert "" not in regions["djpk_code"].to_pylist()


def test_the_catalogue_comes_along(world):
    folder = write(world)
    (indicator,) = table(folder, "indicators").to_pylist()
    assert (indicator["indicator_id"], indicator["unit"]) == ("unemployment_rate", "percent")
    assert indicator["maximum"] == 100
    assert table(folder, "datasets").to_pylist()[0]["is_live"] is False
    assert {s["source_id"] for s in table(folder, "sources").to_pylist()} == {"bps", "press"}
    (due,) = table(folder, "due_dates").to_pylist()
    assert due["next_due_at"].isoformat() == "2027-02-05"


def test_a_dataset_that_left_the_catalogue_leaves_the_inputs(world):
    world.add_rate("other")
    harvest("rate", world.settings)
    harvest("other", world.settings)
    (world.folder / "catalog/rate.yml").unlink()
    folder = write(world)
    assert table(folder, "observations").num_rows == 0
    assert set(table(folder, "fetch_outcomes")["dataset_id"].to_pylist()) <= {"other"}


def test_going_live_leaves_the_bundled_rows_out(world, monkeypatch):
    harvest("rate", world.settings)
    before = inputs.fingerprint(world.settings)
    monkeypatch.setenv("LUMBUNG_BPS_URL", "http://127.0.0.1:9/")
    folder = write(world)
    assert table(folder, "observations").num_rows == 0
    assert table(folder, "datasets").to_pylist()[0]["is_live"] is True
    assert inputs.fingerprint(world.settings) != before


def test_the_fingerprint_is_that_of_what_was_written(world):
    harvest("rate", world.settings)
    written = inputs.write(world.settings, world.folder / "inputs", NOW)
    assert written.fingerprint == inputs.fingerprint(world.settings)
    assert len(written.snapshots) == 4


def test_the_fingerprint_changes_with_each_thing_a_build_reads(world):
    harvest("rate", world.settings)
    seen = [inputs.fingerprint(world.settings)]

    world.write("catalog/cadences.yml", "- {cadence: sakernas, name: {id: a, en: b}}")
    seen.append(inputs.fingerprint(world.settings))

    path = world.folder / "bundled/rate/th-118-119.json"
    path.write_text(path.read_text().replace("2025-11-07", "2025-11-08"))
    harvest("rate", world.settings)
    seen.append(inputs.fingerprint(world.settings))

    path.write_text(path.read_text().replace("2025-11-08", "2025-11-07"))
    harvest("rate", world.settings)
    seen.append(inputs.fingerprint(world.settings))
    assert len(set(seen)) == 4, "a figure restated and taken back has another current snapshot"


def test_rows_of_an_older_form_are_named_rather_than_mixed_in(world):
    harvest("rate", world.settings)
    snapshot = Landing(world.settings.landing).snapshots("rate")[0]
    path = parsed.observations_path(world.settings, snapshot)
    old = pq.read_table(path, partitioning=None)
    pq.write_table(old.drop_columns(["note"]), path)
    with pytest.raises(IngestError, match="columns of an older version"):
        write(world)


def test_many_rows_are_joined_in_groups_without_losing_one(world, monkeypatch):
    monkeypatch.setattr(inputs, "ROWS_PER_GROUP", 10)
    harvest("rate", world.settings)
    folder = write(world)
    assert table(folder, "observations").num_rows == len(sample()[0].cells)
    assert pq.read_metadata(folder / "observations.parquet").num_row_groups > 1
