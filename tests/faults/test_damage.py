"""Damage, a wrong clock, two at once, a reader that never lets go: what each reader sees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingest import inputs
from ingest.errors import LandingError
from ingest.landing import Landing
from lumbung.settings import ROOT, Settings
from release import build, identity
from release.errors import ReleaseError
from release.store import Store
from tests.faults.scenarios import Harvest
from tests.ingest.world import World
from tests.release import workbench

OLD, NEW = "20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = workbench.home(tmp_path)
    workbench.candidate(settings, OLD, [workbench.figure("3604", 9.18)])
    build.publish(settings, OLD)
    return settings


@pytest.fixture
def landed(tmp_path: Path) -> tuple[Harvest, Path]:
    scenario = Harvest()
    scenario.prepare(tmp_path)
    scenario.work(tmp_path)
    return scenario, tmp_path


def publish(settings: Settings, name: str, value: float) -> None:
    figures = [workbench.figure("3604", value)]
    workbench.candidate(settings, name, figures, against=Store(settings).current())
    build.publish(settings, name)


def newest_object(folder: Path) -> Path:
    landing = Landing(World(folder, home=folder / "home").settings.landing)
    return landing.path_of(landing.snapshots("figures")[-1].snapshot_id)


@pytest.mark.parametrize(
    "damage",
    [lambda body: body[:-20], lambda body: body.replace(b"8.5", b"5.8"), lambda body: b""],
    ids=["cut short", "one figure altered", "emptied"],
)
def test_a_damaged_landing_object_is_found_by_its_hash_and_mended_by_the_next_fetch(landed, damage):
    scenario, folder = landed
    path = newest_object(folder)
    path.write_bytes(damage(path.read_bytes()))
    for parsed in (folder / "home" / "observations").rglob("*.parquet"):
        parsed.unlink()
    with pytest.raises(LandingError, match="damaged"):
        scenario.read(folder)
    scenario.work(folder)
    assert scenario.read(folder) == "9.18,8.5"


def test_a_truncated_parquet_of_observations_is_read_again_from_landing(landed):
    scenario, folder = landed
    damaged = sorted((folder / "home" / "observations").rglob("*.observations.parquet"))
    assert len(damaged) == 2
    for path in damaged:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    scenario.work(folder)
    assert scenario.read(folder) == "9.18,8.5"


@pytest.mark.parametrize("name", ["warehouse.duckdb", "marts/observations.parquet"])
def test_a_truncated_file_of_a_release_is_never_rolled_back_to_nor_read_as_figures(settings, name):
    publish(settings, NEW, 8.5)
    path = settings.releases / OLD / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ReleaseError, match="is not what the manifest says"):
        Store(settings).roll_back(OLD)
    assert Store(settings).current() == NEW
    if name.endswith("parquet"):  # DuckDB may attach half a small file: the hash is what tells
        with pytest.raises(duckdb.Error):
            duckdb.connect().execute(f"from read_parquet('{path}')").fetchall()


def test_a_candidate_whose_file_was_cut_after_its_audit_is_not_published(settings):
    workbench.candidate(settings, NEW, [workbench.figure("3604", 8.5)], against=OLD)
    path = settings.candidates / NEW / "warehouse.duckdb"
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(ReleaseError, match="changed since its audit"):
        build.publish(settings, NEW)
    assert Store(settings).current() == OLD


def test_a_reader_that_holds_its_file_keeps_its_answer_while_releases_come_and_go(settings):
    path = (settings.releases / "current").resolve() / "warehouse.duckdb"
    question = "select value::double, release_id from marts.observations, marts.publication"
    with duckdb.connect(str(path), read_only=True) as held:
        for day in range(2, 10):
            publish(settings, f"202601{day:02}T000000Z-bbbbbbbb", day)
        assert len(Store(settings).ids()) <= settings.keep_releases + 1
        assert held.execute(question).fetchall() == [(9.18, OLD)]
    now = (settings.releases / "current").resolve() / "warehouse.duckdb"
    with duckdb.connect(str(now), read_only=True) as fresh:
        assert fresh.execute(question).fetchall() == [(9.0, "20260109T000000Z-bbbbbbbb")]


def test_a_clock_moved_back_changes_neither_the_order_of_releases_nor_of_fetches(landed, settings):
    future = "20990101T000000Z-aaaaaaaa"
    publish(settings, future, 9.3)
    fresh = identity.new("b" * 64, Store(settings).ids())
    assert fresh > future
    publish(settings, fresh, 8.5)
    assert Store(settings).current() == fresh
    assert Store(settings).roll_back()[1] == future
    # the ledger goes by its own order: a later fetch with an earlier hour is still the later
    _, folder = landed
    landing = Landing(folder / "home" / "landing")
    with landing.transaction() as ledger:
        ledger.execute(
            "update fetches set fetched_at = '2001-01-01T00:00:00.000000+00:00'"
            " where fetch_id = (select max(fetch_id) from fetches)"
        )
    orders = {one.snapshot_id: one.order for one in landing.snapshots("figures")}
    assert max(orders, key=orders.__getitem__) == newest_object(folder).name


def test_two_that_publish_at_once_make_one_release(settings):
    workbench.candidate(settings, NEW, [workbench.figure("3604", 8.5)], against=OLD)
    code = (
        "import sys; from pathlib import Path; from lumbung.settings import Settings;"
        "from release import build;"
        "print(build.publish(Settings(home=Path(sys.argv[1])), sys.argv[2]).release_id)"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(settings.home), NEW],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        said, complained = process.communicate(timeout=100)
        assert (process.returncode, said.strip()) == (0, NEW), complained
    store = Store(settings)
    assert (store.current(), store.ids()) == (NEW, [OLD, NEW])
    assert [e["event"] for e in store.history() if e["release_id"] == NEW] == ["published"]


def test_two_harvests_at_once_land_each_reply_once(tmp_path):
    scenario = Harvest()
    scenario.prepare(tmp_path)
    code = (
        "import sys; from pathlib import Path; from tests.faults.scenarios import Harvest;"
        "print(Harvest().work(Path(sys.argv[1])))"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        _, complained = process.communicate(timeout=100)
        assert process.returncode == 0, complained
    assert scenario.read(tmp_path) == "9.18,8.5"
    landing = Landing(tmp_path / "home" / "landing")
    assert len(landing.snapshots("figures")) == 2


def test_inputs_of_a_damaged_landing_are_refused_whole(landed):
    """What is selected and can't be read stops the build; nothing smaller is built instead."""
    _, folder = landed
    world = World(folder, home=folder / "home")
    for path in (folder / "home" / "observations").rglob("*.observations.parquet"):
        path.write_bytes(b"PAR1 no parquet PAR1")
    with pytest.raises(LandingError, match="harvest the dataset again"):
        inputs.write(world.settings, folder / "inputs")
    assert not (folder / "inputs" / "observations.parquet").exists()
