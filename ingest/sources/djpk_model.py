"""What a catalogue file says about a report of the DJPK portal."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from ingest.numbers import Style
from ingest.schema import Dataset, Perimeter, Slug, Stage, Strict
from ingest.sources.bps_model import label_key
from ingest.sources.years import Years, covers
from ingest.units import parse_unit


class PortalRequest(Strict):
    """Which governments and years are asked for, and how long their figures may still move.

    Names are compared without case, dots and spaces, after ``Prov.``, ``Kab.`` or ``Kota``.
    ``reread_months`` counts the months, this one included, that are read again at each run;
    a year is closed, and asked for once, ``reread_years`` years after it ended.
    """

    provinces: tuple[str, ...] | Literal["all"]
    governments: tuple[str, ...] | Literal["all"] = "all"
    years: Years
    reread_months: int = Field(default=3, ge=1, le=12)
    reread_years: int = Field(default=2, ge=0)
    failures_in_row: int = Field(default=3, ge=1)


class Nomenclature(Strict):
    """What the labels of some years mean: ``{PAD: budget_own_revenue}``."""

    years: Years
    accounts: dict[str, Slug]

    def indicator_of(self, label: str) -> str | None:
        """Return the indicator of a label, None where none is declared."""
        known = {label_key(name): indicator for name, indicator in self.accounts.items()}
        return known.get(label_key(label))


class ReportDataset(Dataset):
    """What the two reports have in common.

    A label without an indicator of its own, and every repetition of a label, is kept under
    the indicator ``account`` with the label as its category: nothing is dropped or merged.
    """

    request: PortalRequest
    perimeter: Perimeter = "own_government"
    claimant: str | None = "DJPK"
    account: Slug
    nomenclatures: tuple[Nomenclature, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _a_year_has_one_nomenclature(self) -> ReportDataset:
        for year in range(2000, 2100):
            if sum(covers(one.years, year) for one in self.nomenclatures) > 1:
                raise ValueError(f"two nomenclatures cover {year}")
        return self

    def nomenclature_of(self, year: int) -> Nomenclature | None:
        """Return the nomenclature of a year, None where none is declared."""
        return next((one for one in self.nomenclatures if covers(one.years, year)), None)

    def indicators_named(self) -> frozenset[str]:
        """Return the general indicator and those of the accounts."""
        named = {i for one in self.nomenclatures for i in one.accounts.values()}
        return frozenset({self.account} | named)


class ApbdDataset(ReportDataset):
    """The APBD by account: ``protocol: djpk.apbd``. One dataset reads one of the two columns.

    ``realised`` is cumulative and read month by month; ``budget`` is the year's, read from
    the newest month that has a report, so that an amendment is a revision and not a rival.
    ``report`` is the portal's ``type``; what ``realisasi`` changes is unverified, since both
    columns come either way. ``repeated_month`` says what a month is whose reply repeats the
    month before byte for byte: not reported yet (``empty``), or a report (``keep``).
    """

    protocol: Literal["djpk.apbd"]
    reads: Literal["budget", "realised"]
    stage: Stage
    report: Literal["apbd", "realisasi"] = "apbd"
    repeated_month: Literal["empty", "keep"] = "empty"


class TkddDataset(ReportDataset):
    """Transfers by kind: ``protocol: djpk.tkdd``. The page's exact form is unverified.

    ``suffixes`` says what letters behind a number mean (``M`` is miliar rupiah), ``unit``
    what a number without one is in; without ``unit`` such a number is rejected. ``status``
    finds the month up to which money was paid in the page's text.
    """

    protocol: Literal["djpk.tkdd"]
    allocation_stage: Stage = "allocation"
    realised_stage: Stage = "realised_to_date"
    table: str = "tbl_data"
    suffixes: dict[str, str] = Field(default_factory=lambda: {"M": "miliar rupiah"})
    unit: str | None = None
    decimal: Style = ","
    status: str = r"s\.?\s?d\.?\s+(?P<month>[A-Za-z]+)"

    @field_validator("suffixes")
    @classmethod
    def _suffixes_are_rupiah(cls, value: dict[str, str]) -> dict[str, str]:
        for unit in value.values():
            if parse_unit(unit).unit != "idr":
                raise ValueError(f"'{unit}' is no amount of rupiah")
        return value
