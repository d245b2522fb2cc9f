"""Made data reads as published data does, and never gets near the project's own figures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks import scale_made
from benchmarks.scale_made import Size
from ingest import catalogue as catalogues
from ingest.observation import ParseResult
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.sources import PROTOCOLS
from lumbung.settings import ROOT

SIZE = Size(n_indicators=1, n_line_years=1, lines_a_year=600)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("catalog", "geography"):
        shutil.copytree(ROOT / "ingest" / name, tmp_path / "ingest" / name)
    (tmp_path / "ingest" / "bundled").mkdir()
    scale_made.write(tmp_path, SIZE)
    return tmp_path


def read(tree: Path, name: str) -> list[ParseResult]:
    """Parse every figure-carrying file of a made dataset as a harvest would."""
    known = catalogues.load(tree / "ingest" / "catalog")
    register = RegionRegister.load(tree / "ingest" / "geography")
    context = Context(indicators=known.indicators, sources=known.sources, regions=register)
    dataset = known.dataset(name)
    files = sorted((tree / "ingest" / "bundled" / name).glob("*"))
    return [
        PROTOCOLS[dataset.protocol].parse(
            dataset, Snapshot(name, path.stem, "0" * 64), path.read_bytes(), context
        )
        for path in files
        if path.stem not in ("th", "th-p2")
    ]


def test_every_regency_and_year_of_an_indicator_is_read_and_none_rejected(tree: Path) -> None:
    windows = read(tree, "made_bps_001")
    assert [result.observations.num_rows for result in windows] == [514 * 3] * 5
    assert not any(result.rejected.num_rows for result in windows)
    years = {
        label for result in windows for label in result.observations["period_label"].to_pylist()
    }
    assert (min(years), max(years), len(years)) == ("2010", "2024", 15)


def test_every_programme_line_is_read_as_a_figure_of_its_own(tree: Path) -> None:
    (lines,) = read(tree, f"made_programmes_{scale_made.FIRST_BUDGET_YEAR}")
    assert (lines.observations.num_rows, lines.rejected.num_rows) == (600, 0)
    assert len(set(lines.observations["region_code"].to_pylist())) == 514


def test_the_same_size_gives_the_same_bytes(tree: Path) -> None:
    before = {path: path.read_bytes() for path in (tree / "ingest" / "bundled").rglob("*.json")}
    shutil.rmtree(tree / "ingest" / "bundled")
    (tree / "ingest" / "bundled").mkdir()
    scale_made.write(tree, SIZE)
    assert {path: path.read_bytes() for path in before} == before


def test_made_data_is_refused_by_the_projects_own_tree() -> None:
    with pytest.raises(SystemExit, match="never goes into the project's own tree"):
        scale_made.write(ROOT, SIZE)
    assert not list((ROOT / "ingest" / "catalog").glob("made_*"))


def test_sizes_come_to_what_they_are_called() -> None:
    assert scale_made.national().n_figures == 514 * 15 * 60 + 120_000
    for times in (10, 100):
        made = scale_made.times_the_cited(times).n_figures
        assert abs(made + scale_made.CITED_FIGURES - times * scale_made.CITED_FIGURES) < 10
