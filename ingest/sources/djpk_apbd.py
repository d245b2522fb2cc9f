"""DJPK ``csv_apbd``: the budget of one government and what it realised, account by account."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

from ingest.errors import UnreadableFileError
from ingest.numbers import Number, parse_number
from ingest.observation import ParseResult
from ingest.periods import parse_period
from ingest.protocol import Answer, Context, Fetch, Snapshot
from ingest.schema import Dataset
from ingest.sources.djpk_accounts import Entry, Measure, Report, precision_of, to_rows
from ingest.sources.djpk_model import ApbdDataset
from ingest.sources.djpk_questions import Asked, collect_apbd
from ingest.sources.djpk_workbook import Line, read_workbook

model: type[Dataset] = ApbdDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask which governments there are, then for each one's reports."""
    return collect_apbd(
        cast(ApbdDataset, dataset), fetch, lambda body: read_workbook(body, dataset.dataset)
    )


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read the column that the dataset reads; the share beside it stays an attribute."""
    apbd = cast(ApbdDataset, dataset)
    measure = _measure(apbd, Asked.of(snapshot.partition, dataset.dataset))
    entries = [_entry(line) for line in read_workbook(body, dataset.dataset)]
    return to_rows(apbd, snapshot, context, Report(entries, [measure], _amount))


def _measure(dataset: ApbdDataset, asked: Asked) -> Measure:
    """Return the column that is read: the year's budget, or what came in up to the month."""
    if dataset.reads == "budget":
        return Measure("Anggaran", dataset.stage, parse_period(str(asked.year)), "flow")
    if asked.month is None:
        raise UnreadableFileError(
            f"{dataset.dataset}: what was realised needs the month up to which it counts; call a "
            f"saved reply {asked.year}-12-{asked.pair}.xml if it is December's"
        )
    to_date = parse_period(f"{asked.year}-01-01/{asked.month_end}")
    return Measure("Realisasi", dataset.stage, to_date, "cumulative")


def _entry(line: Line) -> Entry:
    if line.cells is None:
        return Entry(line.place, line.text, {}, {}, "the row has not the four cells of the header")
    label, budget, realised, share = line.cells
    figures = {"Anggaran": budget, "Realisasi": realised}
    return Entry(line.place, label, figures, {"row": line.place, "persentase": share.strip()})


def _amount(text: str) -> tuple[Number, Decimal]:
    """Read rupiah as PHP prints them: a decimal point, E-notation for the large ones."""
    number = parse_number(text, ".")
    return number, precision_of(text, number.value or Decimal(0))
