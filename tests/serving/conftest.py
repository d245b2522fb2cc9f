"""One PostgreSQL for the tests of a file that only publish and read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lumbung.settings import Settings
from tests.serving import workbench


@pytest.fixture(scope="module")
def served() -> Iterator[Settings]:
    """Return the settings of a home with PostgreSQL running and nothing published."""
    with workbench.postgres() as settings:
        yield settings
