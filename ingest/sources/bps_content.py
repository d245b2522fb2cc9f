"""The cells of ``datacontent`` as columns: key, the number as printed, and its exact value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from ingest.errors import NumberError
from ingest.numbers import QUANTUM, to_storage
from ingest.observation import DECIMAL

#: Below it a double is nearer to its printed six decimals than to any others.
EXACT_TO_SIX_DECIMALS = 1e9
#: How far, at most, a double times a million is from what was printed, as a share of it.
ERROR = 2.0**-51


@dataclass(frozen=True)
class Content:
    """The cells in their own order. ``values`` is NULL where ``problems`` has a rule."""

    keys: pa.Array
    texts: pa.Array
    values: pa.Array
    problems: Mapping[int, NumberError]


def read_content(cells: Mapping[str, Any]) -> Content:
    """Turn a parsed ``datacontent`` into columns.

    A value that is no JSON number (text, null, true, a list) keeps its text and gets a
    problem with the rule ``non_numeric``; one too large for the warehouse ``too_large``.
    """
    keys = pa.array(list(cells), pa.string())
    listed = list(cells.values())
    kinds = set(map(type, listed))
    if kinds <= {int, float}:
        try:
            return _whole(keys, listed) if kinds == {int} else _real(keys, listed)
        except (pa.ArrowInvalid, OverflowError):
            pass  # beyond a double's or a decimal's reach: read one by one
    return _one_by_one(keys, listed)


def _whole(keys: pa.Array, listed: list[Any]) -> Content:
    numbers = pa.array(listed, pa.int64())
    return Content(keys, numbers.cast(pa.string()), numbers.cast(DECIMAL), {})


def _real(keys: pa.Array, listed: list[Any]) -> Content:
    numbers = pa.array(listed, pa.float64())
    texts = numbers.cast(pa.string())
    return Content(keys, texts, to_decimals(texts, numbers), {})


def to_decimals(texts: pa.Array, numbers: pa.Array) -> pa.Array:
    """Return printed numbers exactly, rounded half-even where they have over six decimals.

    ``numbers`` are the same as doubles, of which millionths are counted in a fifth of the
    time that reading the texts takes. Raises ArrowInvalid for what the doubles can't tell
    and the warehouse can't hold.
    """
    scaled = numbers.to_numpy() * 1e6
    if not np.abs(scaled).max(initial=0) < EXACT_TO_SIX_DECIMALS * 1e6:
        return texts.cast(DECIMAL)
    millionths = np.rint(scaled)
    near_half = np.abs(scaled - millionths) >= 0.5 - np.abs(scaled) * ERROR
    for at in np.flatnonzero(near_half).tolist():  # the text says to which side
        text = texts[at].as_py()
        millionths[at] = int(to_storage(Decimal(text), text) / QUANTUM)
    halves = np.empty((len(millionths), 2), "<i8")  # 128 bits, the lower ones first
    halves[:, 0] = millionths
    halves[:, 1] = halves[:, 0] >> 63
    return pa.Array.from_buffers(DECIMAL, len(halves), [None, pa.py_buffer(halves)])


def _one_by_one(keys: pa.Array, listed: list[Any]) -> Content:
    texts, values, problems = [], [], {}
    for at, item in enumerate(listed):
        text = str(item) if type(item) in (int, float) else orjson.dumps(item).decode()
        value = None
        try:
            value = _number(item, text)
        except NumberError as error:
            problems[at] = error
        texts.append(text)
        values.append(value)
    return Content(keys, pa.array(texts, pa.string()), pa.array(values, DECIMAL), problems)


def _number(item: Any, text: str) -> Decimal:
    if type(item) not in (int, float):
        raise NumberError("non_numeric", f"the value {text[:60]} is no number")
    return to_storage(Decimal(text), text)
