"""From the lines of a DJPK report to tidy rows: accounts by label, none dropped, none merged.

The portal prints a label twice where a group has one member, and sometimes with two
different figures; its labels carry no code and no depth. So a label's indicator is given to
its first line alone, and only where its repetitions say the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import orjson

from ingest import bounds
from ingest.errors import ValueRejectedError
from ingest.numbers import Number, to_storage
from ingest.observation import ParseResult, observation_table, rejected_table
from ingest.periods import Period
from ingest.protocol import Context, Snapshot
from ingest.sources.bps_model import label_key, plain
from ingest.sources.djpk_model import ReportDataset
from ingest.sources.djpk_questions import Asked

#: PHP prints a number with so many digits that mean something.
SIGNIFICANT_DIGITS = 14


@dataclass(frozen=True)
class Measure:
    """One column of figures: which it is, at which stage, about which period."""

    name: str
    stage: str
    period: Period | None
    kind: str


@dataclass(frozen=True)
class Entry:
    """One line: its place, its label, its figures by column as printed, and the rest."""

    place: str
    label: str
    figures: Mapping[str, str]
    attributes: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True)
class Account:
    """What a line is about."""

    indicator: str
    breakdown: str
    category: str
    occurrence: int
    note: str | None


ReadAmount = Callable[[str], tuple[Number, Decimal]]


@dataclass(frozen=True)
class Report:
    """What a reply holds: its lines, the columns that are read, and how an amount is."""

    entries: Sequence[Entry]
    measures: Sequence[Measure]
    read_amount: ReadAmount


def to_rows(
    dataset: ReportDataset, snapshot: Snapshot, context: Context, report: Report
) -> ParseResult:
    """Read each measure of each line into a tidy row, or reject it with its reason."""
    asked = Asked.of(snapshot.partition, dataset.dataset)
    reader = _Reader(dataset, asked, context, report.read_amount)
    accounts = _accounts(dataset, asked.year, report.entries)
    observations: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    for entry, account in zip(report.entries, accounts, strict=True):
        for measure in report.measures:
            place = {
                "dataset_id": dataset.dataset,
                "snapshot_id": snapshot.snapshot_id,
                "locator": f"{entry.place}, {measure.name}",
            }
            try:
                observations.append(place | reader.read(entry, account, measure))
            except ValueRejectedError as error:
                raw = entry.figures.get(measure.name, entry.label)
                said = {"raw_value": raw, "rule": error.rule, "message": str(error)}
                rejected.append(place | said)
    n_items = len(report.entries) * len(report.measures)
    return ParseResult(observation_table(observations), rejected_table(rejected), n_items)


def _accounts(dataset: ReportDataset, year: int, entries: Sequence[Entry]) -> list[Account]:
    """Say for each line what it is about, counting the lines of a label."""
    nomenclature = dataset.nomenclature_of(year)
    said: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for entry in entries:
        said[label_key(entry.label)].add(tuple(entry.figures.values()))
    counts: Counter[str] = Counter()
    taken: set[str] = set()
    accounts = []
    for entry in entries:
        label, key = plain(entry.label), label_key(entry.label)
        counts[key] += 1
        n, is_one = counts[key], len(said[key]) == 1
        indicator = nomenclature.indicator_of(label) if nomenclature else None
        note = None if is_one else "the report prints this label again with other figures"
        if indicator and n == 1 and is_one and indicator not in taken:
            taken.add(indicator)
            accounts.append(Account(indicator, "total", "total", n, note))
        else:
            category = label if n == 1 else f"{label} #{n}"
            accounts.append(Account(dataset.account, "account", category, n, note))
    return accounts


class _Reader:
    """Reads the figures of one reply."""

    def __init__(
        self, dataset: ReportDataset, asked: Asked, context: Context, read_amount: ReadAmount
    ) -> None:
        self.dataset, self.asked, self.context = dataset, asked, context
        self.read_amount = read_amount
        source = context.sources[dataset.source]
        self.said_by = {
            "source_id": source.source,
            "source_name": source.name,
            "source_url": source.url,
            "provenance_tier": source.provenance_tier,
            "claimant": dataset.claimant,
        }

    def read(self, entry: Entry, account: Account, measure: Measure) -> dict[str, Any]:
        """Return the row of one figure; raise ValueRejectedError where it can't be read."""
        if entry.problem:
            raise ValueRejectedError("ragged_row", f"{entry.problem}: {entry.label}")
        if not entry.label.strip():
            raise ValueRejectedError("no_account", "the line has no label")
        if measure.period is None:
            raise ValueRejectedError(
                "unknown_period", "the page does not say up to when this was paid (`status`)"
            )
        text = entry.figures[measure.name]
        number, precision = self.read_amount(text)
        indicator = self.context.indicators[account.indicator]
        value = None if number.value is None else _rupiah(number.value, text)
        if value is not None:
            bounds.check(indicator, value)
        return {
            "indicator_id": indicator.indicator,
            "region_code": self.asked.region(self.context.regions),
            "period_start": measure.period.start,
            "period_end": measure.period.end,
            "period_label": measure.period.label,
            "period_kind": measure.kind,
            "stage": measure.stage,
            "perimeter": self.dataset.perimeter,
            "breakdown": account.breakdown,
            "category": account.category,
            "attributes": orjson.dumps(
                {
                    "account": plain(entry.label),
                    "occurrence": str(account.occurrence),
                    **entry.attributes,
                }
            ).decode(),
            "value": value,
            "value_text": text.strip(),
            "unit": indicator.unit,
            "precision": None if value is None else precision,
            "obs_status": "O" if value is None else "A",
            "note": account.note,
            **self.said_by,
        }


def _rupiah(value: Decimal, text: str) -> Decimal:
    """Round to whole rupiah, half to even."""
    return to_storage(value.to_integral_value(ROUND_HALF_EVEN), text)


def precision_of(text: str, value: Decimal) -> Decimal:
    """Return what the last digit of a printed number is worth, one rupiah at least."""
    if "e" not in text.lower() or not value:
        return Decimal(1)
    return max(Decimal(1), Decimal(1).scaleb(value.adjusted() + 1 - SIGNIFICANT_DIGITS))
