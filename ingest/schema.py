"""The models of the catalogue: what a YAML file may say about a dataset, indicator or source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Stage = Literal[
    "observed", "draft", "plan", "approved", "enacted", "amended", "outlook", "projection",
    "allocation", "realised", "realised_to_date", "reported_claim", "unspecified",
]  # fmt: skip
Perimeter = Literal["area", "own_government", "all_governments", "component"]
Tier = Literal["primary", "official_via_press", "secondary_compilation", "encyclopaedia", "opinion"]
Unit = Literal[
    "percent", "persons", "idr", "idr_per_person", "idr_per_person_year", "index", "years",
    "count", "units", "km2", "km", "ratio",
]  # fmt: skip
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """A model that refuses keys it does not know: a typo in YAML is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """One text in Indonesian and in English."""

    id: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Indicator(Strict):
    """What a figure means, whoever publishes it.

    ``minimum`` and ``maximum`` are bounds of the possible, not of the plausible: a value
    outside them is rejected. ``direction`` says which way is better for people.
    """

    indicator: Slug
    name: Bilingual
    definition: Bilingual
    unit: Unit
    theme: Slug
    direction: Literal["higher_is_better", "lower_is_better", "neutral"] = "neutral"
    cadence: Slug = "irregular"
    minimum: Decimal | None = None
    maximum: Decimal | None = None


class Source(Strict):
    """A publisher of datasets, its terms and how it is reached."""

    source: Slug
    name: str
    url: str
    kind: Literal[
        "statistics_office", "ministry", "agency", "portal", "press_collection", "compilation"
    ]
    provenance_tier: Tier
    licence: str
    terms_known: bool
    connection: Slug | None = None
    default_url: str | None = None


class Release(Strict):
    """One due date of a cadence: figures of ``period_month`` appear by ``month``/``day``."""

    period_month: int = Field(ge=1, le=12)
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    years_later: int = 0


class Cadence(Strict):
    """When new figures are due. No releases: nothing is ever late."""

    cadence: Slug
    name: Bilingual
    releases: tuple[Release, ...] = ()
    grace_days: int = 14


class Bundle(Strict):
    """Where a dataset's bundled replies lie and when their figures were collected."""

    folder: str
    collected_on: date


class Members(Strict):
    """A promise that every province of the country, or every regency of a province, reports.

    With ``level`` regencies it is every regency and city of the country. Held for each period
    from ``since`` on (a period label), and for each indicator named, or all of the dataset's.
    ``missing_allowed`` counts those known to be missing.
    """

    of: Annotated[str, Field(pattern=r"^\d{4}$")]
    level: Literal["members", "regencies"] = "members"
    indicators: tuple[Slug, ...] = ()
    since: str | None = None
    missing_allowed: int = Field(default=0, ge=0)


class Expectations(Strict):
    """What the gates hold a dataset to, beyond its indicators' bounds.

    ``changes_warn_pct`` and ``history_z`` only ever warn: a large revision or a far-off value
    may be true. ``history_z`` is in robust standard deviations of the figure's own series.
    """

    minimum_rows: int = 1
    maximum_rejected: int = 0
    deletions_allowed: int = 0
    changes_warn_pct: Decimal = Field(default=Decimal(10), ge=0, le=100)
    history_z: Decimal = Field(default=Decimal(8), gt=0)
    complete_regions: tuple[str, ...] = ()
    complete_members: tuple[Members, ...] = ()


class Dataset(Strict):
    """What every dataset says; each protocol adds its own fields in a subclass."""

    dataset: Slug
    protocol: str
    source: Slug
    title: Bilingual
    cadence: Slug = "irregular"
    bundled: Bundle | None = None
    expect: Expectations = Expectations()

    def indicators_named(self) -> frozenset[str]:
        """Return the indicator ids this file names, so that the catalogue can check them."""
        return frozenset()


class ClaimAddress(Strict):
    """Which published claim is meant; what is not said may be anything."""

    indicator: Slug
    region: str
    period: str
    stage: Stage | None = None
    perimeter: Perimeter | None = None
    breakdown: str = "total"
    category: str = "total"
    baseline: str | None = None
    series_version: str | None = None
    claimant: str | None = None
    source_url: str | None = None


class Changes(Strict):
    """What a claim should have said. ``value`` is in the unit it was published in.

    ``unit`` is that unit as printed, where it is not the indicator's own; ``period_day: last``
    makes a stock one of the period's last day.
    """

    value: str | None = None
    unit: str | None = None
    precision: Annotated[str, Field(pattern=r"^\d{1,18}(\.\d{1,6})?$")] | None = None
    indicator: Slug | None = None
    region: str | None = None
    period: str | None = None
    period_day: Literal["last"] | None = None
    stage: Stage | None = None
    perimeter: Perimeter | None = None
    baseline: str | None = None
    series_version: str | None = None


class Correction(Strict):
    """A declared correction of one published claim: where, what, why, who said so and when.

    ``expect`` is the text that the claim is expected to carry. One of ``set`` (what it should
    have said), ``withdraw`` (it should not be counted at all) and ``doubt`` (wrong somewhere,
    nobody knows where: the value stays and is flagged).
    """

    correction: Slug
    dataset: Slug
    where: ClaimAddress
    expect: str
    changes: Changes | None = Field(default=None, alias="set")
    withdraw: bool = False
    doubt: bool = False
    reason: Bilingual
    reported_by: str = Field(min_length=1)
    reported_on: date

    @model_validator(mode="after")
    def _one_thing_is_done(self) -> Correction:
        if [self.changes is not None, self.withdraw, self.doubt].count(True) != 1:
            raise ValueError("say one of `set`, `withdraw: true` and `doubt: true`")
        if self.changes is not None and not self.changes.model_dump(exclude_none=True):
            raise ValueError("`set` changes nothing")
        return self

    @property
    def kind(self) -> Literal["misprint", "label", "withdrawal", "doubt"]:
        """Say whether a value, a label, or the claim itself is wrong, or only doubted."""
        if self.changes is None:
            return "withdrawal" if self.withdraw else "doubt"
        return "label" if self.changes.value is None else "misprint"

    def indicators_named(self) -> frozenset[str]:
        """Return the indicator ids this entry names."""
        changed = self.changes.indicator if self.changes else None
        return frozenset({self.where.indicator} | ({changed} if changed else set()))
