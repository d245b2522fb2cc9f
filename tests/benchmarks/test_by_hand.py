"""The hand-written script is a fair peer: it reads the very figures that a refresh reads."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from benchmarks import by_hand, by_hand_inputs, scale, scale_made
from benchmarks.scale_made import Size
from ingest import harvest, inputs
from lumbung.settings import ROOT, Settings

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]

#: Two variables of the same form, a third in another unit, and a year of lines.
MADE = Size(n_indicators=3, n_line_years=1, lines_a_year=600)


class OfTree(Settings):
    """Settings whose catalogue and bundled files are those of a tree with made data."""

    tree: Path = ROOT

    @property
    def catalog(self) -> Path:
        return self.tree / "ingest" / "catalog"

    @property
    def bundled(self) -> Path:
        return self.tree / "ingest" / "bundled"


def test_it_reads_every_figure_as_a_refresh_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tree = tmp_path / "tree"
    shutil.copytree(ROOT / "ingest", tree / "ingest")
    scale_made.write(tree, MADE)
    settings = OfTree(home=tmp_path / "home", tree=tree)
    for source in ("bps", "cited_figures"):
        harvest.harvest(source, settings)
    work = tmp_path / "work"
    (work / "inputs").mkdir(parents=True)
    inputs.write(settings, work / "inputs")
    ours = (work / "inputs" / "observations.parquet").rename(tmp_path / "ours.parquet")
    monkeypatch.chdir(work)
    with by_hand_inputs.served(settings.bundled) as url, duckdb.connect() as connection:
        n_indicators, *years = scale.made(MADE)
        by_hand.read_all(connection, url, work, int(n_indicators), years)
        rows, theirs = f"select * from '{ours}'", "select * from 'inputs/observations.parquet'"
        assert connection.execute(f"{theirs} except all {rows} limit 3").fetchall() == []
        assert connection.execute(f"{rows} except all {theirs} limit 3").fetchall() == []
        found = connection.execute(f"select count(*) from ({theirs})").fetchone()
    assert found
    assert found[0] > 27_000 + MADE.n_figures
