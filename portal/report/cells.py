"""Writes figures of the marts into fields of a report's tables."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from portal import formats
from portal.formats import Lang
from portal.marts import Row
from portal.report.model import Cell

Value = Decimal | int | None
Write = Callable[[Value], str]


def plain(text: str) -> Cell:
    """Return a field of text."""
    return Cell(text)


def figure(value: Value, write: Write, row: Row | None = None) -> Cell:
    """Return a field of a figure, marked where it is missing, derived or disputed."""
    if value is None:
        return Cell(write(None), mark="missing")
    exact = format(value, "f") if isinstance(value, Decimal) else str(value)
    if row and row.get("has_conflict"):
        return Cell(write(value) + " ≠", exact, "disputed")
    if row and row.get("is_derived"):
        return Cell(write(value) + " ◇", exact, "derived")
    return Cell(write(value), exact)


def rate(lang: Lang) -> Write:
    """Write a rate to two decimals, without the word for percent: the heading has it."""
    return partial(formats.number, lang=lang, places=2)


def money(lang: Lang) -> Write:
    """Write money shortly."""
    return partial(formats.rupiah, lang=lang)


def share(lang: Lang) -> Write:
    """Write a percentage to one decimal, without the word."""
    return partial(formats.number, lang=lang, places=1)


def count(lang: Lang) -> Write:
    """Write a whole number."""
    return partial(formats.number, lang=lang, places=0)


def in_unit(unit: str, lang: Lang) -> Write:
    """Write a value with its unit."""
    return partial(formats.quantity, unit=unit, lang=lang)
