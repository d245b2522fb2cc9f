"""What dbt read of the project is kept for the next build, and never trusted blindly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lumbung.settings import ROOT, Settings
from release import parsed


def test_the_first_build_reads_the_project_and_the_next_begins_from_it(tmp_path):
    settings = Settings(home=tmp_path / "a home")
    assert parsed.arguments(settings) == []
    target = tmp_path / "dbt"
    target.mkdir()
    (target / parsed.NAME).write_bytes(b"read")
    parsed.keep(settings, target)
    option, path = parsed.arguments(settings)
    assert option == "--partial-parse-file-path"
    assert Path(path).read_bytes() == b"read"
    assert [item.name for item in Path(path).parent.iterdir()] == [parsed.NAME]


def test_what_can_not_be_kept_costs_nothing_but_time(tmp_path):
    settings = Settings(home=tmp_path / "home")
    parsed.keep(settings, tmp_path / "there is no such folder")
    assert parsed.arguments(settings) == []


@pytest.mark.full
def test_dbt_leaves_a_damaged_copy_alone(tmp_path):
    settings = Settings(home=tmp_path / "home")
    target = tmp_path / "dbt"
    target.mkdir()
    (target / parsed.NAME).write_bytes(b"\x00not what dbt wrote")
    parsed.keep(settings, target)
    said = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "list", "--resource-type", "model",
            "--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT),
            "--target-path", str(tmp_path / "new"), "--log-path", str(tmp_path / "new"),
            *parsed.arguments(settings),
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout
    assert "lumbung.marts.labour.unemployment" in said.stdout
