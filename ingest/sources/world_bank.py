"""World Bank indicators, version 2: yearly series of a country, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, cast

import orjson
from pydantic import Field

from ingest import bounds
from ingest.errors import (
    NothingAvailableError,
    UnknownReplyError,
    ValueRejectedError,
)
from ingest.numbers import place_value, to_storage
from ingest.observation import ParseResult, observation_table, rejected_table
from ingest.periods import PeriodKind, parse_period
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict
from ingest.sources.exact_json import loads
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error
from ingest.sources.years import Years, first_and_last
from ingest.units import scale_to

#: No series of one country is this long; one that says so would keep us asking for ever.
MOST_PAGES = 100
#: What the partitions begin with; the page's number follows.
PAGES = "p"


class SeriesRequest(Strict):
    """Which series of which country and years. ``per_page`` covers a series in one page."""

    country: str = Field(pattern=r"^[A-Z]{3}$")
    series: str = Field(pattern=r"^[A-Z0-9.]+$")
    years: Years
    per_page: int = Field(default=1000, ge=1)


class SeriesDataset(Dataset):
    """One series of one country: ``protocol: world_bank.v2``."""

    protocol: Literal["world_bank.v2"]
    request: SeriesRequest
    region: str = Field(pattern=r"^\d{4}$")
    indicator: Slug
    unit: str
    kind: PeriodKind = "flow"
    stage: Stage = "observed"
    perimeter: Perimeter = "area"
    series_version: str = ""
    claimant: str | None = "World Bank"
    note: str | None = None

    def indicators_named(self) -> frozenset[str]:
        """Return the one indicator of this series."""
        return frozenset({self.indicator})


model: type[Dataset] = SeriesDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask for every page that the first one announces; a page that is not there is an error.

    Pages are handed on together: beside older ones a year could stand twice, or never.
    """
    series = cast(SeriesDataset, dataset)
    answers: list[Answer] = []
    page, pages = 1, 1
    total: object = None
    while page <= pages:
        request = _request(series, page)
        reply = fetch(request)
        envelope, _ = read_page(series, reply.body, page)
        pages, total_now = envelope["pages"], envelope.get("total")
        if pages > MOST_PAGES:
            raise UnknownReplyError(f"{dataset.dataset}: the World Bank lists {pages} pages")
        if page > 1 and total_now != total:
            raise UnknownReplyError(
                f"{dataset.dataset}: the series changed while its pages were read; run again"
            )
        total = total_now
        answers.append((request, reply))
        page += 1
    yield from answers


def _request(dataset: SeriesDataset, page: int) -> Request:
    asked = dataset.request
    first, last = first_and_last(asked.years)
    params = {
        "format": "json",
        "per_page": str(asked.per_page),
        "date": f"{max(first, 1960)}:{min(last, 2100)}",
    }
    if page > 1:
        params["page"] = str(page)
    path = f"/country/{asked.country}/indicator/{asked.series}"
    return Request(f"{PAGES}{page}", path, params, page_of=PAGES)


def read_page(
    dataset: SeriesDataset, body: bytes, page: int | None = None
) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """Return a page's envelope and rows.

    Raises NothingAvailableError where there are no rows, UnknownReplyError for an error (it
    comes with HTTP 200, as ``[{"message": ...}]``) and for another form or page.
    """
    name = dataset.dataset
    if looks_like_html(body):
        raise page_error(body, name, "the World Bank", "JSON")
    reply = loads(body, name)
    match reply:
        case [{"message": message}]:
            raise UnknownReplyError(f"{name}: the World Bank says: {_message(message)}")
        case [{"pages": int() as pages, "page": int() as number} as envelope, rows]:
            if not rows:
                raise NothingAvailableError(f"{name}: the World Bank has no such figures")
            if isinstance(rows, list) and (page is None or page == number) and pages >= number:
                return envelope, rows
    raise UnknownReplyError(f"{name}: the reply has not the form [envelope, rows]")


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read each year's figure; ``null`` is a year without one."""
    series = cast(SeriesDataset, dataset)
    envelope, rows = read_page(series, body)
    observations, rejected = [], []
    for number, row in enumerate(rows, start=1):
        place = {
            "dataset_id": dataset.dataset,
            "snapshot_id": snapshot.snapshot_id,
            "locator": f"row {number}",
        }
        try:
            observations.append(place | _figure(series, row, envelope, context))
        except ValueRejectedError as error:
            raw = orjson.dumps(row, default=str).decode()[:200]
            rejected.append(place | {"raw_value": raw, "rule": error.rule, "message": str(error)})
    return ParseResult(observation_table(observations), rejected_table(rejected), len(rows))


def _figure(
    dataset: SeriesDataset, row: Any, envelope: Mapping[str, Any], context: Context
) -> dict[str, Any]:
    """Return one row; raise ValueRejectedError where it is of another series or unreadable."""
    if not isinstance(row, dict) or "value" not in row or not isinstance(row.get("date"), str):
        raise ValueRejectedError("changed_form", "the row has no `date` and `value`")
    code, country = _id(row.get("indicator")), row.get("countryiso3code")
    if (code, country) != (dataset.request.series, dataset.request.country):
        raise ValueRejectedError(
            "another_series", f"asked for {dataset.request.series} of {dataset.request.country}, "
            f"this is {code} of {country}",
        )  # fmt: skip
    indicator, period = context.indicators[dataset.indicator], parse_period(row["date"])
    printed = row["value"]
    if (printed is not None and not isinstance(printed, Decimal | int)) or printed is True:
        raise ValueRejectedError("not_a_number", f"'{printed}' is no number")
    value, precision = None, None
    if printed is not None:
        text = str(printed)
        scale = scale_to(dataset.unit, indicator.unit)
        value = to_storage(Decimal(printed) * scale, text)
        precision = place_value(text, Decimal(printed)) * scale
        bounds.check(indicator, value)
    source = context.sources[dataset.source]
    updated = str(envelope.get("lastupdated") or "")
    return {
        "indicator_id": dataset.indicator,
        "region_code": context.regions.resolve_code(dataset.region),
        "period_start": period.start,
        "period_end": period.end,
        "period_label": period.label,
        "period_kind": dataset.kind,
        "stage": dataset.stage,
        "perimeter": dataset.perimeter,
        "attributes": orjson.dumps({"series": code, "last_update": updated}).decode(),
        "value": value,
        "value_text": None if printed is None else str(printed),
        "unit": indicator.unit,
        "precision": precision,
        "obs_status": _status(row, value),
        "series_version": dataset.series_version,
        "source_id": source.source,
        "source_name": source.name,
        "source_url": source.url,
        "provenance_tier": source.provenance_tier,
        "claimant": dataset.claimant,
        "note": dataset.note,
    }


def _status(row: Mapping[str, Any], value: Decimal | None) -> str:
    """Return the SDMX letter: missing, forecast or estimated where the reply says so, normal."""
    if value is None:
        return "O"
    said = str(row.get("obs_status") or "").upper()
    return said if said in {"E", "F", "P"} else "A"


def _id(entry: Any) -> str:
    return str(entry.get("id")) if isinstance(entry, dict) else ""


def _message(message: Any) -> str:
    parts = message if isinstance(message, list) else [message]
    said = [f"{p.get('key')}: {p.get('value')}" for p in parts if isinstance(p, dict)]
    return "; ".join(said)[:200]
