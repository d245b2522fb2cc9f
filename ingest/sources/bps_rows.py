"""From decoded cells to tidy rows and rejected items, column by column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from ingest import bounds
from ingest.errors import UnitError, UnreadableFileError, ValueRejectedError
from ingest.numbers import DECIMALS, QUANTUM, to_storage
from ingest.observation import DECIMAL, DEFAULTS, OBSERVATIONS, REJECTED, ParseResult
from ingest.protocol import Context, Snapshot
from ingest.schema import Indicator
from ingest.sources.bps_content import Content
from ingest.sources.bps_keys import (
    AMBIGUOUS,
    UNMATCHED,
    Decoded,
    Dimensions,
    Index,
    decode,
)
from ingest.sources.bps_meaning import (
    Days,
    Listing,
    Meaning,
    Meanings,
    Periods,
    categories,
    listing,
    periods,
    regions,
)
from ingest.sources.bps_model import DynamicDataset, label_key, plain
from ingest.sources.constant_columns import same, unkept
from ingest.units import parse_unit, scale_to

Problem = ValueRejectedError
NAMES = OBSERVATIONS.names
#: Not `empty_table`, which imports pandas: a harvest without news must not pay for it.
NONE_REJECTED = pa.Table.from_batches([], schema=REJECTED)


@dataclass(frozen=True)
class Variable:
    """What the reply says of the variable itself."""

    code: str
    unit: str
    decimals: int | None

    @classmethod
    def read(cls, reply: Mapping[str, Any], dataset: DynamicDataset) -> Variable:
        """Read ``var``; raise UnreadableFileError where it is another variable than asked."""
        entry = listing(reply, "var", dataset.dataset).entries[0]
        if entry.code != str(dataset.request.variable):
            raise UnreadableFileError(
                f"{dataset.dataset}: the reply is about variable {entry}, "
                f"the file asks for {dataset.request.variable}"
            )
        said = reply["var"][0]
        decimals = str(said.get("decimal", ""))
        known = decimals.isdecimal() and int(decimals) <= DECIMALS
        return cls(entry.code, plain(said.get("unit") or ""), int(decimals) if known else None)


def scale(variable: Variable, dataset: DynamicDataset, indicator: Indicator) -> Decimal:
    """Return the factor to the indicator's unit.

    Raises UnitError ``unit_changed`` where the reply's unit is not the declared one, and
    those of ``scale_to``.
    """
    declared = dataset.unit
    if declared is not None and label_key(declared) != label_key(variable.unit):
        same = _measure(declared) is not None and _measure(declared) == _measure(variable.unit)
        if not same:
            raise UnitError(
                "unit_changed",
                f"BPS now prints '{variable.unit}' for variable {variable.code}, the file says "
                f"'{declared}': check the figures, then the file",
            )
    return scale_to(dataset.read_as or variable.unit, indicator.unit)


def _measure(unit: str) -> object:
    try:
        return parse_unit(unit)
    except UnitError:
        return None


@dataclass(frozen=True)
class Layout:
    """The dimensions of one reply and what each of their entries means.

    ``periods`` counts th x turth, the last fastest, as combination numbers do.
    """

    codes: Dimensions
    listed: Mapping[str, Listing]
    regions: Meanings[str]
    vervar_categories: Meanings[str]
    turvar_categories: Meanings[str]
    periods: Periods

    @classmethod
    def read(
        cls, reply: Mapping[str, Any], variable: str, dataset: DynamicDataset, context: Context
    ) -> Layout:
        """Read every dimension's list and resolve its entries."""
        listed = {
            name: listing(reply, name, dataset.dataset)
            for name in ("vervar", "turvar", "tahun", "turtahun")
        }
        vervar, turvar, tahun, turtahun = listed.values()
        return cls(
            Dimensions(vervar.codes, variable, turvar.codes, tahun.codes, turtahun.codes),
            listed,
            regions(vervar, dataset, context),
            categories(vervar.entries, "vervar", dataset),
            categories(turvar.entries, "turvar", dataset),
            periods(tahun, turtahun, dataset.period.suffixes, dataset.period.ignored),
        )

    @property
    def is_sound(self) -> bool:
        """Tell whether every entry has a meaning, as it mostly is."""
        lists = (self.regions, self.periods, self.vervar_categories, self.turvar_categories)
        return all(meanings.is_sound for meanings in lists)

    def split(self, places: Index) -> tuple[Index, Index, Index]:
        """Take combination numbers apart: vervar, turvar, th x turth."""
        head, period = np.divmod(places, len(self.periods.each))
        if len(self.turvar_categories.each) == 1:  # as most tables have it
            return head, np.zeros_like(head), period
        vervar, turvar = np.divmod(head, len(self.turvar_categories.each))
        return vervar, turvar, period

    def describe(self, place: int) -> str:
        """Name one combination for people."""
        vervar, turvar, period = (int(at) for at in self.split(np.asarray(place)))
        th, turth = divmod(period, len(self.listed["turtahun"].entries))
        parts = zip(
            ("vervar", "turvar", "tahun", "turtahun"), (vervar, turvar, th, turth), strict=True
        )
        return ", ".join(f"{name} {self.listed[name].entries[at]}" for name, at in parts)


