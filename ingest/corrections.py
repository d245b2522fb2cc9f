"""Declared corrections, held against what is published now, for the warehouse to apply.

A correction names one claim and the text it is expected to carry. Where no claim, or more
than one, fits any more (upstream fixed it, a page changed, a label moved) the build stops and
says so: a correction must never outlive the error it was declared for. Nothing is changed
here: the rows stay as published, and dbt puts the corrected claim beside the uncorrected one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest import bounds
from ingest.catalogue import Catalogue, DeclaredCorrection
from ingest.errors import CatalogueError, ValueRejectedError
from ingest.numbers import parse_number, to_storage
from ingest.observation import DECIMAL
from ingest.periods import parse_period
from ingest.regions import RegionRegister
from ingest.schema import Changes, Indicator
from ingest.units import scale_to

Row = Mapping[str, Any]
#: From a dataset's name to the rows it carries now; None where it has no snapshot at all.
CurrentRows = Callable[[str], pa.Table | None]

_TEXTS = (
    "correction_id", "kind", "status", "dataset_id", "snapshot_id", "locator",
    "indicator_id", "region_code", "period_label", "expected_text", "reason_id", "reason_en",
    "reported_by", "declared_in",
    "set_value_text", "set_indicator_id", "set_region_code", "set_period_label", "set_stage",
    "set_perimeter", "set_baseline", "set_series_version",
)  # fmt: skip
SCHEMA = pa.schema(
    [pa.field(name, pa.string()) for name in _TEXTS]
    + [
        pa.field("set_value", DECIMAL),
        pa.field("set_precision", DECIMAL),
        pa.field("set_period_start", pa.date32()),
        pa.field("set_period_end", pa.date32()),
        pa.field("reported_on", pa.date32()),
    ]
)

#: What a correction may say about a claim, and the column that says it.
ADDRESS = {
    "indicator": "indicator_id", "region": "region_code", "period": "period_label",
    "stage": "stage", "perimeter": "perimeter", "breakdown": "breakdown",
    "category": "category", "baseline": "baseline", "series_version": "series_version",
    "claimant": "claimant", "source_url": "source_url",
}  # fmt: skip

#: What makes two rows the same claim: all that the warehouse hashes to an obs_id.
IDENTITY = (
    "indicator_id", "region_code", "period_start", "period_end", "period_label", "stage",
    "perimeter", "baseline", "breakdown", "category", "series_version", "source_id",
    "claimant", "published_at", "value_text", "unit",
)  # fmt: skip


def check(catalogue: Catalogue, rows: CurrentRows, geography: Path) -> list[dict[str, Any]]:
    """Find the claim of every correction and say what it comes to.

    A correction of a dataset that has no snapshot yet waits. Raises CatalogueError, naming the
    file, the entry, what was expected and what is there, for the first that fits not exactly
    one claim, and for two that fit the same.
    """
    tables: dict[str, pa.Table | None] = {}
    checked: list[dict[str, Any]] = []
    taken: dict[tuple[Any, ...], str] = {}
    register = RegionRegister.load(geography) if catalogue.corrections else None
    for _, declared in sorted(catalogue.corrections.items()):
        dataset = declared.entry.dataset
        if dataset not in tables:
            tables[dataset] = rows(dataset)
        table = tables[dataset]
        if table is None:
            checked.append(_described(declared, "waiting"))
            continue
        claim = _one_claim(declared, table)
        identity = (dataset, *(claim[name] for name in IDENTITY))
        if identity in taken:
            raise CatalogueError(f"{declared} is about the same claim as '{taken[identity]}'")
        taken[identity] = declared.entry.correction
        checked.append(_described(declared, "applied") | _applied(declared, claim, catalogue))
        if register and declared.entry.changes and declared.entry.changes.region:
            _region(declared, declared.entry.changes.region, register)
    return checked


def _one_claim(declared: DeclaredCorrection, table: pa.Table) -> Row:
    """Return the one claim at the address that carries the expected text."""
    entry = declared.entry
    there = list(_at_address(declared, table))
    fitting = [row for row in there if row["value_text"] == entry.expect]
    if len({tuple(row[name] for name in IDENTITY) for row in fitting}) == 1:
        return fitting[0]
    where = ", ".join(f"{name} {text}" for name, text in _address(declared).items())
    if fitting:
        raise CatalogueError(
            f"{declared} expects one claim of '{entry.expect}' in {entry.dataset} ({where}), but "
            f"{len(fitting)} carry it: name the source_url or the claimant"
        )
    found = ", ".join(sorted({f"'{row['value_text']}'" for row in there})) or "no claim at all"
    raise CatalogueError(
        f"{declared} expects '{entry.expect}' in {entry.dataset} ({where}), but there is "
        f"{found}. Was it put right upstream? Then delete the correction; otherwise adjust it"
    )


def _address(declared: DeclaredCorrection) -> dict[str, str]:
    return declared.entry.where.model_dump(exclude_none=True)


def _at_address(declared: DeclaredCorrection, table: pa.Table) -> Iterator[Row]:
    kept = pa.scalar(True)
    for name, text in _address(declared).items():
        column = pc.fill_null(table[ADDRESS[name]], "")
        kept = pc.and_(kept, pc.equal(column, text))
    yield from table.filter(kept).to_pylist()


def _described(declared: DeclaredCorrection, status: str) -> dict[str, Any]:
    entry = declared.entry
    return {
        **dict.fromkeys(SCHEMA.names),
        "correction_id": entry.correction,
        "kind": entry.kind,
        "status": status,
        "dataset_id": entry.dataset,
        "indicator_id": entry.where.indicator,
        "region_code": entry.where.region,
        "period_label": entry.where.period,
        "expected_text": entry.expect,
        "reason_id": entry.reason.id,
        "reason_en": entry.reason.en,
        "reported_by": entry.reported_by,
        "reported_on": entry.reported_on,
        "declared_in": f"corrections/{declared.path.name}",
    }


def _applied(declared: DeclaredCorrection, claim: Row, catalogue: Catalogue) -> dict[str, Any]:
    """Return where the claim stands and what its columns become."""
    place = {"snapshot_id": claim["snapshot_id"], "locator": claim["locator"]}
    changes = declared.entry.changes
    if changes is None:
        return place
    indicator = catalogue.indicator(changes.indicator or claim["indicator_id"])
    if indicator.unit != claim["unit"]:
        raise CatalogueError(
            f"{declared} moves a figure in {claim['unit']} to {indicator.indicator}, which is "
            f"in {indicator.unit}"
        )
    try:
        return place | _changed(declared, changes, claim, indicator)
    except ValueRejectedError as error:
        raise CatalogueError(f"{declared}: {error}") from None


def _changed(
    declared: DeclaredCorrection, changes: Changes, claim: Row, indicator: Indicator
) -> dict[str, Any]:
    changed: dict[str, Any] = {
        "set_indicator_id": changes.indicator,
        "set_region_code": changes.region,
        "set_stage": changes.stage,
        "set_perimeter": changes.perimeter,
        "set_baseline": changes.baseline,
        "set_series_version": changes.series_version,
        "set_precision": Decimal(changes.precision) if changes.precision else None,
    }
    if changes.period:
        period = parse_period(changes.period)
        changed |= {
            "set_period_label": period.label,
            "set_period_start": period.end if changes.period_day else period.start,
            "set_period_end": period.end,
        }
    if changes.value is not None:
        value = _value(declared, changes, claim, indicator)
        changed |= {"set_value": value, "set_value_text": changes.value}
    if all(value is None or value == claim[name[4:]] for name, value in changed.items()):
        raise CatalogueError(f"{declared} sets what the claim says already")
    return changed


def _value(
    declared: DeclaredCorrection, changes: Changes, claim: Row, indicator: Indicator
) -> Decimal:
    """Scale the right value as the wrong one was; the unit must be the one it was printed in."""
    factor = scale_to(changes.unit or indicator.unit, indicator.unit)
    printed = parse_number(claim["value_text"], ".").value
    if printed is None or to_storage(printed * factor, claim["value_text"]) != claim["value"]:
        raise CatalogueError(
            f"{declared}: '{claim['value_text']}' was not published in "
            f"{changes.unit or indicator.unit}: say in which unit `value` is"
        )
    number = parse_number(changes.value or "", ".").value
    if number is None:
        raise CatalogueError(f"{declared}: `value` is no number; to take a claim out, withdraw it")
    value = to_storage(number * factor, changes.value or "")
    bounds.check(indicator, value)
    return value


def _region(declared: DeclaredCorrection, code: str, register: RegionRegister) -> None:
    try:
        register.region(code)
    except ValueRejectedError as error:
        raise CatalogueError(f"{declared}: {error}") from None
