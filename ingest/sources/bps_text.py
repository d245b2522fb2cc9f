"""Read ``datacontent`` straight from a reply's bytes: faster than objects, and to the letter.

Only the plain form that BPS sends is read here: one flat object of quoted keys and bare
numbers without white space. Everything else is left to the JSON parser. The numbers keep
the digits as printed, and a key that stands twice is seen twice, where a parser keeps one.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from ingest.numbers import DECIMALS
from ingest.observation import DECIMAL
from ingest.sources.bps_content import EXACT_TO_SIX_DECIMALS, Content

_START = b'"datacontent":{'
_CHARACTERS = b'0123456789.-+eE,:"'
#: Below this many bytes a content is split in Python; and how many bytes are looked at.
SMALL = 32_768
LOOK = 2_048
#: More decimals than the warehouse keeps.
_LONG = re.compile(rb"\.\d{%d}" % (DECIMALS + 1))


def cut_content(body: bytes) -> tuple[bytes, Content] | None:
    """Return the reply with its content emptied, and the content; None if it isn't plain."""
    start = body.find(_START) + len(_START)
    end = body.find(b"}", start)
    if start < len(_START) or end < 0 or body.find(_START, start) >= 0:
        return None
    inner = body[start:end]
    if not _is_plain(inner):
        return None
    content = _columns(inner)
    return None if content is None else (body[:start] + body[end:], content)


def _is_plain(inner: bytes) -> bool:
    """Tell whether the bytes are ``"key":number,"key":number`` and nothing but that.

    Every colon follows a closing quote, every comma comes before an opening one, and there
    are no other quotes: so each key and each number stands where it should.
    """
    if not inner.startswith(b'"') or inner.translate(None, _CHARACTERS):
        return False
    text = np.frombuffer(inner, np.uint8)
    quotes, colons, commas = text == ord('"'), text == ord(":"), text == ord(",")
    n_members = np.count_nonzero(colons)
    return bool(
        np.count_nonzero(quotes[:-1] & colons[1:]) == n_members
        and np.count_nonzero(commas) == n_members - 1
        and np.count_nonzero(commas[:-1] & quotes[1:]) == n_members - 1
        and np.count_nonzero(quotes) == 2 * n_members
    )


def _columns(inner: bytes) -> Content | None:
    """Split the members; None where a value is no number in reach."""
    keys, texts = _few(inner) if len(inner) < SMALL else _many(inner)
    # A cast that fails costs several that succeed: a look at some values tells beforehand.
    if _LONG.search(inner, 0, LOOK):
        return _rounded(keys, texts)
    try:
        return Content(keys, texts, texts.cast(DECIMAL), {})
    except pa.ArrowInvalid:
        return _rounded(keys, texts)


def _few(inner: bytes) -> tuple[pa.Array, pa.Array]:
    """Split a small content: a CSV reader takes longer to start than this takes to end."""
    parts = inner.decode()[1:].replace('":', ',"').split(',"')
    return pa.array(parts[0::2], pa.string()), pa.array(parts[1::2], pa.string())


def _many(inner: bytes) -> tuple[pa.Array, pa.Array]:
    """Let the CSV reader split a large content."""
    table = csv.read_csv(
        pa.BufferReader(inner.replace(b",", b"\n")),
        read_options=csv.ReadOptions(
            column_names=["key", "text"], use_threads=False, block_size=len(inner) + 1
        ),
        parse_options=csv.ParseOptions(delimiter=":"),
        convert_options=csv.ConvertOptions(
            column_types={"key": pa.string(), "text": pa.string()}, strings_can_be_null=False
        ),
    )
    keys, texts = (column.combine_chunks() for column in table.columns)
    return keys, texts


def _rounded(keys: pa.Array, texts: pa.Array) -> Content | None:
    """Round what has more than six decimals, as long as a double tells those six apart."""
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
    if not pc.max(pc.abs(numbers)).as_py() < EXACT_TO_SIX_DECIMALS:
        return None
    return Content(keys, texts, numbers.cast(DECIMAL), {})
