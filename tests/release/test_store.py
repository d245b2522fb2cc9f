"""Releases are kept, rolled back and verified."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lumbung.settings import Settings
from release import build
from release.errors import ReleaseError, UnknownReleaseError
from release.retention import collect
from release.store import Store
from tests.release import workbench


def ids(count: int) -> list[str]:
    return [f"2026010{day}T000000Z-{day * 11111111:08d}" for day in range(1, count + 1)]


def published(settings: Settings, count: int) -> list[str]:
    before = None
    for position, name in enumerate(ids(count)):
        figures = [workbench.figure("3604", 5 + position)]
        workbench.candidate(settings, name, figures, against=before)
        build.publish(settings, name)
        before = name
    return ids(count)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return workbench.home(tmp_path, keep_releases=3)


def test_before_the_first_release_there_is_nothing(settings: Settings) -> None:
    store = Store(settings)
    assert store.ids() == []
    assert store.current() is None
    assert store.current_manifest() is None
    with pytest.raises(ReleaseError, match="nothing is published yet"):
        store.roll_back()


def test_the_manifest_says_what_the_contract_asks(settings: Settings) -> None:
    (name,) = published(settings, 1)
    content = json.loads((settings.releases / "current" / "manifest.json").read_text())
    assert {
        "release_id", "created_at", "fingerprint", "region_edition", "inputs", "tables",
        "gates", "diff", "versions",
    } <= set(content)  # fmt: skip
    assert content["release_id"] == name
    assert content["inputs"] == [
        {
            "dataset": "rates",
            "sha256": "s1",
            "fetched_at": "2026-01-02T03:04:05+00:00",
            "is_sample": True,
        }
    ]
    assert [(t["name"], t["rows"]) for t in content["tables"]] == [
        ("observations", 1),
        ("publication", 1),
    ]
    assert {"name": "diff", "outcome": "pass"} in content["gates"]
    assert content["versions"]["duckdb"]


def test_only_the_last_releases_are_kept(settings: Settings) -> None:
    names = published(settings, 5)
    store = Store(settings)
    assert store.ids() == names[2:]
    assert store.current() == names[4]
    assert not list(settings.releases.glob(".removed-*"))


def test_the_current_release_is_never_removed_however_old(settings: Settings) -> None:
    names = published(settings, 3)
    store = Store(settings)
    store.roll_back(names[0])
    assert collect(settings.model_copy(update={"keep_releases": 1})).removed == names[1:]
    assert store.ids() == [names[0]]
    assert store.current() == names[0]


def test_rollback_makes_the_release_before_current(settings: Settings) -> None:
    names = published(settings, 3)
    store = Store(settings)
    assert store.roll_back() == (names[2], names[1])
    assert store.current() == names[1]
    assert (settings.releases / "current" / "manifest.json").resolve().parent.name == names[1]
    assert store.history()[-1]["rolled_back_from"] == names[2]


def test_what_was_rolled_back_is_held_back_until_it_is_current_again(settings: Settings) -> None:
    names = published(settings, 2)
    store = Store(settings)
    newest = build.manifest.read(settings.releases / names[1]).fingerprint
    store.roll_back()
    assert store.withheld() == {newest}
    store.roll_back(names[1])
    assert newest not in store.withheld()
    assert store.current() == names[1]


def test_rollback_to_a_release_that_is_not_kept_names_those_that_are(settings: Settings) -> None:
    names = published(settings, 2)
    with pytest.raises(UnknownReleaseError, match=names[0]):
        Store(settings).roll_back("20200101T000000Z-00000000")
    assert Store(settings).current() == names[1]


def test_rollback_refuses_a_damaged_release(settings: Settings) -> None:
    names = published(settings, 2)
    damaged = settings.releases / names[0] / "marts" / "observations.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(ReleaseError, match=r"marts/observations\.parquet is not what"):
        Store(settings).roll_back()
    assert Store(settings).current() == names[1]


def test_rollback_to_a_release_that_lost_its_file_says_which(settings: Settings) -> None:
    names = published(settings, 2)
    (settings.releases / names[0] / "warehouse.duckdb").unlink()
    with pytest.raises(ReleaseError, match=r"warehouse\.duckdb is missing"):
        Store(settings).roll_back(names[0])
    assert Store(settings).current() == names[1]


def test_a_missing_file_is_named(settings: Settings) -> None:
    (name,) = published(settings, 1)
    (settings.releases / name / "warehouse.duckdb").unlink()
    with pytest.raises(ReleaseError, match=r"warehouse\.duckdb is missing"):
        Store(settings).verify(name)


def test_a_line_cut_short_by_a_crash_does_not_swallow_the_next(settings: Settings) -> None:
    published(settings, 1)
    store = Store(settings)
    with (settings.releases / "history.jsonl").open("a") as file:
        file.write('{"event": "appro')
    store.record("approved", release_id="x", digest="d", by="Ani", because="withdrawn")
    assert [event["event"] for event in store.history()] == ["published", "approved"]
    assert store.approval("d") is not None
    assert store.approval("other") is None


def test_publishing_twice_changes_nothing(settings: Settings) -> None:
    (name,) = published(settings, 1)
    first = (settings.releases / name / "manifest.json").read_bytes()
    build.publish(settings, name)
    assert (settings.releases / name / "manifest.json").read_bytes() == first
    assert len(Store(settings).history()) == 1


def test_a_candidate_that_was_not_audited_is_refused(settings: Settings) -> None:
    name = ids(1)[0]
    workbench.candidate(settings, name, [workbench.figure("3604", 1)], audited=False)
    with pytest.raises(ReleaseError, match="was not audited"):
        build.publish(settings, name)
    assert Store(settings).current() is None


def test_a_candidate_changed_since_its_audit_is_refused(settings: Settings) -> None:
    name = ids(1)[0]
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    with (folder / "warehouse.duckdb").open("ab") as file:
        file.write(b"x")
    with pytest.raises(ReleaseError, match="changed since its audit"):
        build.publish(settings, name)


def test_a_candidate_audited_against_another_release_is_refused(settings: Settings) -> None:
    names = ids(3)
    published(settings, 2)
    workbench.candidate(settings, names[2], [workbench.figure("3604", 1)], against=names[0])
    with pytest.raises(ReleaseError, match="audit it again"):
        build.publish(settings, names[2])
    assert Store(settings).current() == names[1]


def test_money_that_parquet_would_turn_to_floats_is_refused(settings: Settings) -> None:
    import duckdb

    from release.files import sha256, write_json

    name = ids(1)[0]
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create table marts.cuts as select sum(1::bigint) as cut_idr")
    report = json.loads((folder / "quality" / "audit.json").read_text())
    report["warehouse_sha256"] = sha256(folder / "warehouse.duckdb")
    write_json(folder / "quality" / "audit.json", report)
    with pytest.raises(ReleaseError, match=r"cuts\.cut_idr.*cast the sum to bigint"):
        build.publish(settings, name)
    assert Store(settings).current() is None


def test_the_same_figures_give_the_same_table_hashes(tmp_path: Path) -> None:
    figures = [workbench.figure(f"36{n:02d}", n) for n in range(50)]
    hashes = []
    for number, rows in enumerate((figures, figures[::-1])):
        settings = workbench.home(tmp_path / str(number))
        workbench.candidate(settings, ids(1)[0], rows)
        hashes.append([t.sha256 for t in build.publish(settings, ids(1)[0]).tables])
    assert hashes[0] == hashes[1]


def test_of_the_candidates_the_newest_three_stay_and_the_one_at_work(settings: Settings) -> None:
    names = ids(6)
    for name in names:
        workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    store = Store(settings)
    store.prune_candidates(keep=names[0])
    left = sorted(path.name for path in settings.candidates.iterdir())
    assert left == [names[0], *names[3:]]
    store.prune_candidates()
    assert sorted(path.name for path in settings.candidates.iterdir()) == names[3:]
    store.prune_candidates()
    assert sorted(path.name for path in settings.candidates.iterdir()) == names[3:]
