"""A rebuild is refused for a reason, and compared table by table; a whole one takes real bytes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from ingest.tombstones import Tombstones
from lumbung.settings import Settings
from release import build, candidate, manifest, rebuild
from release.errors import ReleaseError
from release.files import write_json
from tests.release import workbench

NAME = "20260101T000000Z-aaaaaaaa"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with one release, its ledger mark and its bytes."""
    settings = workbench.home(tmp_path)
    folder = workbench.candidate(settings, NAME, [workbench.figure("3604", 9.18)])
    state = json.loads((folder / "candidate.json").read_text())
    ledger = {"fetch_id": 7, "outcome_id": 8, "finished_at": "2026"}
    write_json(folder / "candidate.json", state | {"ledger": ledger, "live_connections": ["bps"]})
    build.publish(settings, NAME)
    return settings


def wanted(settings: Settings, **changed: Any) -> manifest.Manifest:
    return rebuild.find(settings, NAME).model_copy(update=changed)


def test_a_manifest_is_found_with_its_release_or_without(settings: Settings) -> None:
    kept = manifest.read(settings.releases / NAME)
    assert rebuild.find(settings, NAME) == kept
    archive = settings.releases / "manifests"
    archive.mkdir()
    (settings.releases / NAME / "manifest.json").rename(archive / f"{NAME}.json")
    assert rebuild.find(settings, NAME) == kept
    with pytest.raises(ReleaseError) as refused:
        rebuild.find(settings, "gone")
    assert str(refused.value) == "no manifest of a release 'gone' is kept"


def test_a_release_older_than_ledger_marks_is_refused(settings: Settings) -> None:
    path = settings.releases / NAME / "manifest.json"
    write_json(path, json.loads(path.read_text()) | {"ledger": None})
    with pytest.raises(ReleaseError) as refused:
        rebuild.rebuild(settings, NAME)
    assert str(refused.value) == (f"{NAME} is older than rebuilds: its manifest has no ledger mark")


def test_bytes_that_are_gone_or_quarantined_are_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ReleaseError) as gone:
        rebuild.rebuild(settings, NAME)
    assert str(gone.value).startswith(f"{NAME} can't be built again: ")
    assert "s1" in str(gone.value)
    read: list[str] = []
    monkeypatch.setattr(Landing, "read", lambda _, sha256: read.append(sha256))
    rebuild._refuse_missing_bytes(settings, wanted(settings))
    assert read == ["s1"]
    tombstones = Tombstones(settings.landing)
    tombstones.set("s1", "names of pupils", "Ani")
    with pytest.raises(ReleaseError) as buried:
        rebuild._refuse_missing_bytes(settings, wanted(settings))
    assert str(buried.value) == (
        f"{NAME} can't be built again: s1 of rates was quarantined; {tombstones.path} says why"
    )


def test_a_rebuild_has_a_home_of_its_own_and_the_sources_of_then(settings: Settings) -> None:
    then = rebuild._settings_of_then(settings, settings.home / "rebuilds", frozenset({"bps"}))
    assert then.home == settings.home / "rebuilds"
    assert (then.catalog, then.bundled, then.geography, then.dbt_project) == (
        settings.catalog, settings.bundled, settings.geography, settings.dbt_project,
    )  # fmt: skip
    assert [then.is_live(name) for name in ("bps", "djpk", None)] == [True, False, False]


def test_other_inputs_than_those_of_then_are_refused_with_one_of_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [SimpleNamespace(dataset_id="rates", snapshot_id="s1")]
    monkeypatch.setattr(rebuild.catalogues, "load", lambda _: None)
    monkeypatch.setattr(rebuild.inputs, "select", lambda *_: chosen)
    rebuild._refuse_other_inputs(settings, wanted(settings))
    chosen.append(SimpleNamespace(dataset_id="budgets", snapshot_id="s9"))
    for versions, tail in (({"commit": "abc"}, " (abc)"), ({}, "")):
        with pytest.raises(ReleaseError) as refused:
            rebuild._refuse_other_inputs(settings, wanted(settings, versions=versions))
        assert str(refused.value) == (
            f"{NAME} can't be built again with this code: 1 of its inputs are not what this "
            "catalogue reads, such as s9 of budgets. Check out the code it was built with" + tail
        )


