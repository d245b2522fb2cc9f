"""Withholds small counts of persons in places below the regency, and what would betray them.

A count from 1 to 4 in a village can point to somebody. It is withheld before it becomes an
observation; and so that nobody finds it by subtraction from a total, further counts are
withheld until the withheld ones hide each other.

Another file about the same places, a correction say, may have fewer small counts and show what
the first one hid. So what one file withholds is withheld in every file that is read beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.observation import observation_table

#: Counts of persons from 1 to this are withheld.
SMALL = 4
#: SDMX: a value that exists and is kept back for confidentiality.
WITHHELD = "Q"
NOTE = "Withheld: a small count of persons, or one that would reveal such a count."
#: What one total is made of: the same indicator, region, period and stage.
GROUP = ("indicator_id", "region_code", "period_label", "stage", "breakdown")
#: One count of it.
KEY = (*GROUP, "category")

Keys = frozenset[tuple[Any, ...]]


def withhold(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of one file with small counts of persons withheld."""
    done = [dict(row) for row in rows]
    groups: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in done:
        if row["unit"] == "persons" and row["value"]:
            groups[tuple(row[name] for name in GROUP)].append(row)
    for members in groups.values():
        for row in _to_withhold(members):
            _withhold(row)
    return done


def withheld_in(tables: Iterable[pa.Table]) -> Keys:
    """Return the keys of everything that was withheld in any of the tables of observations."""
    found: set[tuple[Any, ...]] = set()
    for table in tables:
        rows = table.filter(pc.equal(table["obs_status"], WITHHELD)).to_pylist()
        found |= {_key(row) for row in rows if NOTE in (row["note"] or "")}
    return frozenset(found)


def withhold_again(table: pa.Table, keys: Keys) -> pa.Table:
    """Withhold the counts of these keys in a table of observations, however large they are."""
    rows = table.to_pylist()
    shown = [row for row in rows if row["value"] is not None and _key(row) in keys]
    for row in shown:
        _withhold(row)
    return observation_table(rows) if shown else table


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _to_withhold(members: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Choose the small counts of one total, then the next smallest that hide them.

    Who knows the total knows the sum of what is withheld. With k counts of at least 1 that
    add up to W, each may be anything from 1 to W - k + 1: that must reach beyond the small.
    """
    ranked = sorted(members, key=lambda row: (row["value"], row["category"]))
    count = sum(1 for row in ranked if row["value"] <= SMALL)
    if not count:
        return []
    while count < len(ranked):
        total = sum((row["value"] for row in ranked[:count]), Decimal(0))
        if count > 1 and total >= count + SMALL:
            break
        count += 1
    return ranked[:count]


def _withhold(row: dict[str, Any]) -> None:
    row.update(value=None, value_text="", obs_status=WITHHELD, precision=None)
    row["note"] = "; ".join(filter(None, [row.get("note"), NOTE]))
