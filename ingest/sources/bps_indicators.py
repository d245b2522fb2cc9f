"""BPS strategic indicators: one latest figure each, whose period stands in a text.

The service forgets: a new figure takes the old one's place. Each is kept under a partition
of its own, indicator and period, so that a newer period withdraws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import Field, model_validator

from ingest import bounds
from ingest.errors import (
    BadKeyError,
    BlockedError,
    IngestError,
    UnitError,
    UnknownReplyError,
    UnreadableFileError,
    ValueRejectedError,
)
from ingest.numbers import Style, parse_number, to_storage
from ingest.observation import ParseResult, observation_table, rejected_table
from ingest.periods import PeriodKind
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict
from ingest.sources.bps_lists import ListPage, Row, list_request, read_pages
from ingest.sources.bps_model import Domain, label_key, plain
from ingest.sources.bps_replies import read_object
from ingest.sources.period_texts import read_period
from ingest.units import scale_to


class Selected(Strict):
    """One strategic indicator, named by ``var`` or ``indicator_id`` of its row.

    ``unit`` is the unit as BPS prints it: a row with another one is rejected. ``read_as`` says
    what it means where BPS's own text does not.
    """

    var: int | None = None
    indicator_id: int | None = None
    indicator: Slug
    unit: str
    read_as: str | None = None
    kind: PeriodKind = "round"
    stage: Stage = "observed"
    perimeter: Perimeter = "area"
    series_version: str = ""
    precision: Annotated[str, Field(pattern=r"^\d{1,18}(\.\d{1,6})?$")] | None = None

    @model_validator(mode="after")
    def _named_once(self) -> Selected:
        if (self.var is None) == (self.indicator_id is None):
            raise ValueError("name it by one of `var` and `indicator_id`")
        return self

    @property
    def name(self) -> str:
        """How partitions call it."""
        return f"var-{self.var}" if self.var else f"id-{self.indicator_id}"

    def is_meant(self, row: Row) -> bool:
        """Tell whether a row is this indicator's."""
        field, number = ("var", self.var) if self.var else ("indicator_id", self.indicator_id)
        return str(row.get(field)) == str(number)


class IndicatorsRequest(Strict):
    """Whose indicators: the nation's or a province's."""

    domain: Domain


class IndicatorsDataset(Dataset):
    """Strategic indicators of one domain: ``protocol: bps.strategic_indicators``."""

    protocol: Literal["bps.strategic_indicators"]
    request: IndicatorsRequest
    select: tuple[Selected, ...] = Field(min_length=1)
    decimal: Style | None = None
    claimant: str | None = "BPS"

    @model_validator(mode="after")
    def _each_once(self) -> IndicatorsDataset:
        names = [one.name for one in self.select]
        if len(set(names)) != len(names):
            raise ValueError("an indicator is selected twice")
        return self

    def indicators_named(self) -> frozenset[str]:
        """Return the indicators that the selected ones are."""
        return frozenset(one.indicator for one in self.select)


model: type[Dataset] = IndicatorsDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Read the whole list, then keep the page of each indicator under its present period."""
    wanted = cast(IndicatorsDataset, dataset)
    first = list_request("list", model="indicators", domain=wanted.request.domain)
    pages = list(read_pages(first, fetch, wanted.dataset))
    yield from ((page.request, page.reply) for page in pages)
    for one in wanted.select:
        try:
            request = _question(wanted, one, pages)
        except IngestError as error:
            yield Request(one.name, keep=True), error
            continue
        try:
            reply = fetch(request)
            _only_row(wanted, one, _rows(wanted, reply.body), request.partition)
        except (BadKeyError, BlockedError):
            raise
        except IngestError as error:
            yield request, error
        else:
            yield request, reply


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read the one figure that the partition is about; the page's others have their own."""
    wanted = cast(IndicatorsDataset, dataset)
    rows = _rows(wanted, body)
    found = [
        (one, row)
        for one in wanted.select
        for row in rows
        if one.is_meant(row) and _belongs(one, row, snapshot.partition)
    ]
    observations: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for one, row in found:
        place = {
            "dataset_id": wanted.dataset,
            "snapshot_id": snapshot.snapshot_id,
            "locator": f"{one.name} {plain(row.get('periode', ''))}",
        }
        try:
            observations.append(place | _figure(wanted, one, row, context))
        except ValueRejectedError as error:
            raw = {"raw_value": str(row.get("value")), "rule": error.rule, "message": str(error)}
            rejected.append(place | raw)
    return ParseResult(observation_table(observations), rejected_table(rejected), len(found))