def to_rows(
    dataset: DynamicDataset,
    snapshot: Snapshot,
    context: Context,
    reply: Mapping[str, Any],
    content: Content,
) -> ParseResult:
    """Decode the cells and sort them into tidy rows and rejected items."""
    indicator = context.indicators[dataset.indicator]
    variable = Variable.read(reply, dataset)
    layout = Layout.read(reply, variable.code, dataset, context)
    decoded = decode(content.keys, layout.codes)
    problems = _cell_problems(decoded, layout, content)
    try:
        factor = scale(variable, dataset, indicator)
    except UnitError as error:
        problems = dict.fromkeys(range(len(content.keys)), error)
        factor = Decimal(1)
    values = _scaled(content.values, factor, problems)
    problems |= _beyond_bounds(values, indicator, problems)
    rejected = _rejected(problems, content, dataset, snapshot)
    places = decoded.places
    if problems:
        good = np.ones(len(places), dtype=bool)
        good[list(problems)] = False
        mask = pa.array(good)
        places, values = places[good], values.filter(mask)
        content = Content(content.keys.filter(mask), content.texts.filter(mask), values, {})
    constants = _constants(dataset, context, indicator, reply) | {
        "precision": _precision(variable, factor)
    }
    columns = _dimension_columns(layout, places, dataset) | {
        "snapshot_id": unkept("snapshot_id", snapshot.snapshot_id, len(places)),
        "locator": content.keys,
        "value": values,
        "value_text": content.texts,
    }
    return ParseResult(_table(columns, constants, len(places)), rejected, len(decoded.places))


# -- problems -------------------------------------------------------------------------


def _cell_problems(decoded: Decoded, layout: Layout, content: Content) -> dict[int, Problem]:
    """Return the first thing wrong with each cell, by the cell's place."""
    problems: dict[int, Problem] = {}
    places = decoded.places
    for at in np.flatnonzero(places < 0).tolist():
        problems[at] = _key_problem(int(places[at]), decoded.readings.get(at, ()), layout)
    if not layout.is_sound:
        for meanings, index in _meanings_by_cell(layout, places):
            broken = np.asarray([meaning.problem is not None for meaning in meanings])
            for at in np.flatnonzero(broken[index] & (places >= 0)).tolist():
                problems.setdefault(at, meanings[index[at]].problem)
    for at, error in content.problems.items():
        problems.setdefault(at, error)
    return problems


def _key_problem(place: int, readings: Sequence[int], layout: Layout) -> Problem:
    """Say why a key means no combination."""
    if place == UNMATCHED:
        return Problem(
            "unmatched_key", "no combination of the dimensions that the reply lists has this key"
        )
    if place == AMBIGUOUS:
        described = "; or ".join(layout.describe(reading) for reading in readings)
        return Problem("ambiguous_key", f"the key means {described}")
    return Problem("repeated_key", "the reply holds this key more than once")


def _meanings_by_cell(layout: Layout, places: Index) -> list[tuple[Sequence[Meaning[Any]], Index]]:
    vervar, turvar, period = layout.split(np.maximum(places, 0))
    return [
        (layout.regions.each, vervar),
        (layout.periods.each, period),
        (layout.vervar_categories.each, vervar),
        (layout.turvar_categories.each, turvar),
    ]


def _scaled(values: pa.Array, factor: Decimal, problems: dict[int, Problem]) -> pa.Array:
    """Multiply by the unit's scale; a value that then is too large becomes a problem."""
    if factor == 1:
        return values
    scaled: list[Decimal | None] = []
    for at, value in enumerate(values.to_pylist()):
        try:
            scaled.append(None if value is None else to_storage(value * factor, str(value)))
        except Problem as error:
            problems.setdefault(at, error)
            scaled.append(None)
    return pa.array(scaled, DECIMAL)


