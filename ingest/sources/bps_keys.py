"""Decode keys: build every combination's key and look it up, never split a key.

A key is vervar + var + turvar + th + turth with nothing in between and no padding, so two
combinations can spell the same one. Those are found here, not decided.

Few combinations are looked up in a dictionary of texts. Many are compared as numbers, as long
as the keys have up to 17 digits, which nearly all have: a 1 is put before the digits, so that
each text of digits has a number of its own, and numbers are looked up in a fifth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Codes = Sequence[str]
Index = npt.NDArray[np.int64]

#: Combinations are built this many at a time: a reply whose dimensions are far larger than
#: its content costs time, but no memory.
BLOCK = 1 << 18
#: Up to so many combinations Python needs less time than the vectors need to be set up.
FEW = 1_024
#: With the 1 before them so many digits fit into 64 bits.
MOST_DIGITS = 17
POWERS = 10 ** np.arange(MOST_DIGITS + 1, dtype=np.int64)
#: Places are told apart by a table of seats up to so many seats a place: sorting takes longer.
MOST_SEATS = 16
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
    places = _decode_few(keys, dimensions) if prod(dimensions.shape) <= FEW else None
    return _decode_any(keys, dimensions) if places is None else Decoded(places, {})


def _decode_few(keys: pa.Array, dimensions: Dimensions) -> Index | None:
    """Look the keys up in all combinations; None where two spell one key, or a key is repeated."""
    tails = dimensions.tails()
    seats: dict[str, int] = {}
    for head in dimensions.vervar:
        for tail in tails:
            seats[head + tail] = len(seats)
    listed = keys.to_pylist()
    if len(seats) < prod(dimensions.shape) or len(set(listed)) < len(listed):
        return None
    try:
        return np.fromiter(map(seats.__getitem__, listed), np.int64, len(listed))
    except KeyError:
        return np.array([seats.get(key, UNMATCHED) for key in listed], np.int64)


def _decode_any(keys: pa.Array, dimensions: Dimensions) -> Decoded:
    """Find the combination of every key, and all combinations of an ambiguous one."""
    places = np.full(len(keys), UNMATCHED, dtype=np.int64)
    readings: dict[int, list[int]] = {}
    proven = dimensions.spell_each_key_once()
    tails = dimensions.tails()
    build, numbers = _texts, None
    if max(map(len, dimensions.vervar)) + max(map(len, tails)) <= MOST_DIGITS:
        numbers = _numbers(keys)
    if numbers is not None:
        build, keys = _sums, numbers
    step = max(1, BLOCK // len(tails))
    for start in range(0, len(dimensions.vervar), step):
        first, built = start * len(tails), build(dimensions.vervar[start : start + step], tails)
        _look_up(keys, built, first, places, readings)
        if not proven:
            _look_up_copies(keys, built, first, places, readings)
    # A key that stands twice has found the same combination twice.
    all_differ = _differ(places[places >= 0])
    places[list(readings)] = AMBIGUOUS
    if not all_differ:
        _mark_repeated(keys, places)
    return Decoded(places, readings)


def _numbers(keys: pa.Array) -> pa.Array | None:
    """Return each key as the number of its digits behind a 1; None if one has no such number."""
    ends = np.frombuffer(keys.buffers()[1], np.int32)[keys.offset :][: len(keys) + 1]
    lengths = np.diff(ends)
    if not len(lengths) or lengths.min() < 1 or lengths.max() > MOST_DIGITS:
        return None
    text = np.frombuffer(keys.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    if text.min() < ord("0") or text.max() > ord("9"):
        return None
    return pa.array(keys.cast(pa.int64()).to_numpy() + POWERS[lengths])


def _sums(heads: Codes, tails: Codes) -> pa.Array:
    """Put every tail behind every head, as numbers."""
    left = np.array([int(f"1{head}") for head in heads], np.int64)
    shifts = POWERS[[len(tail) for tail in tails]]
    right = np.array([int(tail) for tail in tails], np.int64)
    return pa.array((left[:, None] * shifts + right).ravel())


def _texts(heads: Codes, tails: Codes) -> pa.Array:
    """Put every tail behind every head, as texts."""
    left = np.repeat(np.arange(len(heads)), len(tails))
    right = np.tile(np.arange(len(tails)), len(heads))
    return pc.binary_join_element_wise(
        pa.array(heads, pa.string()).take(pa.array(left)),
        pa.array(tails, pa.string()).take(pa.array(right)),
        "",
    )


def _mark_repeated(keys: pa.Array, places: Index) -> None:
    """Mark every copy of a key that stands more than once: nothing says which is right."""
    counts = pc.value_counts(keys)
    twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values")
    if len(twice):
        places[pc.is_in(keys, value_set=twice).to_numpy(zero_copy_only=False)] = REPEATED


def _differ(places: Index) -> bool:
    """Tell whether all places differ."""
    if not len(places):
        return True
    if places.max() < MOST_SEATS * len(places):
        taken = np.zeros(places.max() + 1, dtype=bool)
        taken[places] = True
        return bool(np.count_nonzero(taken) == len(places))
    ordered = np.sort(places)
    return bool((ordered[1:] != ordered[:-1]).all())


def _look_up(
    keys: pa.Array, built: pa.Array, first: int, places: Index, readings: dict[int, list[int]]
) -> None:
    """Look the keys up in a block: each takes the first combination that spells it."""
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


def _look_up_copies(
    keys: pa.Array, built: pa.Array, first: int, places: Index, readings: dict[int, list[int]]
) -> None:
    """Note the combinations of a block that spell a key which an earlier one of it spells too."""
    earliest = pc.index_in(built, value_set=built).to_numpy()
    copies = np.flatnonzero(earliest != np.arange(len(built)))
    if not len(copies):
        return
    found = pc.index_in(built.take(pa.array(copies)), value_set=keys).to_pylist()
    for number, at in zip(copies.tolist(), found, strict=True):
        if at is not None:
            _add_reading(at, first + number, places, readings)


def _add_reading(at: int, number: int, places: Index, readings: dict[int, list[int]]) -> None:
    readings.setdefault(at, [int(places[at])]).append(number)
