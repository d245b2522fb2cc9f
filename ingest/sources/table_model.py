"""What a catalogue file says about a table, so that no table needs code of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from ingest.errors import PeriodError
from ingest.numbers import MISSING_MARKS, Style
from ingest.periods import PeriodKind, parse_period
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict, Tier


class TableFile(Strict):
    """Where the header stands. ``header_row`` counts lines from 1.

    A header of two levels (``header_levels: 2``) begins in that line: a blank in an upper
    level repeats the text to its left, as merged cells mean it, and the levels of a column
    are joined as ``"2024 | Laki-laki"``.
    """

    header_row: int = Field(default=1, ge=1)
    header_levels: int = Field(default=1, ge=1, le=4)


class CsvFile(TableFile):
    """Delimited text: how it is written."""

    format: Literal["csv"] = "csv"
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "x".encode(value)
        except LookupError:
            raise ValueError(f"no text encoding is called '{value}'") from None
        return value


class XlsxFile(TableFile):
    """A workbook: which of its sheets, by name or by a regular expression that one name fits.

    Without either the workbook must have a single sheet.
    """

    format: Literal["xlsx"]
    sheet: str | None = None
    sheet_matches: str | None = None

    @model_validator(mode="after")
    def _one_choice(self) -> XlsxFile:
        if self.sheet is not None and self.sheet_matches is not None:
            raise ValueError("choose the sheet by name or by pattern, not by both")
        _compiled(self.sheet_matches or "")
        return self


class KindColumn(Strict):
    """A column that says what kind of region a bare name is: printed text to kind."""

    column: str
    values: dict[str, Literal["province", "kabupaten", "kota", "country"]] = Field(min_length=1)


class RegionColumn(Strict):
    """Which column says where, and how: by code of a system, or by name.

    ``within`` is the column that names the province; ``default_type`` is the declared rule
    for bare names ("Serang" is the kabupaten in this table), ``kind`` the column that says it
    row by row. ``sums`` is the perimeter of rows
    whose code stands for a sum of governments (DJPK's ``28.--``); undeclared they are rejected.
    """

    column: str
    by: Literal["code", "name"] = "code"
    system: str = "bps"
    within: str | None = None
    default_type: Literal["kabupaten", "kota", "province"] | None = None
    kind: KindColumn | None = None
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


class WideColumns(Strict):
    """Columns that repeat for each period: those whose name fits ``columns``, as measures.

    ``period`` makes the label from the named groups of the pattern: with
    ``columns: "TPT (?P<year>[0-9]{4})"`` and ``period: "{year}-08"`` the column "TPT 2024"
    holds the round 2024-08.
    """

    columns: str
    indicator: Slug
    unit: str
    period: str = "{year}"
    kind: PeriodKind
    day: Literal["last"] | None = None
    precision: Annotated[str, Field(pattern=r"^\d{1,18}(\.\d{1,6})?$")] | None = None
    stage: Stage | None = None
    perimeter: Perimeter | None = None
    series_version: str | None = None
    breakdown: Slug | None = None
    category: str | None = None
    zero: Zero | None = None

    @model_validator(mode="after")
    def _groups_make_the_period(self) -> WideColumns:
        groups = set(_compiled(self.columns).groupindex)
        unknown = set(category_columns(self.period)) - groups
        if unknown or not groups:
            raise ValueError(f"columns has no group {', '.join(sorted(unknown)) or '(?P<year>…)'}")
        return self

    def measures(self, header: Sequence[str]) -> list[MeasureColumn]:
        """Return one measure for each column of a header that fits, with its period."""
        pattern = _compiled(self.columns)
        found = ((name, pattern.fullmatch(name)) for name in header)
        return [self._measure(name, fit.groupdict()) for name, fit in found if fit]

    def _measure(self, column: str, groups: Mapping[str, str | None]) -> MeasureColumn:
        label = self.period
        for name, text in groups.items():
            label = label.replace("{" + name + "}", text or "")
        return MeasureColumn.model_validate(
            self.model_dump(exclude={"columns", "period", "kind", "day"})
            | {"column": column, "period": {"fixed": label, "kind": self.kind, "day": self.day}}
        )


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
        _compiled(value)
        return value


class TableDataset(Dataset):
    """A table described in the catalogue alone: ``protocol: table``.

    ``url`` is where the file lies behind the connection's address. In the columns of
    ``fill_down`` a blank repeats the cell above (a province merged over its regencies).
    ``ends_before`` describes the first row that is no data any more: notes follow.
    ``aliases`` are other names that a column goes by in some files, under the name used here:
    portals cut and rename columns from year to year.
    ``contacts_allowed`` says that a phone number in the file is an office's own.
    """

    protocol: Literal["table"]
    file: CsvFile | XlsxFile = CsvFile()
    url: Annotated[str, Field(pattern=r"^[^:?#\\]+$")] | None = None
    decimal: Style | None = None
    missing: tuple[str, ...] | None = None
    region: RegionColumn | RegionFixed
    period: PeriodColumn | PeriodFixed | None = None
    constants: Constants = Constants()
    measures: tuple[MeasureColumn, ...] = ()
    wide: tuple[WideColumns, ...] = ()
    labels: Labels = Labels()
    dimensions: Dimensions | None = None
    attributes: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    rows_ignored: tuple[IgnoredRows, ...] = ()
    ends_before: IgnoredRows | None = None
    aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    contacts_allowed: bool = False

    @model_validator(mode="after")
    def _an_alias_means_one_column(self) -> TableDataset:
        others = [other for names in self.aliases.values() for other in names]
        twice = {name for name in others if others.count(name) > 1 or name in self.aliases}
        if twice:
            raise ValueError(f"aliases: '{min(twice)}' stands for two columns")
        return self

    @model_validator(mode="after")
    def _category_fields_are_columns(self) -> TableDataset:
        if self.dimensions and not category_columns(self.dimensions.category):
            raise ValueError("dimensions.category names no {column}")
        return self

    @model_validator(mode="after")
    def _every_measure_has_an_indicator_and_a_period(self) -> TableDataset:
        if not (self.measures or self.wide):
            raise ValueError("measures and wide name no column of figures")
        for measure in self.measures:
            if measure.period is None and self.period is None:
                raise ValueError(f"nothing says what period measure '{measure.column}' is about")
            if measure.indicator is None and self.labels.indicator is None:
                raise ValueError(f"measure '{measure.column}' and labels name no indicator")
        return self

    def indicators_named(self) -> frozenset[str]:
        """Return the indicators of the measures and of the labels."""
        label = self.labels.indicator
        named = {measure.indicator for measure in self.measures if measure.indicator}
        named |= {columns.indicator for columns in self.wide}
        return frozenset(named | set(label.words if label else []))

    def columns_named(self) -> list[str]:
        """Return every column this file relies on, each once, in the order of mention."""
        names = [measure.column for measure in self.measures]
        if isinstance(self.region, RegionColumn):
            kind = self.region.kind
            names += [self.region.column, *filter(None, [self.region.within])]
            names += [kind.column] if kind else []
        if isinstance(self.period, PeriodColumn):
            names.append(self.period.column)
        names += [label.column for label in self.labels.given().values()]
        if self.dimensions:
            names += category_columns(self.dimensions.category)
        rules = [*self.rows_ignored, *filter(None, [self.ends_before])]
        names += [*self.attributes, *self.fill_down, *(rule.column for rule in rules)]
        return list(dict.fromkeys(names))

    def named_here(self, column: str) -> str:
        """Return the name this file uses for a column as the publisher calls it."""
        ours = (name for name, others in self.aliases.items() if column in others)
        return next(ours, column)

    @property
    def missing_marks(self) -> frozenset[str]:
        """Return the marks that stand for no figure, in lower case."""
        if self.missing is None:
            return MISSING_MARKS
        return frozenset(mark.strip().lower() for mark in self.missing)


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None


def category_columns(template: str) -> list[str]:
    """Return the column names in a category template."""
    return re.findall(r"\{([^{}]+)\}", template)