def _partition(one: Selected, row: Row) -> str:
    """Name the question "this indicator at this period"."""
    text = plain(row.get("periode", ""))
    try:
        return f"{one.name}-{read_period(text).label}"
    except ValueRejectedError:
        return f"{one.name}-{label_key(text).replace(' ', '-').replace('/', '-') or 'undated'}"


def _belongs(one: Selected, row: Row, partition: str) -> bool:
    """Tell whether a row answers a partition; a saved page outside one answers for all."""
    is_ours = partition.startswith(("var-", "id-"))
    return not is_ours or partition == _partition(one, row)


def _question(wanted: IndicatorsDataset, one: Selected, pages: Sequence[ListPage]) -> Request:
    """Return the question whose answer is kept: the page that holds the indicator."""
    holding = [(page, row) for page in pages for row in page.rows if one.is_meant(row)]
    if len(holding) != 1:
        raise _not_one(wanted, one, len(holding))
    page, row = holding[0]
    return replace(page.request, partition=_partition(one, row), keep=True)


def _only_row(
    wanted: IndicatorsDataset, one: Selected, rows: Sequence[Row], partition: str
) -> None:
    found = [row for row in rows if one.is_meant(row)]
    if len(found) != 1:
        raise _not_one(wanted, one, len(found))
    if _partition(one, found[0]) != partition:
        raise UnknownReplyError(
            f"{wanted.dataset}: reply_not_asked_for: {one.name} changed to "
            f"'{found[0].get('periode')}' while the list was read; the next run will have it"
        )


def _not_one(wanted: IndicatorsDataset, one: Selected, n_rows: int) -> UnknownReplyError:
    return UnknownReplyError(
        f"{wanted.dataset}: BPS lists {one.name} {n_rows} times for domain "
        f"{wanted.request.domain}; name it by the other of var and indicator_id, or leave it out"
    )


def _rows(wanted: IndicatorsDataset, body: bytes) -> Sequence[Row]:
    match read_object(body, wanted.dataset).get("data"):
        case [dict(), list() as rows] if all(isinstance(row, dict) for row in rows):
            return rows
    raise UnreadableFileError(
        f"{wanted.dataset}: the reply has not the form [envelope, rows]: either it is no reply "
        "of model=indicators, or BPS has changed its form"
    )


def _figure(wanted: IndicatorsDataset, one: Selected, row: Row, context: Context) -> dict[str, Any]:
    """Read a row; raise ValueRejectedError for a value, unit or period that can't be."""
    indicator, source = context.indicators[one.indicator], context.sources[wanted.source]
    period = read_period(plain(row.get("periode", "")))
    unit = plain(row.get("unit", ""))
    if label_key(unit) != label_key(one.unit):
        raise UnitError("unit_changed", f"BPS prints '{unit}', the file says '{one.unit}'")
    text = str(row.get("value", "")) if row.get("value") is not None else ""
    # A JSON number has a point whatever the texts of the service are written with.
    number = parse_number(text, wanted.decimal if isinstance(row.get("value"), str) else ".")
    value = number.value
    if value is not None:
        value = to_storage(value * scale_to(one.read_as or unit, indicator.unit), text)
        bounds.check(indicator, value)
    said = {"title": plain(row.get("title", "")), "data_source": plain(row.get("data_source", ""))}
    return {
        "indicator_id": one.indicator,
        "region_code": context.regions.resolve_code(wanted.request.domain),
        "period_start": period.start,
        "period_end": period.end,
        "period_label": period.label,
        "period_kind": one.kind,
        "stage": one.stage,
        "perimeter": one.perimeter,
        "attributes": orjson.dumps(said).decode(),
        "value": value,
        "value_text": text,
        "unit": indicator.unit,
        "precision": Decimal(one.precision) if one.precision else None,
        "obs_status": "O" if value is None else "A",
        "series_version": one.series_version,
        "source_id": source.source,
        "source_name": source.name,
        "source_url": source.url,
        "provenance_tier": source.provenance_tier,
        "claimant": wanted.claimant,
        "note": plain(row.get("name", "")) or None,
    }
