"""Read a file of cited figures: each line a tidy row, or rejected with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from ingest import bounds
from ingest.errors import UnreadableFileError, ValueRejectedError
from ingest.numbers import QUANTUM, parse_number, to_storage
from ingest.observation import ParseResult, observation_table, rejected_table
from ingest.periods import Period, PeriodKind, parse_date, parse_period, within
from ingest.protocol import Context, Snapshot
from ingest.schema import Indicator, Perimeter, Stage, Tier
from ingest.sources.citations import source_id_of
from ingest.sources.cited_model import COLUMNS, CitedFigures
from ingest.sources.text_rows import decode, rows
from ingest.units import scale_to

Row = Mapping[str, str]

STAGES, PERIMETERS, TIERS = (frozenset(get_args(t)) for t in (Stage, Perimeter, Tier))
KINDS = frozenset(get_args(PeriodKind))
BASES = frozenset({"stated", "url", "found", "month", "none"})
#: What makes two lines the same citation: the figure's key, who said it where, and the value.
CITATION = (
    "indicator_id", "breakdown", "category", "region_code", "period_label", "period_start",
    "period_end", "period_kind", "stage", "perimeter", "perimeter_note", "baseline",
    "series_version", "source_id", "claimant", "value", "published_at",
)  # fmt: skip


def read_citations(
    dataset: CitedFigures, snapshot: Snapshot, body: bytes, context: Context
) -> ParseResult:
    """Read the whole file. Raises UnreadableFileError where it is not of this form."""
    observations: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    lines = rows(decode(body, "utf-8-sig", dataset.dataset), ",", dataset.dataset)
    header = _header(next(lines, (1, ()))[1], dataset.dataset)
    for line, cells in lines:
        place = {
            "dataset_id": dataset.dataset,
            "snapshot_id": snapshot.snapshot_id,
            "locator": f"line {line}",
        }
        raw = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        try:
            _check_width(cells, header)
            row = place | _citation(raw, dataset, context)
            _check_new(row, line, seen)
            observations.append(row)
        except ValueRejectedError as error:
            rejected.append(
                place | {"raw_value": raw.get("value"), "rule": error.rule, "message": str(error)}
            )
    total = len(observations) + len(rejected)
    return ParseResult(observation_table(observations), rejected_table(rejected), total)


def _header(cells: Any, dataset: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    if missing or unknown or len(header) != len(set(header)):
        raise UnreadableFileError(
            f"{dataset}: the header is not that of cited figures; missing: "
            f"{', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}; "
            "each column stands once (see ingest/sources/cited_figures.py)"
        )
    return header


def _check_width(cells: Any, header: list[str]) -> None:
    if len(cells) != len(header):
        raise ValueRejectedError(
            "ragged_row", f"the line has {len(cells)} cells, the header {len(header)}"
        )


def _check_new(row: Mapping[str, Any], line: int, seen: dict[tuple[Any, ...], int]) -> None:
    key = tuple(row[name] for name in CITATION)
    if key in seen:
        raise ValueRejectedError(
            "duplicate_citation", f"line {seen[key]} cites the same figure from the same place"
        )
    seen[key] = line


def _citation(raw: Row, dataset: CitedFigures, context: Context) -> dict[str, Any]:
    """Turn one line into a tidy row; raise ValueRejectedError with the first thing wrong."""
    indicator = _indicator(raw, dataset, context)
    period = _period(raw)
    url, name = raw["source_url"], _required(raw, "source")
    published_at, basis = _published(raw)
    breakdown = raw["breakdown"] or "total"
    return {
        "indicator_id": indicator.indicator,
        "region_code": region_code(raw["region_code"], raw["region_name"], context),
        "period_start": period.start,
        "period_end": period.end,
        "period_label": period.label,
        "period_kind": _one_of(raw, "period_kind", KINDS),
        "stage": _one_of(raw, "stage", STAGES),
        "perimeter": _one_of(raw, "perimeter", PERIMETERS),
        "perimeter_note": raw["perimeter_note"] or None,
        "baseline": raw["baseline"] or None,
        "breakdown": breakdown,
        "category": _category(breakdown, raw["category"]),
        **_value(raw, dataset, indicator),
        "precision": _precision(raw["precision"]),
        "unit": indicator.unit,
        "series_version": raw["series_version"],
        "source_id": source_id_of(name, url),
        "source_name": name,
        "source_url": url or None,
        "provenance_tier": _one_of(raw, "tier", TIERS),
        "claimant": raw["claimant"] or None,
        "published_at": published_at,
        "published_at_basis": basis,
        "note": raw["note"] or None,
    }


def region_code(code: str, name: str, context: Context) -> str:
    """Resolve a region by code, by name, or by both where they agree."""
    if not code:
        return context.regions.resolve_name(name)
    resolved = context.regions.resolve_code(code)
    official = context.regions.name(resolved)
    if name and name.casefold() != official.casefold():
        raise ValueRejectedError(
            "region_mismatch", f"{code} is {official}, but the line says '{name}'"
        )
    return resolved


def _indicator(raw: Row, dataset: CitedFigures, context: Context) -> Indicator:
    name = _required(raw, "indicator")
    if dataset.indicators != "any" and name not in dataset.indicators:
        raise ValueRejectedError(
            "undeclared_indicator", f"'{name}' is not among the indicators of {dataset.dataset}"
        )
    if name not in context.indicators:
        raise ValueRejectedError("unknown_indicator", f"no indicator is called '{name}'")
    return context.indicators[name]


def _value(raw: Row, dataset: CitedFigures, indicator: Indicator) -> dict[str, Any]:
    text = raw["value"]
    scale = scale_to(_required(raw, "unit"), indicator.unit)
    number = parse_number(text, dataset.decimal)
    if number.value is None:
        return {"value": None, "value_text": text, "obs_status": "O"}
    value = to_storage(number.value * scale, text)
    bounds.check(indicator, value)
    return {"value": value, "value_text": text, "obs_status": "A"}


def _precision(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or value < QUANTUM:
        raise ValueRejectedError("bad_precision", f"'{text}' is no place value such as 0.01")
    return to_storage(value, text)


def _period(raw: Row) -> Period:
    start = parse_date(raw["period_start"]) if raw["period_start"] else None
    end = parse_date(raw["period_end"]) if raw["period_end"] else None
    return within(parse_period(_required(raw, "period")), start, end)


def _published(raw: Row) -> tuple[date | None, str]:
    """Read the publication date. A month alone is known by its last day, never earlier."""
    text, basis = raw["published_at"], raw["published_at_basis"] or "none"
    if basis not in BASES:
        raise ValueRejectedError("unknown_code", f"published_at_basis '{basis}' is unknown")
    if bool(text) != (basis != "none"):
        raise ValueRejectedError(
            "bad_date", f"published_at '{text}' and its basis '{basis}' contradict each other"
        )
    if not text:
        return None, "none"
    if basis == "month":
        return parse_period(text).end, basis
    return parse_date(text), basis


def _category(breakdown: str, category: str) -> str:
    if (breakdown == "total") != (category in ("", "total")):
        raise ValueRejectedError(
            "bad_breakdown", f"breakdown '{breakdown}' and category '{category}' don't fit"
        )
    return category or "total"


def _one_of(raw: Row, column: str, allowed: frozenset[str]) -> str:
    value = raw[column]
    if value not in allowed:
        raise ValueRejectedError(
            "unknown_code", f"{column} '{value}' is none of {', '.join(sorted(allowed))}"
        )
    return value


def _required(raw: Row, column: str) -> str:
    if not raw[column]:
        raise ValueRejectedError("missing_field", f"the column {column} is empty")
    return raw[column]