def _beyond_bounds(
    values: pa.Array, indicator: Indicator, problems: Mapping[int, Problem]
) -> dict[int, Problem]:
    """Find the values that the indicator can't have."""
    found: dict[int, Problem] = {}
    if bounds.hold(indicator, values):
        return found
    for at, value in enumerate(values.to_pylist()):
        if value is not None and at not in problems:
            error = _out_of_bounds(indicator, value)
            found |= {at: error} if error else {}
    return found


def _out_of_bounds(indicator: Indicator, value: Decimal) -> Problem | None:
    try:
        bounds.check(indicator, value)
    except Problem as error:
        return error
    return None


def _rejected(
    problems: Mapping[int, Problem],
    content: Content,
    dataset: DynamicDataset,
    snapshot: Snapshot,
) -> pa.Table:
    if not problems:
        return NONE_REJECTED
    order = sorted(problems)
    where = pa.array(order, pa.int64())
    columns = {
        "dataset_id": pa.repeat(dataset.dataset, len(order)),
        "snapshot_id": pa.repeat(snapshot.snapshot_id, len(order)),
        "locator": content.keys.take(where),
        "raw_value": content.texts.take(where),
        "rule": pa.array([problems[at].rule for at in order], pa.string()),
        "message": pa.array([str(problems[at]) for at in order], pa.string()),
    }
    return pa.table(columns, schema=REJECTED)


# -- columns --------------------------------------------------------------------------


def _dimension_columns(
    layout: Layout, places: Index, dataset: DynamicDataset
) -> dict[str, pa.Array]:
    """Spread what the entries mean over the cells."""
    by_vervar, by_turvar, by_period = layout.split(places)
    vervar, (start, end) = pa.array(by_vervar), layout.periods.days
    columns = {
        "region_code": layout.regions.column.take(vervar),
        "period_label": layout.periods.labels.take(pa.array(by_period)),
        "period_start": _dates(start[by_period]),
        "period_end": _dates(end[by_period]),
    }
    if dataset.breakdown is not None:
        meanings, at = (
            (layout.vervar_categories, vervar)
            if dataset.breakdown.from_ == "vervar"
            else (layout.turvar_categories, pa.array(by_turvar))
        )
        is_total = pc.equal(meanings.column, "total")
        columns["category"] = meanings.column.take(at)
        columns["breakdown"] = pc.if_else(is_total, "total", dataset.breakdown.breakdown).take(at)
    return columns


def _dates(days: Days) -> pa.Array:
    """Make dates of days since 1970, in the memory they lie in."""
    return pa.Array.from_buffers(pa.date32(), len(days), [None, pa.py_buffer(days)])


def _constants(
    dataset: DynamicDataset,
    context: Context,
    indicator: Indicator,
    reply: Mapping[str, Any],
) -> dict[str, Any]:
    """Return what is the same in every row."""
    source = context.sources[dataset.source]
    last_update = str(reply.get("last_update") or "")
    return {
        **DEFAULTS,
        "dataset_id": dataset.dataset,
        "indicator_id": indicator.indicator,
        "period_kind": dataset.period.kind,
        "stage": dataset.stage,
        "perimeter": dataset.perimeter,
        "attributes": (
            orjson.dumps({"last_update": last_update}).decode() if last_update else None
        ),
        "unit": indicator.unit,
        "series_version": dataset.series_version,
        "source_id": source.source,
        "source_name": source.name,
        "source_url": source.url,
        "provenance_tier": source.provenance_tier,
        "claimant": dataset.claimant,
    }


def _precision(variable: Variable, factor: Decimal) -> Decimal | None:
    if variable.decimals is None:
        return None
    place = Decimal(1).scaleb(-variable.decimals) * factor
    return place if place >= QUANTUM else None


def _table(columns: dict[str, pa.Array], constants: Mapping[str, Any], n: int) -> pa.Table:
    """Put columns and constants into the order and types of OBSERVATIONS."""
    both = dict(zip(constants, same(tuple(constants.items()), n), strict=True)) | columns
    arrays = [both[name] for name in NAMES]
    return pa.Table.from_arrays(arrays, schema=OBSERVATIONS)
