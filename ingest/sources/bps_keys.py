"""Decode keys: build every combination's key and look it up, never split a key.

A key is vervar + var + turvar + th + turth with nothing in between and no padding, so two
combinations can spell the same one. Those are found here, not decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = Sequence[str]
Index = npt.NDArray[np.int64]

#: Combinations are built this many at a time: a reply whose dimensions are far larger than
#: its content costs time, but no memory.
BLOCK = 1 << 18
UNMATCHED = -1
AMBIGUOUS = -2
REPEATED = -3


@dataclass(frozen=True)
class Dimensions:
    """The codes of a reply, as text, in the order in which they make a key."""

    vervar: Codes
    var: str
    turvar: Codes
    th: Codes
    turth: Codes

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """How many codes vervar, turvar, th and turth list."""
        return len(self.vervar), len(self.turvar), len(self.th), len(self.turth)

    def tails(self) -> list[str]:
        """Return what follows the vervar code in a key: all of them, last dimension fastest."""
        return [f"{self.var}{a}{b}{c}" for a, b, c in product(self.turvar, self.th, self.turth)]

    def spell_each_key_once(self) -> bool:
        """Tell whether no two combinations can possibly spell one key.

        Where the codes of a dimension are distinct and of one length, its place in a key is
        known; a single dimension of varying length takes what the others leave.
        """
        dimensions = (self.vervar, self.turvar, self.th, self.turth)
        if any(len(set(codes)) != len(codes) for codes in dimensions):
            return False
        return sum(len({len(code) for code in codes}) > 1 for codes in dimensions) <= 1


@dataclass(frozen=True)
class Decoded:
    """Which combination each key spells.

    A place is the number of the combination, counting vervar x turvar x th x turth with the
    last fastest; or UNMATCHED, AMBIGUOUS, or REPEATED where the reply holds the key twice.
    ``readings`` has the numbers of all combinations that spell an ambiguous key.
    """

    places: Index
    readings: Mapping[int, Sequence[int]]


def decode(keys: pa.Array, dimensions: Dimensions) -> Decoded:
    """Find the combination of every key."""
    places = np.full(len(keys), UNMATCHED, dtype=np.int64)
    readings: dict[int, list[int]] = {}
    proven = dimensions.spell_each_key_once()
    for first, built in _blocks(dimensions):
        if proven or _distinct(built):
            _look_up(keys, built, first, places, readings)
        else:
            _look_up_each(keys, built, first, places, readings)
    for at in readings:
        places[at] = AMBIGUOUS
    _mark_repeated(keys, places, proven)
    return Decoded(places, readings)


def _blocks(dimensions: Dimensions) -> Iterator[tuple[int, pa.Array]]:
    """Yield (number of the first combination, keys of a run of combinations)."""
    tails = dimensions.tails()
    heads, rest = pa.array(dimensions.vervar, pa.string()), pa.array(tails, pa.string())
    step = max(1, BLOCK // max(len(tails), 1))
    for start in range(0, len(heads) if tails else 0, step):
        run = heads.slice(start, step)
        left = pa.array(np.repeat(np.arange(len(run)), len(tails)))
        right = pa.array(np.tile(np.arange(len(tails)), len(run)))
        built = pc.binary_join_element_wise(run.take(left), rest.take(right), "")
        yield start * len(tails), built


def _mark_repeated(keys: pa.Array, places: Index, proven: bool) -> None:
    """Mark every copy of a key that stands more than once: nothing says which is right."""
    ordered = np.sort(places)
    if proven and not ((ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0)).any():
        return
    counts = pc.value_counts(keys)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(twice):
        places[pc.is_in(keys, value_set=twice).to_numpy(zero_copy_only=False)] = REPEATED


def _distinct(built: pa.Array) -> bool:
    return len(built.unique()) == len(built)


def _look_up(
    keys: pa.Array, built: pa.Array, first: int, places: Index, readings: dict[int, list[int]]
) -> None:
    """Look the keys up in a block whose own keys all differ."""
    found = pc.index_in(keys, value_set=built)
    if found.null_count == 0 and first == 0:
        np.copyto(places, found.to_numpy())
        return
    hits = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    numbers = found.drop_null().to_numpy().astype(np.int64) + first
    for at in np.flatnonzero(places[hits] != UNMATCHED):
        _add_reading(int(hits[at]), int(numbers[at]), places, readings)
    fresh = places[hits] == UNMATCHED
    places[hits[fresh]] = numbers[fresh]


def _look_up_each(
    keys: pa.Array, built: pa.Array, first: int, places: Index, readings: dict[int, list[int]]
) -> None:
    """Look the keys up in a block where some combinations spell the same key."""
    where = {key: at for at, key in enumerate(keys.to_pylist())}
    hits = np.flatnonzero(pc.is_in(built, value_set=keys).to_numpy(zero_copy_only=False))
    for number, key in zip(hits.tolist(), built.take(pa.array(hits)).to_pylist(), strict=True):
        at = where[key]
        if places[at] == UNMATCHED:
            places[at] = first + number
        else:
            _add_reading(at, first + number, places, readings)


def _add_reading(at: int, number: int, places: Index, readings: dict[int, list[int]]) -> None:
    readings.setdefault(at, [int(places[at])]).append(number)
