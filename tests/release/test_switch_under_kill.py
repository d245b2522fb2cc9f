"""Killed anywhere around the switch, readers see one whole release and the next run finishes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lumbung.settings import ROOT, Settings
from release import build
from release.store import Store
from tests.release import workbench

OLD = "20260101T000000Z-aaaaaaaa"
NEW = "20260102T000000Z-bbbbbbbb"

#: Where the publisher dies, and which release is current then.
POINTS = {
    "before_export": OLD,
    "after_export": OLD,
    "before_rename": OLD,
    "after_rename": OLD,
    "before_switch": OLD,
    "after_switch": NEW,
    "before_record": NEW,
    "after_record": NEW,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = workbench.home(tmp_path)
    workbench.candidate(settings, OLD, [workbench.figure("3604", 9.18)])
    build.publish(settings, OLD)
    workbench.candidate(settings, NEW, [workbench.figure("3604", 8.5)], against=OLD)
    return settings


@pytest.fixture
def readers(settings: Settings, tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    stop = tmp_path / "stop"
    command = [sys.executable, "-m", "tests.release.reader", str(settings.releases), str(stop)]
    started = [
        subprocess.Popen(
            command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    yield started
    stop.touch()
    for process in started:
        process.wait(timeout=60)


def results(readers: list[subprocess.Popen[str]], stop: Path) -> list[dict[str, Any]]:
    stop.touch()
    answers = []
    for process in readers:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        answers.append(json.loads(out))
    return answers


def publish_and_die(settings: Settings, point: str) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.release.killed_publisher", str(settings.home), NEW, point],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr


@pytest.mark.parametrize("point", POINTS)
def test_readers_see_one_whole_release_and_the_next_run_finishes(
    point: str,
    settings: Settings,
    readers: list[subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    store = Store(settings)
    time.sleep(0.5)
    publish_and_die(settings, point)
    assert store.current() == POINTS[point]
    assert store.verify(store.current() or "") == 3

    build.publish(settings, NEW)
    assert store.current() == NEW
    assert store.verify(NEW) == 3
    assert [e["event"] for e in store.history() if e["release_id"] == NEW] == ["published"]
    assert not list(settings.releases.glob(".current-*"))

    time.sleep(0.3)
    for answer in results(readers, tmp_path / "stop"):
        assert answer["seen"] in ([OLD, NEW], [NEW])
        assert answer["n_reads"] > 0


def test_an_unfinished_release_is_taken_up_under_its_own_name(settings: Settings) -> None:
    publish_and_die(settings, "after_rename")
    store = Store(settings)
    assert (store.current(), store.ids()) == (OLD, [OLD, NEW])
    fingerprint = build.manifest.read(settings.releases / NEW).fingerprint
    assert build._unfinished(store, fingerprint, OLD) == NEW


def test_a_switch_that_was_not_written_down_is_finished_by_the_next_run(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_and_die(settings, "before_record")
    store = Store(settings)
    wanted = build.manifest.read(settings.releases / NEW).fingerprint
    monkeypatch.setattr(build.fingerprint, "current", lambda _: wanted)
    assert (store.current(), store.was_published(NEW)) == (NEW, False)
    planned = build.plan(settings)
    assert (planned.release_id, planned.unchanged) == (NEW, False)
    build.publish(settings, NEW)
    assert store.was_published(NEW)
    assert build.plan(settings).unchanged
