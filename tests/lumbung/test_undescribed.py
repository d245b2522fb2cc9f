"""A portal whose address is set, and of which the catalogue has nothing to ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.catalogue import Catalogue
from ingest.errors import CatalogueError
from lumbung import refresh
from lumbung.settings import Settings

PORTALS = {
    refresh.DROP: "drop", "ingest_jabar": "jabar", "ingest_ckan": "ckan", "ingest_arcgis": "arcgis",
}  # fmt: skip


def test_a_portal_without_a_dataset_is_named_and_others_are_asked() -> None:
    """The tree has a dataset of Jawa Barat; those of CKAN and ArcGIS are for each home to write."""
    found = refresh._undescribed(Settings(), PORTALS)
    assert found == {"ingest_ckan": "ckan", "ingest_arcgis": "arcgis"}


def test_it_is_told_with_the_place_to_read_on(capsys: pytest.CaptureFixture[str]) -> None:
    progress = refresh.Progress(refresh._console(refresh.sys.stdout))
    progress.leave_out("Address set, but no dataset in ingest/catalog", ["ckan"], "docs/sources.md")
    progress.leave_out("Not configured", [], "README, Settings")
    said = capsys.readouterr().out.strip()
    assert said == "– Address set, but no dataset in ingest/catalog: ckan (docs/sources.md)"


def test_a_broken_catalogue_is_left_to_the_first_task(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Path) -> Catalogue:
        raise CatalogueError("sources.yml: no YAML")

    monkeypatch.setattr("ingest.catalogue.load", load)
    assert refresh._undescribed(Settings(), PORTALS) == {}
