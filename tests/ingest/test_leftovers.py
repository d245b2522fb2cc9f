"""What a killed writer left goes with the next run; what is being written stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest import leftovers
from ingest.harvest import harvest
from lumbung.settings import ROOT
from tests.ingest.world import World

#: Begins to write an object, says so, and never ends.
WRITER = """
import os, sys, time
from pathlib import Path
from ingest import landing
real = os.fsync
def stuck(descriptor):
    print("writing", flush=True)
    time.sleep(600)
os.fsync = stuck
landing.write_atomically(Path(sys.argv[1]), b"half a reply")
"""


def aged(path: Path) -> Path:
    """Make a file look as if it had been written to an hour ago."""
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
    return path


def unfinished(folder: Path) -> list[Path]:
    return sorted(folder.rglob(f"{leftovers.PREFIX}*"))


@pytest.fixture
def writer(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "aa" / "object")],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    yield process
    process.kill()
    process.wait()


def test_a_living_writers_file_stays_and_a_dead_ones_goes(writer, tmp_path):
    (path,) = unfinished(tmp_path)
    aged(path)
    assert leftovers.sweep(tmp_path) == 0
    assert path.exists()
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert leftovers.sweep(tmp_path) == 1
    assert unfinished(tmp_path) == []


def test_a_file_made_a_moment_ago_and_a_finished_one_stay(tmp_path):
    fresh, finished = tmp_path / ".writing-a", tmp_path / "object"
    fresh.touch()
    finished.touch()
    aged(finished)
    assert leftovers.sweep(tmp_path) == 0
    assert sorted(tmp_path.iterdir()) == [fresh, finished]


def test_a_link_is_no_leftover_of_ours(tmp_path):
    target = aged_file = tmp_path / "kept"
    aged_file.touch()
    aged(aged_file)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / ".writing-link").symlink_to(target)
    assert leftovers.sweep(tmp_path / "in") == 0
    assert target.exists()


def test_the_next_harvest_clears_landing_and_observations(tmp_path):
    world = World(tmp_path)
    homes = [world.settings.landing / "objects" / "aa", world.settings.observations / "d"]
    for folder in homes:
        folder.mkdir(parents=True)
        (folder / ".writing-x").write_bytes(b"half")
        aged(folder / ".writing-x")
    harvest("bps", world.settings)
    assert [unfinished(folder) for folder in homes] == [[], []]
