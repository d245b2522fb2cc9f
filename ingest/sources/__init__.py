"""The protocols that ingest speaks, by the name a catalogue file gives them."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.protocol import SourceProtocol
from ingest.sources import bps_dynamic_data, cited_figures, tables

PROTOCOLS: Mapping[str, SourceProtocol] = {
    "bps.dynamic_data": bps_dynamic_data,
    "cited_figures": cited_figures,
    "table": tables,
}
