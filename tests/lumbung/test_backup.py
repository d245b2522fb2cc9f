"""A backup holds everything or is refused; what was restored answers and rebuilds as before."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ingest.landing import Landing
from ingest.protocol import Reply, Request
from lumbung.backup import BackupError, backup, restore, verify
from lumbung.settings import Settings
from release import build
from release.store import Store
from tests.release import workbench
from tests.tree import Tree

RELEASE = "20260101T000000Z-aaaaaaaa"
BODY = b'{"rate": 9.18}'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = workbench.home(tmp_path)
    landing = Landing(settings.landing)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    reply = Reply(
        body=BODY, url="file://bundle", status=200, content_type="application/json",
        fetched_at=moment, seen_on=date(2026, 1, 1), is_sample=True,
    )  # fmt: skip
    landing.keep(landing.land("rates", Request(partition="all"), reply, "1"))
    workbench.candidate(settings, RELEASE, [workbench.figure("3604", 9.18)])
    build.publish(settings, RELEASE)
    return settings


def elsewhere(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "another home")


def test_a_restored_home_has_the_same_bytes_ledger_and_current_release(settings, tmp_path):
    backup(settings, tmp_path / "backup")
    restored = elsewhere(tmp_path)
    restore(restored, tmp_path / "backup")
    assert Store(restored).current() == RELEASE
    assert Store(restored).verify(RELEASE) == 3
    assert Store(restored).history() == Store(settings).history()
    before, after = Landing(settings.landing), Landing(restored.landing)
    assert after.snapshots() == before.snapshots()
    assert list(after.fetches()) == list(before.fetches())
    digest = hashlib.sha256(BODY).hexdigest()
    assert after.read(digest) == BODY


def test_a_fetch_under_way_is_in_the_backup_whole_or_not_at_all(settings, tmp_path):
    writer = sqlite3.connect(settings.landing / "ledger.sqlite", isolation_level=None)
    writer.execute("begin")
    writer.execute("update fetches set status = 599")
    try:
        backup(settings, tmp_path / "backup")
    finally:
        writer.execute("rollback")
        writer.close()
    with sqlite3.connect(tmp_path / "backup" / "landing" / "ledger.sqlite") as ledger:
        assert ledger.execute("select status from fetches").fetchall() == [(200,)]


@pytest.mark.parametrize("name", ["landing/ledger.sqlite", f"releases/{RELEASE}/warehouse.duckdb"])
def test_a_damaged_backup_is_refused_before_a_file_is_restored(settings, tmp_path, name):
    backup(settings, tmp_path / "backup")
    path = tmp_path / "backup" / name
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(body)
    restored = elsewhere(tmp_path)
    with pytest.raises(BackupError, match=f"{name} is damaged"):
        restore(restored, tmp_path / "backup")
    assert not restored.home.exists()


def test_a_missing_file_is_named(settings, tmp_path):
    backup(settings, tmp_path / "backup")
    (tmp_path / "backup" / "releases" / RELEASE / "manifest.json").unlink()
    with pytest.raises(BackupError, match=r"manifest\.json is missing"):
        verify(tmp_path / "backup")


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "landing/../../outside", "notes"])
def test_a_backup_that_points_outside_of_itself_is_refused(settings, tmp_path, name):
    backup(settings, tmp_path / "backup")
    path = tmp_path / "backup" / "backup.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(b"x").hexdigest(), "size": 1}
    path.write_text(json.dumps(manifest))
    with pytest.raises(BackupError, match="outside of itself"):
        restore(elsewhere(tmp_path), tmp_path / "backup")


def test_a_home_that_holds_something_is_never_overwritten(settings, tmp_path):
    backup(settings, tmp_path / "backup")
    with pytest.raises(BackupError, match="not empty"):
        restore(settings, tmp_path / "backup")
    with pytest.raises(BackupError, match="not empty"):
        backup(settings, tmp_path / "backup")


def test_a_backup_into_the_home_itself_is_refused(settings):
    with pytest.raises(BackupError, match="lies in the home"):
        backup(settings, settings.home / "backup")


def test_landing_that_lost_an_object_is_not_taken_for_whole(settings, tmp_path):
    shutil.rmtree(settings.landing / "objects")
    with pytest.raises(BackupError, match="landing does not hold"):
        backup(settings, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


@pytest.mark.full
@pytest.mark.timeout(600)
def test_a_restored_home_serves_the_same_answers_and_builds_the_same_release(tmp_path):
    """The drill: back up, lose the home, restore, refresh, then rebuild from landing alone."""
    tree = Tree.copy_to(tmp_path)
    question = "select count(*), sum(value) from marts.observations where value is not null"
    assert tree.refresh().code == 0
    answer, release = tree.ask(question), tree.current
    hashes = tables(tree)
    house = [sys.executable, "-m", "lumbung"]
    assert tree.run(*house, "backup", str(tmp_path / "a backup")).returncode == 0
    shutil.rmtree(tree.home)
    done = tree.run(*house, "restore", str(tmp_path / "a backup"))
    assert done.returncode == 0, done.stderr
    assert (tree.ask(question), tree.current) == (answer, release)
    outcome = tree.refresh()
    assert "Nothing new" in outcome.said, outcome.complained
    shutil.rmtree(tree.home / "releases")
    assert tree.refresh().code == 0
    assert tree.ask(question) == answer
    differing = {name for name, digest in tables(tree).items() if hashes[name] != digest}
    # these say when, as what and after what they were built, or how often we asked
    told = {"publication", "fetch_outcomes", "freshness", "snapshots", "audit_checks"}
    assert differing <= told


def tables(tree: Tree) -> dict[str, str]:
    manifest = json.loads((tree.home / "releases" / "current" / "manifest.json").read_text())
    return {table["name"]: table["sha256"] for table in manifest["tables"]}
