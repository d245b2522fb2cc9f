"""The hand-written script is a fair peer: it reads the very figures that a refresh reads."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks import by_hand, by_hand_inputs
from ingest import harvest, inputs
from lumbung.settings import Settings

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]


def test_it_reads_every_figure_as_a_refresh_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = Settings(home=tmp_path / "home")
    for source in ("bps", "cited_figures"):
        harvest.harvest(source, settings)
    work = tmp_path / "work"
    (work / "inputs").mkdir(parents=True)
    inputs.write(settings, work / "inputs")
    ours = (work / "inputs" / "observations.parquet").rename(tmp_path / "ours.parquet")
    monkeypatch.chdir(work)
    with by_hand_inputs.served(settings.bundled) as url, duckdb.connect() as connection:
        by_hand.read_all(connection, url, work)
        rows, theirs = f"select * from '{ours}'", "select * from 'inputs/observations.parquet'"
        assert connection.execute(f"{theirs} except all {rows} limit 3").fetchall() == []
        assert connection.execute(f"{rows} except all {theirs} limit 3").fetchall() == []
        found = connection.execute(f"select count(*) from ({theirs})").fetchone()
    assert found
    assert found[0] > 27_000
