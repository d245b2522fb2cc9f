"""Columns of observations that say the same in every row, at the speed of copying memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from ingest.observation import OBSERVATIONS

#: Arrow's strings count their bytes in 32 bits.
LONGEST = 2**31 - 1
#: Columns up to this length are cut from one that is kept: making one costs more than using it.
KEPT = 1 << 15
_KINDS = dict(zip(OBSERVATIONS.names, OBSERVATIONS.types, strict=True))


def same(values: tuple[tuple[str, Any], ...], n: int) -> Sequence[pa.Array]:
    """Return a column for each name with its value in every row, with NULL where that is None."""
    if n > KEPT:
        return [unkept(name, value, n) for name, value in values]
    return _cut(values, n)


def unkept(name: str, value: Any, n: int) -> pa.Array:
    """Make a column of a value that no other reply has, and keep nothing of it."""
    kind = _KINDS[name]
    if value is None:
        return pa.nulls(n, kind)
    if kind == pa.string():
        return _texts(value.encode(), n)
    return pa.repeat(pa.scalar(value, kind), n)


@lru_cache(maxsize=4)
def _cut(values: tuple[tuple[str, Any], ...], n: int) -> Sequence[pa.Array]:
    """Cut columns to a length; the windows of a table that lacks no cell are equally long."""
    return tuple(column.slice(0, n) for column in _kept_together(values, 1 << n.bit_length()))


@lru_cache(maxsize=1)
def _kept_together(values: tuple[tuple[str, Any], ...], n: int) -> list[pa.Array]:
    """Find all columns of a table at once: its windows differ in no constant."""
    return [_kept(name, value, n) for name, value in values]


@lru_cache(maxsize=40)
def _kept(name: str, value: Any, n: int) -> pa.Array:
    return unkept(name, value, n)


def _texts(text: bytes, n: int) -> pa.Array:
    """Lay the text out n times; ``pa.repeat`` takes twenty times as long for a sha256."""
    size = len(text)
    if size * n > LONGEST:
        return pa.repeat(pa.scalar(text.decode(), pa.string()), n)
    places = np.arange(n + 1, dtype=np.int32) * np.int32(size)
    buffers = [None, pa.py_buffer(places), pa.py_buffer(text * n)]
    return pa.Array.from_buffers(pa.string(), n, buffers)
