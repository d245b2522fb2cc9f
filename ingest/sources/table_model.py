"""What a catalogue file says about a table, so that no table needs code of its own."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ingest.errors import PeriodError
from ingest.numbers import MISSING_MARKS, Style
from ingest.periods import PeriodKind, parse_period
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict, Tier


class CsvFile(Strict):
    """How the bytes are laid out. ``header_row`` counts lines from 1."""

    format: Literal["csv"] = "csv"
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    header_row: int = Field(default=1, ge=1)

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "x".encode(value)
        except LookupError:
            raise ValueError(f"no text encoding is called '{value}'") from None
        return value


class RegionColumn(Strict):
    """Which column says where, and how: by code of a system, or by name.

    ``within`` is the column that names the province; ``default_type`` is the declared rule
    for bare names ("Serang" is the kabupaten in this table).
    """

    column: str
    by: Literal["code", "name"] = "code"
    system: str = "bps"
    within: str | None = None
    default_type: Literal["kabupaten", "kota", "province"] | None = None


class RegionFixed(Strict):
    """The whole table is about one region."""

    code: str


class PeriodColumn(Strict):
    """Which column says when, in canonical labels (2023, 2023-08, ...)."""

    column: str
    kind: PeriodKind


class PeriodFixed(Strict):
    """The whole table is about one period."""

    fixed: str
    kind: PeriodKind

    @field_validator("fixed", mode="before")
    @classmethod
    def _canonical(cls, value: object) -> str:
        text = str(value)
        try:
            parse_period(text)
        except PeriodError as error:
            raise ValueError(str(error)) from None
        return text


class Constants(Strict):
    """What is the same for every row and stands in no column."""

    stage: Stage = "observed"
    perimeter: Perimeter = "area"
    perimeter_note: str | None = None
    baseline: str | None = None
    series_version: str = ""
    claimant: str | None = None
    published_at: date | None = None
    published_at_basis: Literal["stated", "url", "found", "month", "none"] = "none"
    provenance_tier: Tier | None = None
    source_url: str | None = None
    note: str | None = None


class MeasureColumn(Strict):
    """One column of figures: each of its cells is an item. What it sets wins over constants."""

    column: str
    indicator: Slug
    unit: str
    precision: Annotated[str, Field(pattern=r"^\d{1,18}(\.\d{1,6})?$")] | None = None
    stage: Stage | None = None
    perimeter: Perimeter | None = None
    series_version: str | None = None
    period: PeriodFixed | None = None
    breakdown: Slug | None = None
    category: str | None = None


class Dimensions(Strict):
    """How the columns of a row make its category: ``"{program_code} | {account_code}"``."""

    breakdown: Slug
    category: str


class IgnoredRows(Strict):
    """Rows that hold no figures (notes, column numbers): ``matches`` is a regular expression."""

    column: str
    matches: str

    @field_validator("matches")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value


class TableDataset(Dataset):
    """A table described in the catalogue alone: ``protocol: table``."""

    protocol: Literal["table"]
    file: CsvFile = CsvFile()
    decimal: Style | None = None
    missing: tuple[str, ...] | None = None
    region: RegionColumn | RegionFixed
    period: PeriodColumn | PeriodFixed
    constants: Constants = Constants()
    measures: tuple[MeasureColumn, ...] = Field(min_length=1)
    dimensions: Dimensions | None = None
    attributes: tuple[str, ...] = ()
    rows_ignored: tuple[IgnoredRows, ...] = ()

    @model_validator(mode="after")
    def _category_fields_are_columns(self) -> TableDataset:
        if self.dimensions and not category_columns(self.dimensions.category):
            raise ValueError("dimensions.category names no {column}")
        return self

    def indicators_named(self) -> frozenset[str]:
        """Return the indicators of the measures."""
        return frozenset(measure.indicator for measure in self.measures)

    def columns_named(self) -> list[str]:
        """Return every column this file relies on, each once, in the order of mention."""
        names = [measure.column for measure in self.measures]
        if isinstance(self.region, RegionColumn):
            names += [self.region.column, *filter(None, [self.region.within])]
        if isinstance(self.period, PeriodColumn):
            names.append(self.period.column)
        if self.dimensions:
            names += category_columns(self.dimensions.category)
        names += [*self.attributes, *(rule.column for rule in self.rows_ignored)]
        return list(dict.fromkeys(names))

    @property
    def missing_marks(self) -> frozenset[str]:
        """Return the marks that stand for no figure, in lower case."""
        if self.missing is None:
            return MISSING_MARKS
        return frozenset(mark.strip().lower() for mark in self.missing)


def category_columns(template: str) -> list[str]:
    """Return the column names in a category template."""
    return re.findall(r"\{([^{}]+)\}", template)
