"""Each task on a worker of its own: what one leaves outside the home, the next never finds."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lumbung.settings import ROOT, Settings
from release.store import Store

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

CALL = """
import json, sys
from lumbung import steps
step, *arguments = json.loads(sys.argv[1])
print("said", json.dumps(getattr(steps, step)(*arguments)))
"""


class Workers:
    """Runs tasks one after the other, each on a worker with a disk of its own."""

    def __init__(self, home: Path, disks: Path) -> None:
        self.home, self.disks, self.ran = home, disks, 0

    def run(self, step: str, *arguments: str) -> Any:
        """Run a step with nothing left of those before it but the home; return what it said."""
        self.ran += 1
        disk = self.disks / f"worker {self.ran}"
        disk.mkdir()
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        done = subprocess.run(
            [sys.executable, "-c", CALL, json.dumps([step, *arguments])],
            cwd=disk,
            env={
                **kept,
                "PYTHONPATH": str(ROOT),
                "LUMBUNG_HOME": str(self.home),
                "HOME": str(disk),
                "TMPDIR": str(disk),
                "AIRFLOW_HOME": str(disk / "airflow"),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        shutil.rmtree(disk)
        assert done.returncode == 0, done.stdout + done.stderr
        (said,) = [line for line in done.stdout.splitlines() if line.startswith("said ")]
        return json.loads(said.removeprefix("said "))


def test_a_release_comes_about_where_every_task_has_another_disk(tmp_path):
    workers = Workers(tmp_path / "a shared home", tmp_path)
    told = [workers.run("harvest_source", name) for name in ("cited_figures", "bps")]
    planned = workers.run("plan_release")
    for step in ("assemble_candidate", "audit_candidate", "publish_release"):
        told.append(workers.run(step, planned["release_id"]))
    assert Store(Settings(home=workers.home)).current() == planned["release_id"]
    assert workers.run("plan_release") is None, "another worker finds something new"
    told.append(workers.run("build_site"))
    assert (workers.home / "portal" / "current" / "index.html").is_file()
    handed_on = json.dumps([told, planned])
    assert str(tmp_path) not in handed_on, "a task hands on a path"
