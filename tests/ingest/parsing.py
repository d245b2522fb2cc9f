"""What parse tests share: the project's own context, and where recorded replies lie."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from ingest import catalogue
from ingest.observation import ParseResult
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from lumbung import settings

REPOSITORY = Path(__file__).resolve().parents[2]
RECORDED = REPOSITORY.parent / "shared" / "recorded"
FIXTURES = Path(__file__).parent / "fixtures"
TITLE = {"id": "Uji", "en": "Test"}


def recorded(name: str) -> bytes:
    """Return a recorded reply; skip, saying why, where the collection is not beside us."""
    path = RECORDED / name
    if not path.is_file():
        pytest.skip(f"no recorded replies beside the repository (looked for ../shared, {name})")
    return path.read_bytes()


@lru_cache(maxsize=1)
def context() -> Context:
    """Return the project's indicators, sources and regions."""
    known = settings.load()
    everything = catalogue.load(known.catalog)
    return Context(everything.indicators, everything.sources, RegionRegister.load(known.geography))


def dataset(**fields: Any) -> Dataset:
    """Return a dataset of any protocol, validated like a file of the catalogue."""
    fields = {"dataset": "test_dataset", "source": "bps", "title": TITLE, **fields}
    return PROTOCOLS[fields["protocol"]].model.model_validate(fields)


def parse(described: Dataset, body: bytes) -> ParseResult:
    """Parse bytes as a dataset describes them."""
    snapshot = Snapshot(described.dataset, "p", "0" * 64)
    return PROTOCOLS[described.protocol].parse(described, snapshot, body, context())


def rules(result: ParseResult) -> list[str]:
    """Return the rules of the rejected items, in order."""
    return result.rejected["rule"].to_pylist()
