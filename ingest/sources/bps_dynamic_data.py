"""BPS WebAPI dynamic data: one variable, asked for in windows of years."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.observation import ParseResult
from ingest.protocol import Context, Fetch, Reply, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources.bps_model import DynamicDataset

model: type[Dataset] = DynamicDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[tuple[Request, Reply]]:
    """Ask for the list of periods, then for the data by windows of years."""
    raise NotImplementedError


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read one reply of ``model=data``."""
    raise NotImplementedError
