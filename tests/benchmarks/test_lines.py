"""The benchmark of budget lines runs, and both of its builds come to the same rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import lines
from tests.dbt import bundled


@pytest.mark.full
def test_dbt_and_its_statements_alone_build_the_same_marts(tmp_path: Path) -> None:
    inputs = bundled.home().parent / "inputs"
    release = tmp_path / "a home" / "releases" / "current"
    release.mkdir(parents=True)
    (release / "inputs").symlink_to(inputs)
    folder = tmp_path / "lines"
    folder.mkdir()
    found = lines.measure(2000, tmp_path / "a home", folder, "400MB")
    assert found["rows"] == {"program_spend": 2000, "program_spend_by_theme": 2000}
    assert found["ratio"] > 1  # dbt does the same, and more
