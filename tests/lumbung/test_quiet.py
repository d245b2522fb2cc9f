"""Libraries talk into a log, people get the terminal."""

from __future__ import annotations

import subprocess
import sys

from lumbung import quiet

BLOCK = """
import os, subprocess, sys
from pathlib import Path
from lumbung import quiet
with quiet.talk_into(Path(sys.argv[1])) as ours:
    print("a library speaks")
    os.write(2, b"a child of C speaks\\n")
    subprocess.run(["echo", "a process speaks"], check=True)
    print("we speak", file=ours)
print("afterwards")
"""


def test_everything_but_our_own_words_goes_to_the_log(tmp_path):
    log = tmp_path / "logs" / "refresh-1.log"
    done = subprocess.run(
        [sys.executable, "-c", BLOCK, str(log)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "we speak\nafterwards\n"
    assert done.stderr == ""
    text = log.read_text()
    for words in ("a library speaks", "a child of C speaks", "a process speaks"):
        assert words in text


def test_the_tail_of_a_log_is_its_last_lines(tmp_path):
    log = tmp_path / "refresh-1.log"
    log.write_text("\n".join(str(number) for number in range(100)))
    assert quiet.tail(log, 3) == "97\n98\n99"


def test_old_logs_are_forgotten(tmp_path):
    for number in range(30):
        (tmp_path / f"refresh-{number:03}.log").touch()
    quiet._forget_old(tmp_path)
    kept = sorted(path.name for path in tmp_path.glob("refresh-*.log"))
    assert len(kept) == quiet.KEPT_LOGS - 1
    assert kept[-1] == "refresh-029.log"
