"""Quarantined bytes are gone from landing and rows, and never land again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest import past
from ingest.__main__ import app
from ingest.errors import LandingError
from ingest.landing import Landing
from ingest.observation import ParseResult, observation_table, rejected_table
from ingest.parsed import Files, observations_path, rejected_path, store
from ingest.quarantine import quarantine
from ingest.tombstones import QuarantinedError, Tombstones
from lumbung.settings import Settings
from tests.ingest.test_landing import land

BAD = b"nama,nik\nBudi,3604000000000001\n"
SHA = hashlib.sha256(BAD).hexdigest()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a good reply, then a bad one to the same question."""
    settings = Settings(home=tmp_path / "home")
    landing = Landing(settings.landing)
    for body in (b"good", BAD):
        land(landing, body)
    for snapshot in landing.snapshots():
        rows = ParseResult(observation_table([]), rejected_table([]), 0)
        store(observations_path(settings, snapshot), Files.of(rows, "parser"))
    return settings


def everything(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())


def test_nothing_is_left_but_a_tombstone(settings: Settings) -> None:
    landing = Landing(settings.landing)
    (bad,) = [s for s in landing.snapshots() if s.snapshot_id == SHA]
    removed = quarantine(settings, SHA, "names of pupils", "Ani")
    assert (removed.datasets, removed.n_files) == (("d",), 3)
    assert b"Budi" not in everything(settings)
    assert not observations_path(settings, bad).exists()
    assert not rejected_path(observations_path(settings, bad)).exists()
    (line,) = (settings.landing / "tombstones.jsonl").read_text().splitlines()
    stone = json.loads(line)
    assert (stone["sha256"], stone["because"], stone["by"]) == (SHA, "names of pupils", "Ani")
    assert stone["at"].startswith("20")


def test_the_reply_before_it_is_what_counts_again(settings: Settings) -> None:
    quarantine(settings, SHA, "names of pupils", "Ani")
    (left,) = Landing(settings.landing).snapshots()
    assert left.snapshot_id == hashlib.sha256(b"good").hexdigest()
    assert left.retired_on is None


def test_the_same_bytes_never_land_again(settings: Settings) -> None:
    quarantine(settings, SHA, "names of pupils", "Ani")
    with pytest.raises(QuarantinedError, match=SHA):
        land(Landing(settings.landing), BAD)
    assert b"Budi" not in everything(settings)
    assert land(Landing(settings.landing), b"other")


def test_a_quarantine_cut_short_is_finished_by_the_next(settings: Settings) -> None:
    Tombstones(settings.landing).set(SHA, "names of pupils", "Ani")
    assert quarantine(settings, SHA, "again", "Budi").n_files == 3
    (stone,) = Tombstones(settings.landing).all()
    assert stone.by == "Ani"
    assert quarantine(settings, SHA, "again", "Budi").n_files == 0


@pytest.mark.parametrize(
    ("sha256", "by", "message"),
    [("abc", "Ani", "is no sha256"), ("0" * 64, "Ani", "ever landed"), (SHA, " ", "who and why")],
)
def test_what_can_not_be_done_is_said_and_nothing_is_touched(
    sha256: str, by: str, message: str, settings: Settings
) -> None:
    with pytest.raises(LandingError, match=message):
        quarantine(settings, sha256, "because", by)
    assert b"Budi" in everything(settings)
    assert Tombstones(settings.landing).all() == []


def test_the_command_names_the_next_step(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(settings.home))
    done = CliRunner().invoke(app, ["quarantine", SHA, "--because", "names", "--by", "Ani"])
    assert done.exit_code == 0, done.output
    assert "python -m release collect" in done.output
    refused = CliRunner().invoke(app, ["quarantine", "abc", "--because", "names", "--by", "Ani"])
    assert refused.exit_code == 1


def test_the_past_ends_at_its_mark(settings: Settings, tmp_path: Path) -> None:
    landing = Landing(settings.landing)
    mark = past.mark(landing)
    land(landing, b"later")
    then = past.copy_until(landing, tmp_path / "then", mark)
    assert len(landing.snapshots()) == 3
    assert [s.snapshot_id for s in then.snapshots()] == [
        s.snapshot_id for s in landing.snapshots()[:2]
    ]
    assert then.read(SHA) == BAD
    assert past.mark(then) == mark
