"""Landing keeps what came, byte for byte, whatever happens to the machine."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest import ledger as module
from ingest.errors import LandingError
from ingest.landing import Attempt, Landing
from ingest.protocol import Reply, Request
from lumbung.settings import ROOT

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def reply(body: bytes, at: datetime = NOON, is_sample: bool = False) -> Reply:
    return Reply(
        body=body, url="https://x.invalid/list?var=1", status=200, content_type="text/csv",
        fetched_at=at, seen_on=at.date(), is_sample=is_sample, etag='"1"',
    )  # fmt: skip


def land(landing: Landing, body: bytes, partition: str = "all", **facts: object) -> bool:
    """Land and keep a body; tell whether it was new."""
    request = Request(partition, "/list", {"var": "1"})
    return landing.keep(landing.land("d", request, reply(body, **facts), "0.1.0"))


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    return Landing(tmp_path / "landing")


def test_bytes_come_back_as_they_went_in(landing):
    body = bytes(range(256)) + b"\r\n\xef\xbb\xbf"
    land(landing, body)
    (snapshot,) = landing.snapshots()
    assert landing.read(snapshot.snapshot_id) == body
    assert snapshot.snapshot_id == hashlib.sha256(body).hexdigest()


def test_the_ledger_says_who_asked_what_and_when(landing):
    land(landing, b"abc")
    (fetch,) = landing.fetches()
    assert (fetch.dataset_id, fetch.partition, fetch.params) == ("d", "all", '{"var": "1"}')
    assert (fetch.fetched_at, fetch.seen_on) == (NOON, date(2026, 11, 22))
    assert (fetch.status, fetch.size, fetch.etag) == (200, 3, '"1"')
    assert fetch.is_kept
    assert not fetch.is_sample


def test_what_is_written_inside_a_transaction_is_undone_with_it(landing):
    def broken_off() -> None:
        with landing.transaction():
            landing.record([Attempt("d", "th-1", NOON, "ok", "")])
            land(landing, b"abc")
            assert len(list(landing.attempts())) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert (list(landing.attempts()), list(landing.fetches())) == ([], [])
    land(landing, b"abc")
    assert len(list(landing.fetches())) == 1


def test_the_same_bytes_again_add_a_ledger_row_and_no_object(landing):
    assert land(landing, b"abc") is True
    assert land(landing, b"abc", at=NOON + timedelta(days=1)) is False
    assert len(list(landing.fetches())) == 2
    assert len([p for p in (landing.folder / "objects").rglob("*") if p.is_file()]) == 1
    (snapshot,) = landing.snapshots()
    assert snapshot.first_fetched_at == NOON
    assert snapshot.last_fetched_at == NOON + timedelta(days=1)
    assert snapshot.seen_on == NOON.date()


def test_a_figure_restated_and_taken_back_has_the_first_reply_as_its_latest(landing):
    for day, body in enumerate([b"old", b"new", b"old"]):
        land(landing, body, at=NOON + timedelta(days=day))
    assert [landing.read(s.snapshot_id) for s in landing.snapshots()] == [b"new", b"old"]


def test_bundled_and_live_replies_are_never_one_snapshot(landing):
    land(landing, b"abc", is_sample=True)
    assert land(landing, b"abc") is True
    assert [s.is_sample for s in landing.snapshots()] == [True, False] or [
        s.is_sample for s in landing.snapshots()
    ] == [False, True]
    assert len(landing.snapshots("d", is_sample=True)) == 1


def test_a_landed_error_answer_is_no_snapshot(landing):
    landing.land("d", Request("all"), reply(b'{"status":"Error"}'), "0.1.0")
    assert landing.snapshots() == []
    assert len(list(landing.fetches())) == 1


def test_a_damaged_object_is_named_when_it_is_read(landing):
    land(landing, b"abc")
    (snapshot,) = landing.snapshots()
    landing.path_of(snapshot.snapshot_id).write_bytes(b"abd")
    with pytest.raises(LandingError, match=f"{snapshot.snapshot_id} is damaged"):
        landing.read(snapshot.snapshot_id)


def test_a_damaged_object_is_mended_when_its_bytes_come_again(landing):
    land(landing, b"abc")
    (snapshot,) = landing.snapshots()
    landing.path_of(snapshot.snapshot_id).write_bytes(b"abd")
    land(landing, b"abc")
    assert landing.read(snapshot.snapshot_id) == b"abc"


def test_a_missing_object_is_named_too(landing):
    with pytest.raises(LandingError, match="landing object 00ff"):
        landing.read("00ff")


def test_a_full_disk_leaves_nothing_half_written(landing, monkeypatch):
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        land(landing, b"abc")
    assert [p for p in landing.folder.rglob("*") if p.is_file()] == []
    monkeypatch.undo()
    assert land(landing, b"abc") is True


def test_a_ledger_that_is_no_database_is_named(landing):
    landing.folder.mkdir()
    landing.ledger.write_bytes(b"this is no database" * 100)
    with pytest.raises(LandingError, match=r"ledger\.sqlite can't be used"):
        land(landing, b"abc")


def test_outcomes_are_kept_in_order(landing):
    landing.record([Attempt("d", "th-1", NOON, "broken", "no connection")])
    landing.record([Attempt("d", "th-1", NOON, "ok", "")])
    assert [a.outcome for a in landing.attempts("d")] == ["broken", "ok"]
    assert list(landing.attempts("other")) == []


KILLED_BETWEEN = """
import os, signal, sys
from pathlib import Path
from ingest import landing
from tests.ingest.test_landing import Landing, land
real = landing.write_atomically if sys.argv[2] == "after" else None
def die(path, body, *rest):
    if real:
        real(path, body, *rest)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / ".writing-half").write_bytes(body[:1])
    os.kill(os.getpid(), signal.SIGKILL)
landing.write_atomically = die
land(Landing(Path(sys.argv[1])), b"abc")
"""


@pytest.mark.parametrize("moment", ["while", "after"])
def test_a_run_killed_around_the_write_loses_nothing_and_the_next_one_works(landing, moment):
    command = [sys.executable, "-c", KILLED_BETWEEN, str(landing.folder), moment]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -9
    assert list(landing.fetches()) == []
    assert land(landing, b"abc") is True
    (snapshot,) = landing.snapshots()
    assert landing.read(snapshot.snapshot_id) == b"abc"


def test_processes_may_write_at_the_same_time(landing):
    code = (
        "import sys; from pathlib import Path; from tests.ingest.test_landing import *\n"
        "landing = Landing(Path(sys.argv[1]))\n"
        "for n in range(20): land(landing, f'{sys.argv[2]}-{n}'.encode(), f'p{sys.argv[2]}')"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(landing.folder), str(n)], cwd=ROOT)
        for n in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(landing.snapshots()) == 60
    assert module.LOCK_SECONDS >= 30
