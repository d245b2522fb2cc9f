"""Files that agencies drop into a folder: only those that were found right are read.

``ingest.drop`` looks through the folder first and moves right files to ``accepted/``; this
protocol lists and reads what lies there, and checks each file once more before it lands.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import cast

from ingest import small_counts
from ingest.errors import UnreadableFileError
from ingest.observation import ParseResult, observation_table
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources.agency_check import check
from ingest.sources.agency_model import AgencyDataset

model: type[Dataset] = AgencyDataset

ACCEPTED = "accepted"


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask for every accepted file, the versions of one file in the order they came in."""
    folder = f"/{dataset.dataset}/{ACCEPTED}/"
    listing = Request(partition="accepted", path=folder, keep=False)
    for path in sorted(json.loads(fetch(listing).body)):
        request = Request(partition=path.partition("/")[0], path=folder + path)
        yield request, fetch(request)


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read an accepted file; small counts below the regency are withheld here, for good."""
    described = cast(AgencyDataset, dataset)
    checked = check(described, body, context, snapshot)
    if checked.result is None or not checked.is_right:
        first = checked.findings[0]
        raise UnreadableFileError(
            f"{dataset.dataset}: {len(checked.findings)} wrong cells, the first "
            f"{first.sheet}!{first.cell}: {first.rule}; correct the file and drop it again"
        )
    if not described.below_regency:
        return checked.result
    rows = small_counts.withhold(checked.result.observations.to_pylist())
    return ParseResult(observation_table(rows), checked.result.rejected, checked.result.n_items)
