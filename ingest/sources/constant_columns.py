"""Columns that say the same in every row, made at the speed of copying memory."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

#: Arrow's strings count their bytes in 32 bits.
LONGEST = 2**31 - 1
#: Columns up to this length are cut from one that is kept.
SHORT = 2_048


def constant(value: Any, field: pa.Field, n: int) -> pa.Array:
    """Return a column of one value, or of NULL where it is None."""
    if n > SHORT:
        return _column(value, field, n)
    return _short(value, field).slice(0, n)


@lru_cache(maxsize=64)
def _short(value: Any, field: pa.Field) -> pa.Array:
    """Make a column once for all short replies: its making costs more than its length."""
    return _column(value, field, SHORT)


def _column(value: Any, field: pa.Field, n: int) -> pa.Array:
    if value is None:
        return pa.nulls(n, field.type)
    if field.type == pa.string():
        return _texts(value.encode(), n)
    return pa.repeat(pa.scalar(value, field.type), n)


def _texts(text: bytes, n: int) -> pa.Array:
    """Lay the text out n times; ``pa.repeat`` takes twenty times as long for a sha256."""
    size = len(text)
    if size * n > LONGEST:
        return pa.repeat(pa.scalar(text.decode(), pa.string()), n)
    places = np.arange(n + 1, dtype=np.int32) * np.int32(size)
    buffers = [None, pa.py_buffer(places), pa.py_buffer(text * n)]
    return pa.Array.from_buffers(pa.string(), n, buffers)
