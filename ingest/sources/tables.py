"""Tables of a portal or an agency, read with nothing but what the catalogue says about them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ingest.observation import ParseResult
from ingest.protocol import Context, Fetch, Reply, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources.table_cells import read_cells
from ingest.sources.table_model import TableDataset
from ingest.sources.table_sheet import read_sheet

model: type[Dataset] = TableDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[tuple[Request, Reply]]:
    """Ask for the one file of the dataset."""
    url = cast(TableDataset, dataset).url
    request = Request(partition="all", path=f"/{url.lstrip('/')}" if url else "")
    yield request, fetch(request)


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure into a tidy row, or reject it with line and column."""
    table = cast(TableDataset, dataset)
    return read_cells(table, snapshot, read_sheet(table, body), context)
