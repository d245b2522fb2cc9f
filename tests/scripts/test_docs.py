"""The static page of the tables carries every mart and its descriptions."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from lumbung.settings import ROOT, Settings
from tests.dbt.bundled import home, warehouse


@pytest.fixture(scope="module")
def docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_without_a_release_it_says_what_to_run(
    docs: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert docs.main(Settings(home=tmp_path)) == 1
    assert "run `make refresh` first" in capsys.readouterr().err


@pytest.mark.full
def test_the_page_describes_the_marts_in_both_languages(docs: ModuleType, tmp_path: Path) -> None:
    warehouse()
    release = tmp_path / "releases" / "r1"
    release.mkdir(parents=True)
    built = home().parent
    (release / "warehouse.duckdb").symlink_to(built / "warehouse.duckdb")
    (release / "inputs").symlink_to(built / "inputs")
    (tmp_path / "releases" / "current").symlink_to(release)
    assert docs.main(Settings(home=tmp_path)) == 0
    page = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert "statement_checks" in page
    assert "One row a public statement of an office" in page
    assert "Satu baris per pernyataan publik suatu lembaga" in page
    assert "refresh_summary" in page
