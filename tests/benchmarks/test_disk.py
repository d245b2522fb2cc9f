"""What a folder held at its fullest: spilled files are gone when the work is done."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from benchmarks import disk


def test_what_was_deleted_before_the_end_counts_and_holes_do_not(tmp_path: Path) -> None:
    with disk.watched(tmp_path) as peak:
        spilled = tmp_path / "spill"
        spilled.mkdir()
        (spilled / "a").write_bytes(b"x" * 2**20)
        with (spilled / "hole").open("wb") as file:
            file.truncate(2**30)
        time.sleep(3 * disk.LOOK_EVERY_SECONDS)
        shutil.rmtree(spilled)
    assert 2**20 <= peak.n_bytes < 2 * 2**20
    assert disk.taken_by(tmp_path) == 0


def test_a_folder_that_is_gone_takes_nothing(tmp_path: Path) -> None:
    assert disk.taken_by(tmp_path / "gone") == 0
