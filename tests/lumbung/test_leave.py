"""A process that leaves at once has said all, and done what was to be done at its end."""

from __future__ import annotations

import subprocess
import sys

LEAVING = """
import atexit
import sys
from lumbung.leave import leave

class Heavy:
    def __del__(self):
        print("taken apart")

held = Heavy()
atexit.register(print, "done at the end")
print("said")
print("complained", file=sys.stderr, end="")
leave(3)
"""


def test_who_leaves_has_said_all_and_is_not_taken_apart() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LEAVING], capture_output=True, text=True, check=False
    )
    assert found.returncode == 3
    assert found.stdout.splitlines() == ["said", "done at the end"]
    assert found.stderr == "complained"
