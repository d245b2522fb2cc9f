"""Landing and parsed rows at an address that workers share keep every promise of a disk."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from ingest import inputs, storage
from ingest.errors import LandingError
from ingest.harvest import harvest
from ingest.landing import Landing
from ingest.parsed import observations_path, parser_of, rejected_path
from ingest.past import copy_until, mark
from ingest.quarantine import quarantine
from ingest.tombstones import QuarantinedError, Tombstones
from lumbung.backup import BackupError, backup, restore
from lumbung.settings import ROOT, Settings
from tests import stores
from tests.ingest.test_harvest import bundle
from tests.ingest.test_landing import land
from tests.ingest.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def address() -> str:
    return f"memory://{uuid4().hex}/lumbung"


@pytest.fixture
def shared(tmp_path: Path, address: str) -> World:
    return world_at(tmp_path / "shared", address)


def world_at(folder: Path, address: str | None) -> World:
    world = World(folder, shared_url=address)
    world.add_rate()
    bundle(world)
    return world


def test_the_same_inputs_come_of_a_store_and_of_a_disk(shared: World, tmp_path: Path) -> None:
    plain = world_at(tmp_path / "plain", None)
    written = {}
    for name, world in (("shared", shared), ("plain", plain)):
        (report,) = harvest("rate", world.settings)
        assert (report.outcome, report.n_snapshots > 0, report.n_observations > 0) == (
            "ok", True, True,
        )  # fmt: skip
        folder = tmp_path / f"inputs of {name}"
        written[name] = inputs.write(world.settings, folder, NOW).fingerprint
    assert written["shared"] == written["plain"] == inputs.fingerprint(shared.settings)
    for name in ("observations", "rejected", "corrections"):
        one, other = (tmp_path / f"inputs of {kind}" / f"{name}.parquet" for kind in written)
        assert one.read_bytes() == other.read_bytes(), name
    left = {path.name for path in shared.settings.home.rglob("*") if path.is_file()}
    assert left == {"ledger.sqlite"}, "something of landing or of the rows is on the disk"
    assert (plain.settings.landing / "objects").is_dir()


def test_a_home_without_an_address_loads_no_library_of_stores(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.ingest.test_landing import *\n"
        "from ingest import harvest, inputs\n"
        "land(Landing.of(harvest.Settings(home=Path(sys.argv[1]))), b'abc')\n"
        "print(sorted({'upath', 's3fs', 'psycopg', 'psycopg_pool'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"
    assert (tmp_path / "landing" / "ledger.sqlite").is_file()


def test_a_damaged_object_is_named_and_mended_when_its_bytes_come_again(shared: World) -> None:
    landing = Landing.of(shared.settings)
    land(landing, b"abc")
    (snapshot,) = landing.snapshots()
    storage.put(landing.path_of(snapshot.snapshot_id), b"abd")
    with pytest.raises(LandingError, match=f"{snapshot.snapshot_id} is damaged.*memory://"):
        landing.read(snapshot.snapshot_id)
    assert land(landing, b"abc") is False
    assert landing.read(snapshot.snapshot_id) == b"abc"
    with pytest.raises(LandingError, match="object 00ff can't be read"):
        landing.read("00ff")


def test_damaged_rows_stop_a_build_and_are_read_anew_by_the_next_harvest(shared: World) -> None:
    harvest("rate", shared.settings)
    wanted = inputs.fingerprint(shared.settings)
    (snapshot, *_) = Landing.of(shared.settings).snapshots()
    path = observations_path(shared.settings, snapshot)
    storage.put(path, b"no parquet")
    with pytest.raises(LandingError, match=r"the rows in memory://.* can't be read"):
        inputs.fingerprint(shared.settings)
    harvest("rate", shared.settings)
    assert inputs.fingerprint(shared.settings) == wanted


def test_quarantined_bytes_leave_a_store_and_no_worker_takes_them_again(
    shared: World, tmp_path: Path
) -> None:
    harvest("rate", shared.settings)
    landing = Landing.of(shared.settings)
    (snapshot, *_) = landing.snapshots()
    body, path = landing.read(snapshot.snapshot_id), observations_path(shared.settings, snapshot)
    removed = quarantine(shared.settings, snapshot.snapshot_id, "names of pupils", "Ani")
    assert removed.n_files == 3
    assert (storage.exists(path), storage.exists(rejected_path(path))) == (False, False)
    other = Landing.of(World(tmp_path / "other", shared_url=shared.settings.shared_url).settings)
    with pytest.raises(QuarantinedError, match=f"{snapshot.snapshot_id}.*tombstones"):
        land(other, body)
    (stone,) = Tombstones(storage.landing(shared.settings)).all()
    assert (stone.sha256, stone.by) == (snapshot.snapshot_id, "Ani")
    assert quarantine(shared.settings, snapshot.snapshot_id, "again", "Budi").tombstone == stone


def test_the_past_brings_its_objects_out_of_the_store(shared: World, tmp_path: Path) -> None:
    landing = Landing.of(shared.settings)
    land(landing, b"then")
    until = mark(landing)
    land(landing, b"later")
    past = copy_until(landing, tmp_path / "past", until)
    (snapshot,) = past.snapshots()
    assert past.read(snapshot.snapshot_id) == b"then"
    assert isinstance(past.path_of(snapshot.snapshot_id), Path)
    assert not past.path_of(hashlib.sha256(b"later").hexdigest()).exists()


def test_a_folder_that_workers_mount_is_written_as_the_home_is(tmp_path: Path) -> None:
    world = world_at(tmp_path / "w", f"file://{tmp_path}/mounted here")
    harvest("rate", world.settings)
    (snapshot, *_) = Landing.of(world.settings).snapshots()
    path = observations_path(world.settings, snapshot)
    assert isinstance(path, Path)
    assert path.is_relative_to(tmp_path / "mounted here" / "observations")
    assert parser_of(path) is not None
    assert not (world.settings.landing / "objects").exists()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://127.0.0.1/x", "'ftp' is no store whose puts are whole.*s3, gs"),
        ("s3://key:geheim@bucket/x", "no password belongs in it"),  # pragma: allowlist secret
        ("gs://bucket/x", "needs the package gcsfs"),
        ("elsewhere/x", "'' is no store"),
    ],
)
def test_an_address_that_can_not_be_used_is_explained(
    address: str, said: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, shared_url=address)
    with pytest.raises(LandingError, match=said) as caught:
        Landing.of(settings)
    assert "geheim" not in str(caught.value)


def test_a_backup_of_a_home_that_is_not_the_whole_is_refused(shared: World, tmp_path: Path) -> None:
    harvest("rate", shared.settings)
    for refused in (backup, restore):
        with pytest.raises(BackupError, match="by the store's own means and LUMBUNG_LEDGER_DSN by"):
            refused(shared.settings, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.fixture(scope="module")
def store() -> Iterator[stores.Store]:
    with stores.s3() as running:
        before = {name: os.environ.get(name) for name in running.environment}
        os.environ.update(running.environment)
        yield running
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@pytest.mark.full
def test_a_real_store_serves_another_home_in_another_process(
    store: stores.Store, tmp_path: Path
) -> None:
    address = f"s3://{stores.BUCKET}/{uuid4().hex}"
    world = world_at(tmp_path / "w", address)
    harvest("rate", world.settings)
    (snapshot, *_) = Landing.of(world.settings).snapshots()
    code = (
        "import sys; from lumbung import settings; from ingest.landing import Landing\n"
        "landing = Landing.of(settings.load())\n"
        "sys.stdout.buffer.write(landing.read(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, snapshot.snapshot_id],
        cwd=ROOT, capture_output=True, check=True,
        env={**os.environ, "LUMBUNG_HOME": str(tmp_path / "x"), "LUMBUNG_SHARED_URL": address},
    )  # fmt: skip
    assert hashlib.sha256(done.stdout).hexdigest() == snapshot.snapshot_id
    # and what that process changes, this one sees at once
    gone = storage.landing(world.settings) / "objects"
    path = Landing.of(world.settings).path_of(snapshot.snapshot_id)
    assert str(path).startswith(str(gone))
    code = "import sys, fsspec; fsspec.filesystem('s3').rm_file(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, check=True)
    assert storage.exists(path) is False
    with pytest.raises(LandingError, match=f"{snapshot.snapshot_id} can't be read"):
        Landing.of(world.settings).read(snapshot.snapshot_id)


@pytest.mark.full
def test_a_process_that_forks_goes_on_with_the_store_on_both_sides(
    store: stores.Store, tmp_path: Path
) -> None:
    """Airflow forks for each task."""
    code = (
        "import multiprocessing, sys; from pathlib import Path\n"
        "from ingest.landing import Landing; from lumbung.settings import Settings\n"
        "from tests.ingest.test_landing import land\n"
        "def fetch(body):\n"
        "    return land(Landing.of(Settings()), body)\n"
        "fetch(b'here')\n"
        "with multiprocessing.get_context('fork').Pool(1) as pool:\n"
        "    pool.apply_async(fetch, [b'there']).get(30)\n"
        "landing = Landing.of(Settings())\n"
        "print([landing.read(s.snapshot_id).decode() for s in landing.snapshots()])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "LUMBUNG_HOME": str(tmp_path), "LUMBUNG_SHARED_URL": "s3://lumbung/f"},
    )  # fmt: skip
    assert done.stdout.strip() == "['here', 'there']", done.stderr[-2000:]


@pytest.mark.full
def test_a_store_that_is_down_is_an_outcome_and_nothing_else_is_lost(
    store: stores.Store, tmp_path: Path
) -> None:
    nowhere = {**os.environ, "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}
    code = (
        "from lumbung.settings import Settings; from ingest.landing import Landing\n"
        "from tests.ingest.test_landing import land\n"
        "landing = Landing.of(Settings())\n"
        "try:\n    land(landing, b'abc')\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error, list(landing.fetches()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True,
        env={**nowhere, "LUMBUNG_HOME": str(tmp_path), "LUMBUNG_SHARED_URL": "s3://lumbung/x"},
    )  # fmt: skip
    assert done.stdout.startswith("UnreachableError s3://lumbung/x/landing/")
    assert "can't be reached" in done.stdout
    assert done.stdout.strip().endswith("[]"), "the ledger names a reply that was not put"
