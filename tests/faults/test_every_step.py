"""Killed, or out of disk, at any step: readers see old or new, and the next run finishes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lumbung.settings import ROOT
from tests.faults import scenarios
from tests.faults.every_step import CRASHED, DONE, REFUSED


def broken_at_every_step(scenario: str, folder: Path, fault: str) -> list[dict[str, Any]]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LUMBUNG_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.every_step", scenario, str(folder), fault],
        cwd=ROOT, env=kept, capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.full
@pytest.mark.parametrize("scenario", scenarios.ALL)
@pytest.mark.parametrize("fault", ["kill", "full", "read_only"])
def test_broken_at_any_step_nothing_wrong_is_seen_and_the_next_run_finishes(
    scenario: str, fault: str, tmp_path: Path
) -> None:
    work = scenarios.ALL[scenario]
    found = broken_at_every_step(scenario, tmp_path, fault)
    *broken, last = found
    assert len(broken) >= 5
    assert last["code"] == DONE
    # a harvest adds a vintage: both are there afterwards, the old one is never lost
    both = f"{work.before},{work.after}" if scenario == "harvest" else work.after
    for one in broken:
        where = f"{scenario} {fault} at step {one['at']}: {one}"
        assert one["code"] in ((-9,) if fault == "kill" else (REFUSED, DONE)), where
        assert one["code"] != CRASHED, where
        assert one["seen"] in (work.before, both), where
        assert one["recovered"], where
        assert one["then"] == both, where
        # the dead can't tidy up, nor can anybody on a read-only disk
        assert one["left_over"] == "" or fault != "full", where


@pytest.mark.full
def test_a_disk_that_fills_up_is_named_with_what_to_do(tmp_path: Path) -> None:
    found = broken_at_every_step("publish", tmp_path, "full")
    said = {one["words"] for one in found if one["code"] == REFUSED}
    assert all("No space left" in words for words in said)
