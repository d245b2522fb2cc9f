"""What tests of portals share: what a world's newest snapshots say, and faults at any question."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq

from ingest import inputs
from ingest.harvest import HarvestReport
from tests.ingest.world import World
from tests.replicas.faults import Fault

Figures = dict[tuple[str, str], Decimal]


def figures(world: World) -> Figures:
    """Return the values of the newest snapshots that can be read, by region and period."""
    inputs.write(world.settings, world.folder / "inputs")
    rows = pq.read_table(world.folder / "inputs/observations.parquet").to_pylist()
    known = pq.read_table(world.folder / "inputs/snapshots.parquet").to_pylist()
    newest: dict[str, str] = {}
    for snapshot in sorted(known, key=lambda one: one["last_fetched_at"]):
        if snapshot["retired_on"] is None:
            newest[snapshot["partition"]] = snapshot["snapshot_id"]
    found = [row for row in rows if row["snapshot_id"] in newest.values()]
    values = {(row["region_code"], row["period_label"]): row["value"] for row in found}
    assert len(values) == len(found)
    return values


def lives_through(
    world: World,
    replica: Any,
    run: Callable[[World], HarvestReport],
    published: Callable[[Any], Figures],
    *,
    fault: tuple[str, str, int],
    outcome: str,
) -> None:
    """Strike one question (kind, model, after how many) and hold the figures to what they were.

    The answers have moved since they were read, so that one part without the others would hold
    a figure twice and lose another.
    """
    before = figures(world)
    kind, model, after = fault
    replica.faults = [
        Fault(kind, model=model, after=after, retry_after="0", seconds_between_bytes=0.1)
    ]
    assert run(world).outcome == outcome
    assert figures(world) == before
    replica.faults = []
    assert run(world).outcome in ("ok", "unchanged")
    assert figures(world) == before == published(replica)
