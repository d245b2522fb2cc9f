"""What is said of a run of dbt that failed: its own last words, and what a full disk wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from release.failures import describe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "a home" / "candidates" / "r1"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    "words", ["IO Error: No space left on device", "OSError: File too large", "disk is full"]
)
def test_a_full_disk_is_told_with_the_place_to_make_room_in(folder: Path, words: str) -> None:
    log = folder / "dbt.log"
    log.write_text(f"1 of 3\n\n{words}\n", encoding="utf-8")
    assert describe(folder, log, 2) == (
        f"dbt ended with code 2; its last words:\n  1 of 3\n  {words}\n"
        f"  The disk is full. Make room below {folder.parents[1]}, then run the refresh again."
    )


def test_of_other_failures_no_room_is_asked_for(folder: Path) -> None:
    log = folder / "dbt.log"
    log.write_text("Compilation Error\n", encoding="utf-8")
    assert describe(folder, log, 2) == (
        "dbt ended with code 2; its last words:\n  Compilation Error"
    )
