"""From a sheet to tidy rows: each cell of each measure column is one item."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
from pydantic import ValidationError

from ingest import bounds
from ingest.errors import UnreadableFileError, ValueRejectedError
from ingest.numbers import parse_number, to_storage
from ingest.observation import DEFAULTS, ParseResult, observation_table, rejected_table
from ingest.periods import Period, parse_period
from ingest.protocol import Context, Snapshot
from ingest.schema import Indicator, Perimeter
from ingest.sources.citations import source_id_of
from ingest.sources.table_model import (
    KindColumn,
    Label,
    MeasureColumn,
    PeriodColumn,
    PeriodFixed,
    RegionColumn,
    RegionFixed,
    TableDataset,
    category_columns,
)
from ingest.sources.table_sheet import Sheet, SheetRow
from ingest.units import scale_to

Cells = Mapping[str, str]
#: As Python's objects rows take ten times the room that they take as columns.
ROWS_AT_A_TIME = 10_000
NEVER_IN_A_TABLE = ("standard_error", "is_derived", "formula_id")
#: The figure's key. A table that says two things under one key contradicts itself.
KEY = (
    "indicator_id", "region_code", "period_label", "stage", "perimeter", "breakdown",
    "category", "series_version",
)  # fmt: skip
#: Footnote marks with which BPS prints figures that are not final.
PROVISIONAL = frozenset({"*", "**", "*)", "**)", "p", "p)"})
ESTIMATED = frozenset({"e", "e)"})


def read_cells(
    dataset: TableDataset, snapshot: Snapshot, sheet: Sheet, context: Context
) -> ParseResult:
    """Read every measure of every row that is not declared to hold none."""
    reader = _Reader(dataset, snapshot, context)
    measures = _measures(dataset, sheet.header)
    for row in sheet.rows:
        if not reader.is_ignored(row):
            for measure in measures:
                reader.read(row, measure)
    return reader.result()


def _measures(dataset: TableDataset, header: Sequence[str]) -> Sequence[MeasureColumn]:
    """Return the columns of figures: those named, and those that fit a pattern."""
    measures = list(dataset.measures)
    for columns in dataset.wide:
        try:
            found = columns.measures(header)
        except ValidationError as error:
            raise UnreadableFileError(
                f"{dataset.dataset}: '{columns.columns}': {error.errors()[0]['msg']}"
            ) from None
        if not found:
            raise UnreadableFileError(
                f"{dataset.dataset}: no column fits '{columns.columns}'; the header has: "
                f"{', '.join(header)}"
            )
        measures += found
    return measures


class _Reader:
    """Reads cell by cell, remembering which figure was met where."""

    def __init__(self, dataset: TableDataset, snapshot: Snapshot, context: Context) -> None:
        self.dataset, self.snapshot, self.context = dataset, snapshot, context
        self.observations: list[dict[str, Any]] = []
        self.rejected: list[dict[str, Any]] = []
        self.n_read = 0
        self._tables: list[pa.Table] = []
        self._seen: dict[tuple[Any, ...], str] = {}
        self._by_code: dict[str, tuple[str, Perimeter | None]] = {}
        self._constants = self._what_every_row_says()
        self._labels = dataset.labels.given()
        self._in_category = (
            category_columns(dataset.dimensions.category) if dataset.dimensions else ()
        )
        figures = {measure.column for measure in dataset.measures}
        self._columns_about = [name for name in dataset.columns_named() if name not in figures]
        self._ignored = [(rule.column, re.compile(rule.matches)) for rule in dataset.rows_ignored]

    def is_ignored(self, row: SheetRow) -> bool:
        """Tell whether the catalogue declares that the row holds no figures."""
        return any(rule.search(row.cells.get(column, "")) for column, rule in self._ignored)

    def read(self, row: SheetRow, measure: MeasureColumn) -> None:
        """Add one cell to the rows or to the rejected items."""
        locator = row.locate(measure.column)
        self.n_read += 1
        try:
            self.observations.append(self._figure(row, measure, locator))
            if len(self.observations) >= ROWS_AT_A_TIME:
                self._put_away()
        except ValueRejectedError as error:
            self.rejected.append({
                "dataset_id": self.dataset.dataset,
                "snapshot_id": self.snapshot.snapshot_id,
                "locator": locator,
                "raw_value": row.cells.get(measure.column),
                "rule": error.rule,
                "message": str(error),
            })  # fmt: skip

    def result(self) -> ParseResult:
        """Return everything that was read, in the order of the file."""
        self._put_away()
        return ParseResult(
            pa.concat_tables(self._tables), rejected_table(self.rejected), self.n_read
        )

    def _put_away(self) -> None:
        self._tables.append(observation_table(self.observations, self._constants))
        self.observations = []

    def _figure(self, row: SheetRow, measure: MeasureColumn, locator: str) -> dict[str, Any]:
        if row.surplus:
            raise ValueRejectedError(
                "ragged_row",
                f"the row has {abs(row.surplus)} cells {'more' if row.surplus > 0 else 'less'} "
                "than the header: nothing says which cell is which",
            )
        for column in (measure.column, *self._columns_about):
            if column in row.troubles:
                raise ValueRejectedError(*row.troubles[column])
        figure = self._about(row.cells, measure)
        indicator = self.context.indicators[figure["indicator_id"]]
        figure |= self._value(row, measure, indicator)
        key = tuple(figure[name] for name in KEY)
        if key in self._seen:
            raise ValueRejectedError(
                "duplicate_row", f"{self._seen[key]} already holds this figure's key"
            )
        self._seen[key] = figure["locator"] = locator
        return figure

    def _about(self, cells: Cells, measure: MeasureColumn) -> dict[str, Any]:
        constants, dataset = self.dataset.constants, self.dataset
        period = self._period(cells, measure)
        breakdown, category = self._category(cells, measure)
        attributes = {name: cells[name] for name in dataset.attributes}
        region, summed = self._region(cells)
        said = {name: _word(label, cells) for name, label in self._labels.items()}
        return {
            "indicator_id": measure.indicator or said["indicator"],
            "region_code": region,
            "period_start": period.start,
            "period_end": period.end,
            "period_label": period.label,
            "period_kind": self._period_of(measure).kind,
            "stage": measure.stage or said.get("stage", constants.stage),
            "perimeter": summed or measure.perimeter or said.get("perimeter", constants.perimeter),
            "perimeter_note": said.get("perimeter_note", constants.perimeter_note) or None,
            "breakdown": breakdown,
            "category": category,
            "attributes": orjson.dumps(attributes).decode() if attributes else None,
            "series_version": measure.series_version
            or said.get("series_version", constants.series_version),
        }

    def _region(self, cells: Cells) -> tuple[str, Perimeter | None]:
        """Return where, and the perimeter where the row is a sum of governments."""
        region = self.dataset.region
        if isinstance(region, RegionFixed):
            return self.context.regions.resolve_code(region.code), None
        text = cells[region.column].strip()
        if region.by == "code":
            if text not in self._by_code:
                self._by_code[text] = self._region_of_code(text, region)
            return self._by_code[text]
        within = cells[region.within].strip() if region.within else None
        kind = _word(region.kind, cells) if region.kind else None
        code = self.context.regions.resolve_name(
            text, within=within, type=kind, default_type=region.default_type
        )
        return code, None

    def _region_of_code(self, text: str, region: RegionColumn) -> tuple[str, Perimeter | None]:
        register = self.context.regions
        if region.sums and register.is_sum(text, region.system):
            return register.resolve_sum(text, region.system), region.sums
        return register.resolve_code(text, system=region.system), None

    def _period(self, cells: Cells, measure: MeasureColumn) -> Period:
        period = self._period_of(measure)
        label = period.fixed if isinstance(period, PeriodFixed) else cells[period.column].strip()
        found = parse_period(label)
        return found if period.day is None else Period(found.label, found.end, found.end)

    def _period_of(self, measure: MeasureColumn) -> PeriodColumn | PeriodFixed:
        period = measure.period or self.dataset.period
        if period is None:
            raise AssertionError("the model lets no measure through that has no period")
        return period

    def _category(self, cells: Cells, measure: MeasureColumn) -> tuple[str, str]:
        if measure.breakdown:
            return measure.breakdown, measure.category or "total"
        dimensions = self.dataset.dimensions
        if dimensions is None:
            return "total", "total"
        category = dimensions.category
        for name in self._in_category:
            category = category.replace("{" + name + "}", cells[name])
        return dimensions.breakdown, category

    def _value(self, row: SheetRow, measure: MeasureColumn, indicator: Indicator) -> dict[str, Any]:
        text = row.cells[measure.column]
        typed = measure.column in row.numbers
        decimal = "." if typed else self.dataset.decimal
        number = parse_number(text, decimal, self.dataset.missing_marks)
        if measure.column in row.percents and indicator.unit != "percent":
            raise ValueRejectedError(
                "percent_format", f"the cell shows {text} %, and the column is in {measure.unit}"
            )
        factor = scale_to(measure.unit, indicator.unit)
        value = None if number.value is None else to_storage(number.value * factor, text)
        if value is not None:
            bounds.check(indicator, value)
        status, remark = self._flag(measure, value, number.mark)
        notes = [note for note in (self.dataset.constants.note, remark) if note]
        return {
            "value": value,
            "value_text": text.strip(),
            "unit": indicator.unit,
            "precision": Decimal(measure.precision) if measure.precision else None,
            "obs_status": status,
            "note": "; ".join(notes) or None,
        }

    def _flag(
        self, measure: MeasureColumn, value: Decimal | None, mark: str
    ) -> tuple[str, str | None]:
        """Return the status letter of a cell and what to say about it."""
        if value is None:
            return "O", self.dataset.constants.missing_note
        if value == 0 and measure.zero:
            return measure.zero.obs_status, measure.zero.note
        return _status(mark), f"printed with the mark '{mark}'" if mark else None

    def _what_every_row_says(self) -> dict[str, Any]:
        """Return the columns that are the same in every row, whoever said it and when included."""
        source, constants = self.context.sources[self.dataset.source], self.dataset.constants
        name, url = source.name, constants.source_url or source.url
        source_id: str = source.source
        if constants.cited:
            name, url = constants.cited.source, constants.cited.source_url
            source_id = source_id_of(name, url)
        return {
            "dataset_id": self.dataset.dataset,
            "snapshot_id": self.snapshot.snapshot_id,
            "baseline": constants.baseline,
            **{name: DEFAULTS[name] for name in NEVER_IN_A_TABLE},
            "source_id": source_id,
            "source_name": name,
            "source_url": url,
            "provenance_tier": constants.provenance_tier or source.provenance_tier,
            "claimant": constants.claimant,
            "published_at": constants.published_at,
            "published_at_basis": constants.published_at_basis,
        }


def _word(label: Label | KindColumn, cells: Cells) -> str:
    """Return our word for the publisher's; raise ``unknown_label`` where none is declared."""
    text = cells[label.column].strip()
    word = label.values.get(text, getattr(label, "otherwise", None))
    if word is None:
        raise ValueRejectedError(
            "unknown_label",
            f"column {label.column} says '{text}'; the catalogue knows {', '.join(label.values)}",
        )
    return word


def _status(mark: str) -> str:
    """Return the SDMX status letter that a footnote mark stands for."""
    if mark.lower() in PROVISIONAL:
        return "P"
    return "E" if mark.lower() in ESTIMATED else "A"
