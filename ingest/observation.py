"""The shape of a tidy row, of a rejected item, and of what a parser returns.

One observation is one published figure: what it is about, when, where, at which stage of
its life, what was printed, who said so, and the place in the snapshot it was read from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

DECIMAL = pa.decimal128(28, 6)

#: dataset and snapshot, the key, the value as read and as printed, who said it and when.
#: ``region_code`` is the BPS WebAPI code; ``value`` is in the indicator's own ``unit``;
#: ``precision`` is the place value of the last digit that means something, in that unit;
#: ``attributes`` is a JSON object with the published dimensions that are no part of the key.
OBSERVATIONS = pa.schema(
    [
        pa.field("dataset_id", pa.string(), nullable=False),
        pa.field("snapshot_id", pa.string(), nullable=False),
        pa.field("locator", pa.string(), nullable=False),
        pa.field("indicator_id", pa.string(), nullable=False),
        pa.field("region_code", pa.string(), nullable=False),
        pa.field("period_start", pa.date32()),
        pa.field("period_end", pa.date32()),
        pa.field("period_label", pa.string(), nullable=False),
        pa.field("period_kind", pa.string(), nullable=False),
        pa.field("stage", pa.string(), nullable=False),
        pa.field("perimeter", pa.string(), nullable=False),
        pa.field("perimeter_note", pa.string()),
        pa.field("baseline", pa.string()),
        pa.field("breakdown", pa.string(), nullable=False),
        pa.field("category", pa.string(), nullable=False),
        pa.field("attributes", pa.string()),
        pa.field("value", DECIMAL),
        pa.field("value_text", pa.string()),
        pa.field("unit", pa.string(), nullable=False),
        pa.field("precision", DECIMAL),
        pa.field("obs_status", pa.string(), nullable=False),
        pa.field("standard_error", DECIMAL),
        pa.field("series_version", pa.string(), nullable=False),
        pa.field("source_id", pa.string(), nullable=False),
        pa.field("source_name", pa.string(), nullable=False),
        pa.field("source_url", pa.string()),
        pa.field("provenance_tier", pa.string(), nullable=False),
        pa.field("claimant", pa.string()),
        pa.field("published_at", pa.date32()),
        pa.field("published_at_basis", pa.string(), nullable=False),
        pa.field("note", pa.string()),
        pa.field("is_derived", pa.bool_(), nullable=False),
        pa.field("formula_id", pa.string()),
    ]
)

REJECTED = pa.schema(
    [
        pa.field("dataset_id", pa.string(), nullable=False),
        pa.field("snapshot_id", pa.string(), nullable=False),
        pa.field("locator", pa.string(), nullable=False),
        pa.field("raw_value", pa.string()),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
    ]
)

#: What a row is when its source says nothing else. Empty text, never NULL, inside the key.
DEFAULTS: Mapping[str, Any] = {
    "stage": "observed",
    "perimeter": "area",
    "perimeter_note": None,
    "baseline": None,
    "breakdown": "total",
    "category": "total",
    "attributes": None,
    "precision": None,
    "obs_status": "A",
    "standard_error": None,
    "series_version": "",
    "source_url": None,
    "claimant": None,
    "published_at": None,
    "published_at_basis": "none",
    "note": None,
    "is_derived": False,
    "formula_id": None,
}


@dataclass(frozen=True)
class ParseResult:
    """Tidy rows and rejected items of one snapshot; ``n_items`` is what went in."""

    observations: pa.Table
    rejected: pa.Table
    n_items: int

    def __post_init__(self) -> None:
        """Refuse a result in which anything got lost: counts in = counts out + rejected."""
        out = self.observations.num_rows + self.rejected.num_rows
        if out != self.n_items:
            raise AssertionError(f"{self.n_items} items in, {out} out: a parser lost rows")


def observation_table(
    rows: Iterable[Mapping[str, Any]], constants: Mapping[str, Any] | None = None
) -> pa.Table:
    """Turn mappings (missing columns take DEFAULTS) into a table of the OBSERVATIONS schema.

    ``constants`` are columns that are the same in every row; the rows need not name them.
    """
    held, same = list(rows), constants or {}
    columns = []
    for field in OBSERVATIONS:
        if field.name in same:
            columns.append(pa.repeat(pa.scalar(same[field.name], field.type), len(held)))
            continue
        default = DEFAULTS.get(field.name)
        columns.append(pa.array([row.get(field.name, default) for row in held], field.type))
    return pa.Table.from_arrays(columns, schema=OBSERVATIONS)


def rejected_table(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Turn mappings into a table of the REJECTED schema."""
    return pa.Table.from_pylist(list(rows), schema=REJECTED)