def test_every_snapshot_is_read_again_as_a_sample_where_its_source_was_not_live(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {"b": SimpleNamespace(connection="bps"), "a": SimpleNamespace(connection=None)}
    known = SimpleNamespace(datasets={"b": "b", "a": "a"}, source_of=lambda name: sources[name])
    read: list[tuple[Any, ...]] = []

    class Harvester:
        def __init__(self, *given: Any) -> None:
            self.given = given

        def parse_landed(self, dataset: str, is_sample: bool) -> None:
            read.append((*self.given, dataset, is_sample))

        def close(self) -> None:
            read.append(("closed",))

    monkeypatch.setattr(rebuild, "Harvester", Harvester)
    monkeypatch.setattr(rebuild.catalogues, "load", lambda folder: known if folder else None)
    then = rebuild._settings_of_then(settings, settings.home, frozenset({"bps"}))
    rebuild._parse_again(then)
    assert read == [(then, known, "a", True), (then, known, "b", False), ("closed",)]


def test_a_rebuild_begins_anew_from_the_ledger_of_then(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = settings.home / "rebuilds" / NAME
    work.mkdir(parents=True)
    (work / "half").write_text("of a rebuild that was killed", encoding="utf-8")
    done: list[tuple[Any, ...]] = []
    monkeypatch.setattr(rebuild, "_refuse_missing_bytes", lambda *given: done.append(given))
    monkeypatch.setattr(
        rebuild.past, "copy_until",
        lambda landing, folder, mark: done.append((landing.folder, folder, mark)),
    )  # fmt: skip
    monkeypatch.setattr(rebuild, "_parse_again", lambda then: done.append((then.home,)))
    monkeypatch.setattr(
        rebuild, "_refuse_other_inputs", lambda then, was: done.append((then.home, was))
    )
    built = candidate.Candidate(NAME, "", "f", "e", is_sample=True)
    monkeypatch.setattr(rebuild.candidate, "assemble", lambda *given: done.append(given) or built)
    monkeypatch.setattr(rebuild, "_compared", lambda *given: given)
    was = wanted(settings)
    found = rebuild.rebuild(settings, NAME)
    then = found[1]
    assert found == (work, then, was, built)
    assert then.is_live("bps")
    assert not then.is_live("djpk")
    mark = rebuild.past.Mark(7, 8, "2026")
    assert done == [
        (settings, was), (settings.landing, work / "landing", mark), (work,), (work, was),
        (then, NAME),
    ]  # fmt: skip
    assert not (work / "half").exists()


def test_a_rebuild_is_compared_table_by_table_and_version_by_version(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = wanted(settings)
    again = workbench.home(tmp_path / "again")
    folder = workbench.candidate(again, NAME, [workbench.figure("3604", 9.18)])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create table marts.release_diff as select 1 as one")
        connection.execute("create table marts.new_since as select 1 as one")
    built = candidate.read(folder)
    now = was.versions | {"duckdb": "9.9"}
    monkeypatch.setattr("release.publish.versions", lambda: now)

    def compared(**changed: Any) -> rebuild.Rebuilt:
        return rebuild._compared(again.home, again, wanted(settings, **changed), built)

    equal = compared()
    assert equal == rebuild.Rebuilt(
        release_id=NAME,
        folder=folder,
        same=("observations", "publication"),
        different=(),
        missing=(),
        not_compared=("release_diff",),
        same_code=True,
        versions=(f"duckdb {was.versions['duckdb']} then, 9.9 now",),
    )
    assert equal.is_equal
    assert (folder / "marts" / "observations.parquet").is_file()
    first, *others = was.tables
    gone = manifest.Table(name="gone", rows=1, sha256="x")
    ours = manifest.Table(name="release_diff", rows=1, sha256="x")
    other = compared(
        tables=(first.model_copy(update={"sha256": "y"}), *others, gone, ours),
        fingerprint="other", versions={"python": "3.0", "airflow": "1"},
    )  # fmt: skip
    assert (other.same, other.different, other.missing) == (
        ("publication",), ("observations",), ("gone",),
    )  # fmt: skip
    assert not other.is_equal
    assert not other.same_code
    assert other.versions == (
        "airflow 1 then, unknown now", f"python 3.0 then, {now['python']} now",
    )  # fmt: skip
    assert not replace(equal, missing=("a",)).is_equal
    assert not replace(equal, different=("a",)).is_equal
