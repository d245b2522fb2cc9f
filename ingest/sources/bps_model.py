"""What a catalogue file says about one BPS dynamic-data variable."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ingest.periods import PeriodKind
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict
from ingest.sources.years import Years

Domain = Annotated[str, Field(pattern=r"^\d{4}$")]
#: What stands behind an address in path style so that the key is no part of the query. For
#: which services BPS takes it there is not documented: so it is the file's to say.
KeyPlace = Annotated[str, Field(pattern=r"^(/[A-Za-z_]+)*/\{key\}/?$")]
WINDOW_NATIONAL = 3
WINDOW_OTHER = 2


def plain(label: object) -> str:
    """Return a label as people read it: no tags, no padding, one space between words."""
    return _plain(str(label))


def label_key(label: object) -> str:
    """Return the form in which labels are compared: plain and without case."""
    return _plain(str(label)).casefold()


@lru_cache(maxsize=1 << 14)
def _plain(label: str) -> str:
    """Tidy a label once: every window of a variable lists the same ones."""
    text = re.sub(r"<[^<>]*>", " ", label).replace("\u00a0", " ")
    return " ".join(text.split())


class DynamicRequest(Strict):
    """Which variable of which domain, and which years: ``2010:`` on, ``2018:2024``, ``2023``."""

    domain: Domain
    variable: int = Field(gt=0)
    years: Years = "1900:"

    @property
    def window(self) -> int:
        """How many periods one request may cover, until the source says otherwise."""
        return WINDOW_NATIONAL if self.domain == "0000" else WINDOW_OTHER


class RegionOfVervar(Strict):
    """Regions are the vertical variable's codes."""

    from_: Literal["vervar"] = Field(alias="from")
    system: Literal["bps"] = "bps"


class FixedRegion(Strict):
    """The whole variable is about one region; vervar is then a breakdown or unused."""

    from_: Literal["fixed"] = Field(alias="from")
    code: Domain


class Rounds(Strict):
    """What the labels of ``turtahun`` mean. A label in no list is rejected, never guessed.

    ``months`` name survey rounds and months, ``halves`` and ``quarters`` parts of a year,
    ``annual`` the whole year. ``ignore`` lists labels whose figures nobody asked for: they
    are rejected with the rule ``ignored_period``, so that counts close.
    """

    year: Literal["tahun"] = "tahun"
    round: Literal["turtahun"] = "turtahun"
    months: dict[str, Annotated[int, Field(ge=1, le=12)]] = Field(default_factory=dict)
    halves: dict[str, Literal[1, 2]] = Field(default_factory=dict)
    quarters: dict[str, Literal[1, 2, 3, 4]] = Field(default_factory=dict)
    annual: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    kind: PeriodKind = "round"

    @cached_property
    def suffixes(self) -> tuple[tuple[str, str], ...]:
        """What each known label, as it is compared, puts behind the year."""
        known = {label: f"-{number:02d}" for label, number in self.months.items()}
        known |= {label: f"-S{number}" for label, number in self.halves.items()}
        known |= {label: f"-Q{number}" for label, number in self.quarters.items()}
        known |= dict.fromkeys(self.annual, "")
        return tuple((label_key(label), suffix) for label, suffix in known.items())

    @cached_property
    def ignored(self) -> frozenset[str]:
        """The labels that nobody asked for, as they are compared."""
        return frozenset(map(label_key, self.ignore))

    @model_validator(mode="after")
    def _each_label_once(self) -> Rounds:
        labels = [*self.months, *self.halves, *self.quarters, *self.annual, *self.ignore]
        keys = [label_key(label) for label in labels]
        if len(keys) != len(set(keys)):
            raise ValueError("a turtahun label has two meanings")
        if len(labels) == len(self.ignore):
            raise ValueError("no label is read: give months, halves, quarters or annual")
        return self


class BreakdownOf(Strict):
    """A dimension whose labels are categories: ``{Laki-laki: male, Jumlah: total}``.

    The category ``total`` makes a row a total, whatever the breakdown is called.
    """

    from_: Literal["turvar", "vervar"] = Field(alias="from")
    breakdown: Slug
    categories: dict[str, str] = Field(min_length=1)
    ignore: tuple[str, ...] = ()


class DynamicDataset(Dataset):
    """One variable of the BPS WebAPI: ``protocol: bps.dynamic_data``.

    ``unit`` is the unit as BPS prints it: a reply with another one is rejected item by item.
    ``read_as`` says what it means where BPS's own text does not (``Tidak Ada Satuan``).
    """

    protocol: Literal["bps.dynamic_data"]
    request: DynamicRequest
    region: RegionOfVervar | FixedRegion = Field(discriminator="from_")
    period: Rounds
    indicator: Slug
    unit: str | None = None
    read_as: str | None = None
    stage: Stage = "observed"
    perimeter: Perimeter = "area"
    series_version: str = ""
    claimant: str | None = "BPS"
    breakdown: BreakdownOf | None = None

    @field_validator("breakdown")
    @classmethod
    def _one_use_each(cls, value: BreakdownOf | None, info: object) -> BreakdownOf | None:
        region = getattr(info, "data", {}).get("region")
        if value and value.from_ == "vervar" and isinstance(region, RegionOfVervar):
            raise ValueError("vervar can't be both the region and the breakdown")
        return value

    def indicators_named(self) -> frozenset[str]:
        """Return the one indicator of this variable."""
        return frozenset({self.indicator})
