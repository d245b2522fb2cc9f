"""What a catalogue file says about a table, so that no table needs code of its own."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal, get_args

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
    for bare names ("Serang" is the kabupaten in this table). ``sums`` is the perimeter of rows
    whose code stands for a sum of governments (DJPK's ``28.--``); undeclared they are rejected.
    """

    column: str
    by: Literal["code", "name"] = "code"
    system: str = "bps"
    within: str | None = None
    default_type: Literal["kabupaten", "kota", "province"] | None = None
    sums: Perimeter | None = None


class RegionFixed(Strict):
    """The whole table is about one region."""

    code: str


class PeriodColumn(Strict):
    """Which column says when, in canonical labels (2023, 2023-08, ...).

    ``day: last`` says that a stock is that of the period's last day.
    """

    column: str
    kind: PeriodKind
    day: Literal["last"] | None = None


class PeriodFixed(Strict):
    """The whole table is about one period."""

    fixed: str
    kind: PeriodKind
    day: Literal["last"] | None = None

    @field_validator("fixed", mode="before")
    @classmethod
    def _canonical(cls, value: object) -> str:
        text = str(value)
        try:
            parse_period(text)
        except PeriodError as error:
            raise ValueError(str(error)) from None
        return text


class Citation(Strict):
    """Where a compilation was read; its figures get the same source as cited ones from there."""

    source: str
    source_url: str


class Constants(Strict):
    """What is the same for every row and stands in no column.

    ``missing_note`` is said beside every cell that holds no figure: why there is none.
    """

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
    cited: Citation | None = None
    note: str | None = None
    missing_note: str | None = None


class Zero(Strict):
    """What a printed zero of this measure means: it stays zero and is flagged."""

    obs_status: Annotated[str, Field(pattern=r"^[A-Z]$")]
    note: str


class Label(Strict):
    """A column whose texts decide a part of the figure's key: printed text to our word.

    A text in neither ``values`` nor covered by ``otherwise`` is rejected. An empty word is none.
    """

    column: str
    values: dict[str, str] = Field(min_length=1)
    otherwise: str | None = None

    @property
    def words(self) -> list[str]:
        """Return every word of ours that the column may come to."""
        return [*self.values.values(), *([] if self.otherwise is None else [self.otherwise])]


class Labels(Strict):
    """Parts of the key that stand in columns, in the publisher's words.

    A figure's label wins over constants, and what a measure says wins over its label.
    """

    indicator: Label | None = None
    stage: Label | None = None
    perimeter: Label | None = None
    perimeter_note: Label | None = None
    series_version: Label | None = None

    @model_validator(mode="after")
    def _words_are_known(self) -> Labels:
        for name, known in (("stage", get_args(Stage)), ("perimeter", get_args(Perimeter))):
            label: Label | None = getattr(self, name)
            for word in label.words if label else []:
                if word not in known:
                    raise ValueError(f"labels.{name}: '{word}' is none of {', '.join(known)}")
        return self

    def given(self) -> dict[str, Label]:
        """Return the labels that are declared, by the field they decide."""
        pairs = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: label for name, label in pairs if label is not None}


class MeasureColumn(Strict):
    """One column of figures: each of its cells is an item. What it sets wins over constants."""

    column: str
    indicator: Slug | None = None
    unit: str
    precision: Annotated[str, Field(pattern=r"^\d{1,18}(\.\d{1,6})?$")] | None = None
    stage: Stage | None = None
    perimeter: Perimeter | None = None
    series_version: str | None = None
    period: PeriodFixed | None = None
    breakdown: Slug | None = None
    category: str | None = None
    zero: Zero | None = None


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
    labels: Labels = Labels()
    dimensions: Dimensions | None = None
    attributes: tuple[str, ...] = ()
    rows_ignored: tuple[IgnoredRows, ...] = ()

    @model_validator(mode="after")
    def _category_fields_are_columns(self) -> TableDataset:
        if self.dimensions and not category_columns(self.dimensions.category):
            raise ValueError("dimensions.category names no {column}")
        return self

    @model_validator(mode="after")
    def _every_measure_has_an_indicator(self) -> TableDataset:
        for measure in self.measures:
            if measure.indicator is None and self.labels.indicator is None:
                raise ValueError(f"measure '{measure.column}' and labels name no indicator")
        return self

    def indicators_named(self) -> frozenset[str]:
        """Return the indicators of the measures and of the labels."""
        label = self.labels.indicator
        named = {measure.indicator for measure in self.measures if measure.indicator}
        return frozenset(named | set(label.words if label else []))

    def columns_named(self) -> list[str]:
        """Return every column this file relies on, each once, in the order of mention."""
        names = [measure.column for measure in self.measures]
        if isinstance(self.region, RegionColumn):
            names += [self.region.column, *filter(None, [self.region.within])]
        if isinstance(self.period, PeriodColumn):
            names.append(self.period.column)
        names += [label.column for label in self.labels.given().values()]
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
