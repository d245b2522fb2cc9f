"""The protocols that ingest speaks, by the name a catalogue file gives them."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.protocol import SourceProtocol

PROTOCOLS: Mapping[str, SourceProtocol] = {}
