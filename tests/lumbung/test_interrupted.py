"""Ctrl-C while a refresh builds: one sentence, nothing half done, no child left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.tree import Tree


def wait_for(log: Path, words: str, seconds: float = 200) -> None:
    until = time.monotonic() + seconds
    while words not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until, f"never saw '{words}' in {log.read_text()}"
        time.sleep(0.1)


@pytest.mark.full
def test_ctrl_c_while_dbt_builds_leaves_no_release_and_no_child(tmp_path):
    tree = Tree.copy_to(tmp_path)
    log = tmp_path / "said.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "lumbung", "refresh"],
            cwd=tree.root, env=tree.environment, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    wait_for(log, "✓ Looking for changes")
    time.sleep(2)
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(timeout=60) == 130
    assert "stopped" in log.read_text(encoding="utf-8")
    assert not (tree.home / "releases" / "current").exists()
    gone, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    assert gone
