"""A thread that can't start for want of memory ends the run in words, not in a wait for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from lumbung import starved
from lumbung.settings import ROOT
from tests.lumbung import reading_dags

#: A thread whose first breath fails, as where there is no memory for its first object.
STILLBORN = """
import sys, threading
from lumbung import starved
class Stillborn(threading.Thread):
    def _bootstrap(self):
        raise {error}
with starved.ended_at_once(2):
    thread = Stillborn(daemon=True)
    starter = threading.Thread(target=thread.start, daemon=True)
    starter.start()
    starter.join(float(sys.argv[1]))
print("it waits for ever" if starter.is_alive() else "it started")
"""


def outcome(error: str, seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STILLBORN.format(error=error), str(seconds)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_thread_without_memory_ends_the_run_in_words() -> None:
    done = outcome("MemoryError", 60)
    assert (done.returncode, done.stdout) == (starved.CODE, "")
    assert done.stderr.strip() == starved.WORDS


def test_python_itself_would_wait_and_other_troubles_are_left_to_it() -> None:
    done = outcome("ValueError('another trouble')", 3)
    assert (done.returncode, done.stdout) == (0, "it waits for ever\n")
    assert "another trouble" in done.stderr


def test_the_hook_of_before_comes_back() -> None:
    before = sys.unraisablehook
    with starved.ended_at_once(2):
        assert sys.unraisablehook is not before
    assert sys.unraisablehook is before


#: Reads DAG files as a refresh does, and crashes.
CRASH = """
import os, signal, sys
from pathlib import Path
from lumbung import airflow_home, runner, settings
airflow_home.prepare(settings.load())
dags = Path(sys.argv[1])
(dags / "empty.py").write_text("# airflow dag\\n", encoding="utf-8")
assert runner.load(dags) == {}
os.kill(os.getpid(), signal.SIGSEGV)
print("it goes on")
"""


def test_a_crash_after_the_dags_were_read_ends_the_run(tmp_path: Path) -> None:
    done = reading_dags.run(CRASH, tmp_path)
    assert done.returncode == -signal.SIGSEGV, done.stderr[-2000:]
    assert "it goes on" not in done.stdout
