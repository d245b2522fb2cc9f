"""What the entries of a reply's dimensions mean: regions, periods, categories, or nothing.

Each entry is resolved once, not once a cell. An entry that can't be read carries the rule
and the message with which each of its cells is rejected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache, partial
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from ingest.errors import PeriodError, RegionError, UnreadableFileError, ValueRejectedError
from ingest.periods import Period, parse_period
from ingest.protocol import Context
from ingest.regions import RegionRegister
from ingest.sources.bps_model import (
    BreakdownOf,
    DynamicDataset,
    RegionOfVervar,
    label_key,
    plain,
)

Target = TypeVar("Target")
Days = npt.NDArray[np.int32]
#: What BPS lists as the only derived variable where a table has none.
UNUSED = "0"
_NO_SPAN = Period("", None, None)


class Entry(NamedTuple):
    """One ``{val, label}`` of a dimension; ``val`` comes as a number or as text."""

    code: str
    label: str

    def __str__(self) -> str:
        return f"{self.code} '{self.label}'"


@dataclass(frozen=True)
class Meaning(Generic[Target]):
    """What one entry stands for, or why its cells are rejected."""

    target: Target | None
    problem: ValueRejectedError | None = None


@dataclass(frozen=True, eq=False)
class Meanings(Generic[Target]):
    """What each entry of a dimension stands for, in the order of its list."""

    each: tuple[Meaning[Target], ...]

    @cached_property
    def is_sound(self) -> bool:
        """Tell whether every entry has a meaning, as it mostly is."""
        return not any(meaning.problem for meaning in self.each)

    @cached_property
    def column(self) -> pa.Array:
        """Return the targets as texts, NULL where there is none."""
        return pa.array([meaning.target for meaning in self.each], pa.string())


@dataclass(frozen=True, eq=False)
class Listing:
    """A dimension's list. The same list is the same object again, in whichever reply."""

    entries: tuple[Entry, ...]
    codes: tuple[str, ...]


class Periods(Meanings[Period]):
    """What each year x round means, and the columns of that: label, first and last day."""

    @cached_property
    def labels(self) -> pa.Array:
        """Return the label of each, NULL where it has no meaning."""
        return pa.array([span.target and span.target.label for span in self.each], pa.string())

    @cached_property
    def days(self) -> tuple[Days, Days]:
        """Return first and last day of each, counted from 1970; 0 where it has no meaning."""
        spans = [span.target or _NO_SPAN for span in self.each]
        return _days([span.start for span in spans]), _days([span.end for span in spans])


def _days(dates: Sequence[date | None]) -> Days:
    counted = pa.array(dates, pa.date32()).cast(pa.int32()).fill_null(0)
    return np.asarray(counted.to_numpy(zero_copy_only=False))


def listing(reply: Mapping[str, Any], dimension: str, dataset: str) -> Listing:
    """Read a dimension's list, exact repeats left out; raise UnreadableFileError if malformed."""
    try:
        return _listing(orjson.dumps(reply.get(dimension)))
    except (TypeError, KeyError, ValueError):
        raise UnreadableFileError(
            f"{dataset}: the reply's `{dimension}` is no list of {{val, label}}: either this is "
            "no reply of model=data, or BPS has changed its form"
        ) from None


@lru_cache(maxsize=64)
def _listing(listed: bytes) -> Listing:
    """Read a list once: the windows of a variable have most of theirs in common."""
    items = orjson.loads(listed)
    found = tuple(dict.fromkeys(Entry(_code(item["val"]), plain(item["label"])) for item in items))
    if not found:
        raise ValueError(listed)
    return Listing(found, tuple(entry.code for entry in found))


def _code(val: object) -> str:
    text = str(val)
    if type(val) not in (int, str) or not (text.isascii() and text.isdecimal()):
        raise ValueError(val)
    return text


def regions(listed: Listing, dataset: DynamicDataset, context: Context) -> Meanings[str]:
    """Resolve the vertical variable's entries to region codes."""
    region = dataset.region
    if isinstance(region, RegionOfVervar):
        within = None if dataset.request.domain == "0000" else dataset.request.domain[:2] + "00"
        return _listed_regions(listed, within, context.regions)
    fixed = _meaning(partial(context.regions.resolve_code, region.code))
    if _is_breakdown(dataset, "vervar") or len(listed.entries) == 1:
        return Meanings((fixed,) * len(listed.entries))
    return Meanings(tuple(Meaning(None, _undeclared("vervar", entry)) for entry in listed.entries))


@lru_cache(maxsize=16)
def _listed_regions(listed: Listing, within: str | None, register: RegionRegister) -> Meanings[str]:
    """Resolve a list once: every window of a variable has the same one."""
    entries = listed.entries
    return _apart(
        entries, [_meaning(partial(_region, entry, within, register)) for entry in entries]
    )


