"""Cited figures: a CSV of ours with one citation a row, for what no service publishes.

Encoding UTF-8, comma, one header line, the columns below in any order:

- ``indicator``, ``breakdown``, ``category``: what (blank breakdown and category: total)
- ``region_code`` (BPS) and ``region_name``: where; given both, they must agree
- ``period`` (a canonical label), ``period_kind``, ``period_start``, ``period_end``: when;
  the days may stay blank and then follow from the label
- ``value``: the text as collected, ``unit``: its unit as published; the parser scales
- ``precision``: place value of the last digit that means something, in the indicator's unit
- ``stage``, ``perimeter``, ``perimeter_note``, ``baseline``, ``series_version``
- ``claimant``, ``source``, ``source_url``, ``tier``: which office said it, and where we read it
- ``published_at`` (a day, or a month when ``published_at_basis`` is ``month``), ``note``
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ingest.observation import ParseResult
from ingest.protocol import Context, Fetch, Reply, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources.cited_model import CitedFigures
from ingest.sources.cited_rows import read_citations

model: type[Dataset] = CitedFigures


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[tuple[Request, Reply]]:
    """Ask for the one file of the dataset."""
    request = Request(partition="all")
    yield request, fetch(request)


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every citation into a tidy row, or reject it with its line and reason."""
    return read_citations(cast(CitedFigures, dataset), snapshot, body, context)
