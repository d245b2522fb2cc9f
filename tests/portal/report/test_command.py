"""The command says what it wrote, and what to write instead where it can't."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.__main__ import main


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path))


def test_without_a_release_it_says_what_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--region", "3673", "--period", "2025-S2"]) == 2
    assert "make refresh" in capsys.readouterr().err


def test_a_wrong_period_is_told_how_one_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--region", "3673", "--period", "2025-Q3"]) == 2
    assert "write 2025-S1 or 2025-S2" in capsys.readouterr().err


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_it_names_the_files_it_wrote(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(home))
    asked = ["--region", "9402", "--period", "2025-S2", "--out", str(tmp_path), "--lang", "id"]
    assert main(["report", *asked]) == 0
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert names == ["9402-2025-S2-id.html", "9402-2025-S2-id.pdf"]
    assert all((tmp_path / name).stat().st_size > 10_000 for name in names)
    assert main(["report", "--region", "0001", *asked[2:]]) == 2
    assert "four digits" in capsys.readouterr().err
