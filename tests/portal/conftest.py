"""One release of all bundled figures for every test of the portal, built once a test run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

from ingest import catalogue
from ingest.harvest import harvest
from lumbung.settings import Settings
from release import build


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home folder with a current release; workers of one run share it, read-only.

    It takes a minute or two, so whatever asks for it is marked ``full``. While writing tests,
    ``LUMBUNG_TEST_HOME`` names a home whose release of the same figures is read instead.
    """
    if given := os.environ.get("LUMBUNG_TEST_HOME"):
        return Path(given)
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "portal home"
    with FileLock(f"{folder}.lock"):
        settings = Settings(home=folder)
        if not (settings.releases / "current").exists():
            for source in catalogue.load(settings.catalog).sources:
                for report in harvest(source, settings):
                    assert report.outcome in ("ok", "unchanged", "not_configured"), report
            assert build.run(settings)[1] is not None
    return folder


@pytest.fixture(scope="session")
def release(home: Path) -> Path:
    """Return the folder of that home's current release."""
    return home / "releases" / "current"
