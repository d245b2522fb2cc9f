"""What a catalogue file says about an agency's template: its columns and what they may hold."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ingest.periods import PeriodKind
from ingest.schema import Bilingual, Dataset, Slug, Stage, Strict
from ingest.sources.table_model import (
    Constants,
    Dimensions,
    MeasureColumn,
    PeriodColumn,
    RegionColumn,
    TableDataset,
    XlsxFile,
    category_columns,
)

Type = Literal["region", "period", "code", "text", "choice", "integer", "decimal"]
NUMBERS = frozenset({"integer", "decimal"})

#: The sheets of a template: how to fill it in, the data, what choices there are.
INSTRUCTIONS, DATA, LISTS = "Petunjuk", "Data", "Daftar"
#: In the data sheet: keys, names in Indonesian, names in English; figures begin below.
HEADER_ROWS = 3


class TemplateColumn(Strict):
    """One column of a template.

    Numbers have an ``indicator`` and a ``unit``; a choice has ``allowed`` texts and our word
    for each; a code and a period have a ``pattern`` that the whole text fits.
    """

    column: Slug
    name: Bilingual
    type: Type
    required: bool = True
    indicator: Slug | None = None
    unit: str | None = None
    stage: Stage | None = None
    allowed: dict[str, str] = Field(default_factory=dict)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    pattern: str | None = None
    example: str = Field(min_length=1)
    max_length: int = Field(default=120, ge=1, le=500)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value

    @model_validator(mode="after")
    def _says_what_its_type_needs(self) -> TemplateColumn:
        needs = {
            "allowed": (bool(self.allowed), self.type == "choice"),
            "pattern": (self.pattern is not None, self.type in ("code", "period")),
            "indicator": (self.indicator is not None, self.type in NUMBERS),
            "unit": (self.unit is not None, self.type in NUMBERS),
        }
        for name, (is_given, is_needed) in needs.items():
            if is_given != is_needed:
                verb = "needs" if is_needed else "has no"
                raise ValueError(f"column {self.column}: a {self.type} {verb} {name}")
        return self


class AgencyDataset(Dataset):
    """A template that agencies fill in and drop: ``protocol: agency.drop``.

    ``below_regency`` says that its rows are about places smaller than a regency: counts of
    persons from 1 to 4 are then withheld before they become observations.
    """

    protocol: Literal["agency.drop"]
    about: Bilingual
    columns: Annotated[tuple[TemplateColumn, ...], Field(min_length=3)]
    period_kind: PeriodKind
    constants: Constants = Constants()
    dimensions: Dimensions | None = None
    attributes: tuple[str, ...] = ()
    below_regency: bool = False

    @model_validator(mode="after")
    def _columns_make_figures(self) -> AgencyDataset:
        names = [column.column for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("a column stands twice in the template")
        for kind in ("region", "period"):
            if len(self.of_type(kind)) != 1:
                raise ValueError(f"a template has exactly one {kind} column")
        if not self.measures:
            raise ValueError("a template has at least one number")
        used = list(self.attributes)
        used += category_columns(self.dimensions.category) if self.dimensions else []
        unknown = sorted(set(used) - set(names))
        if unknown:
            raise ValueError(f"no column {', '.join(unknown)}")
        if self.bundled is not None:
            raise ValueError("agencies' files are never bundled")
        return self

    def of_type(self, kind: str) -> list[TemplateColumn]:
        """Return the columns of one type."""
        return [column for column in self.columns if column.type == kind]

    @property
    def measures(self) -> list[TemplateColumn]:
        """The columns that hold figures."""
        return [column for column in self.columns if column.type in NUMBERS]

    def indicators_named(self) -> frozenset[str]:
        """Return the indicators of the numbers."""
        return frozenset(column.indicator for column in self.measures if column.indicator)

    def as_table(self) -> TableDataset:
        """Describe the data sheet the way any other table is described."""
        measures = tuple(
            MeasureColumn(
                column=column.column, indicator=column.indicator, unit=column.unit or "",
                stage=column.stage,
            )
            for column in self.measures
        )  # fmt: skip
        return TableDataset(
            dataset=self.dataset, protocol="table", source=self.source, title=self.title,
            cadence=self.cadence, file=XlsxFile(format="xlsx", sheet=DATA), decimal=",",
            missing=("",),
            region=RegionColumn(column=self.of_type("region")[0].column),
            period=PeriodColumn(column=self.of_type("period")[0].column, kind=self.period_kind),
            constants=self.constants, measures=measures, dimensions=self.dimensions,
            attributes=self.attributes,
        )  # fmt: skip
