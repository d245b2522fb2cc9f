"""The models of the catalogue: what a YAML file may say about a dataset, indicator or source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    kind: Literal["statistics_office", "ministry", "portal", "press_collection", "compilation"]
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


class Expectations(Strict):
    """What the gates hold a dataset to, beyond its indicators' bounds."""

    minimum_rows: int = 1
    maximum_rejected: int = 0
    deletions_allowed: int = 0
    complete_regions: tuple[str, ...] = ()


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