def _region(entry: Entry, within: str | None, register: RegionRegister) -> str:
    """Resolve by code; a domain with codes of its own is resolved by name inside it."""
    try:
        return register.resolve_code(entry.code)
    except RegionError as unknown:
        try:
            province = register.name(within) if within else None
            return register.resolve_name(entry.label, within=province)
        except RegionError:
            raise RegionError(unknown.rule, f"{entry} is no region we know: {unknown}") from None


def categories(listed: Sequence[Entry], dimension: str, dataset: DynamicDataset) -> Meanings[str]:
    """Resolve a dimension's entries to categories; without a breakdown only an unused one is."""
    if not _is_breakdown(dataset, dimension):
        if dimension == "vervar" or (len(listed) == 1 and listed[0].code == UNUSED):
            return _all_total(len(listed))
        return Meanings(tuple(Meaning(None, _undeclared(dimension, entry)) for entry in listed))
    assert dataset.breakdown is not None  # noqa: S101 - _is_breakdown has just seen it
    known = {label_key(label): name for label, name in dataset.breakdown.categories.items()}
    return _apart(listed, [_category(entry, known, dataset.breakdown) for entry in listed])


@lru_cache(maxsize=16)
def _all_total(n: int) -> Meanings[str]:
    return Meanings((Meaning("total"),) * n)


def _category(entry: Entry, known: Mapping[str, str], breakdown: BreakdownOf) -> Meaning[str]:
    if label_key(entry.label) in map(label_key, breakdown.ignore):
        return Meaning(None, ValueRejectedError("ignored_category", f"{entry} is not asked for"))
    if label_key(entry.label) not in known:
        return Meaning(
            None,
            ValueRejectedError(
                "unknown_category", f"{entry} is in neither categories nor ignore of the file"
            ),
        )
    return Meaning(known[label_key(entry.label)])


@lru_cache(maxsize=64)
def periods(
    years: Listing, rounds: Listing, suffixes: tuple[tuple[str, str], ...], ignored: frozenset[str]
) -> Periods:
    """Resolve every year x round, the round fastest; ``suffixes`` say what a round's label means.

    The windows of one table ask for the years that those of the next ask for.
    """
    known = dict(suffixes)
    meanings = _apart(rounds.entries, [_round(entry, known, ignored) for entry in rounds.entries])
    return Periods(
        tuple(_period(year, meaning) for year in years.entries for meaning in meanings.each)
    )


def _round(entry: Entry, known: Mapping[str, str], ignored: frozenset[str]) -> Meaning[str]:
    key = label_key(entry.label)
    if key in ignored:
        return Meaning(
            None, PeriodError("ignored_period", f"the file declares {entry} as not asked for")
        )
    if key not in known:
        return Meaning(
            None, PeriodError("unknown_period", f"{entry} is in no list of the file's `period`")
        )
    return Meaning(known[key])


def _period(year: Entry, suffix: Meaning[str]) -> Meaning[Period]:
    if suffix.target is None:
        return Meaning(None, suffix.problem)
    return _meaning(partial(_dated, f"{year.label}{suffix.target}"))


def _dated(label: str) -> Period:
    """Read a period that has days, as every year of BPS has."""
    found = parse_period(label)
    if found.start is None or found.end is None:
        raise PeriodError("unknown_period", f"'{label}' is no year")
    return found


def _meaning(read: Callable[[], Target]) -> Meaning[Target]:
    try:
        return Meaning(read())
    except ValueRejectedError as error:
        return Meaning(None, error)


def _apart(listed: Sequence[Entry], meanings: Sequence[Meaning[Target]]) -> Meanings[Target]:
    """Refuse entries that come to the same thing: nothing says which of them is right."""
    counts = Counter(m.target for m in meanings if m.target is not None)
    return Meanings(
        tuple(
            replace(meaning, target=None, problem=_same(entry, meaning, listed, meanings))
            if meaning.target is not None and counts[meaning.target] > 1
            else meaning
            for entry, meaning in zip(listed, meanings, strict=True)
        )
    )


def _same(
    entry: Entry,
    meaning: Meaning[Target],
    listed: Sequence[Entry],
    meanings: Sequence[Meaning[Target]],
) -> ValueRejectedError:
    others = [
        str(other)
        for other, its in zip(listed, meanings, strict=True)
        if other is not entry and its.target == meaning.target
    ]
    return ValueRejectedError(
        "duplicate_dimension",
        f"{entry} means the same as {', '.join(others)}: nothing says which is right",
    )


def _is_breakdown(dataset: DynamicDataset, dimension: str) -> bool:
    return dataset.breakdown is not None and dataset.breakdown.from_ == dimension


def _undeclared(dimension: str, entry: Entry) -> ValueRejectedError:
    return ValueRejectedError(
        "undeclared_dimension",
        f"{dimension} lists {entry}, and the file says nothing about {dimension}: "
        "give it a `breakdown`",
    )
