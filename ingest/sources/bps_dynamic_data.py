"""BPS WebAPI dynamic data: one variable, asked for in windows of years."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ingest.errors import UnreadableFileError
from ingest.observation import ParseResult
from ingest.protocol import Answer, Context, Fetch, Snapshot
from ingest.schema import Dataset
from ingest.sources.bps_content import read_content
from ingest.sources.bps_model import DynamicDataset
from ingest.sources.bps_replies import read_object
from ingest.sources.bps_rows import to_rows
from ingest.sources.bps_text import cut_content
from ingest.sources.bps_windows import collect_windows

model: type[Dataset] = DynamicDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask for the list of periods, then for the data by windows of years."""
    return collect_windows(cast(DynamicDataset, dataset), fetch)


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read one reply of ``model=data``: every cell is a row or a rejected item."""
    cut = cut_content(body)
    reply = read_object(cut[0] if cut else body, dataset.dataset)
    cells = reply.pop("datacontent", None)
    if cells == []:  # PHP writes an empty object this way
        cells = {}
    if not isinstance(cells, dict):
        raise UnreadableFileError(
            f"{dataset.dataset}: the reply has no `datacontent`: either it answers another "
            "question than model=data, or BPS has changed its form"
        )
    content = cut[1] if cut else read_content(cells)
    return to_rows(cast(DynamicDataset, dataset), snapshot, context, reply, content)
