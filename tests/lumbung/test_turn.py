"""One refresh at a time, and no lock outlives its holder."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lumbung import turn

HOLD = """
import sys, time
from pathlib import Path
from lumbung import turn
with turn.take(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_free_lock_is_taken_and_given_back(tmp_path):
    lock = tmp_path / "home" / "refresh.lock"
    with turn.take(lock):
        assert "process" in lock.read_text()
    assert lock.read_text() == ""
    with turn.take(lock):
        pass


def test_a_taken_lock_names_its_holder_and_a_killed_holder_frees_it(tmp_path):
    lock = tmp_path / "refresh.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(turn.TakenError, match=f"process {holder.pid} on "), turn.take(lock):
            pass
    finally:
        holder.kill()
        holder.wait()
    with turn.take(lock):
        pass
