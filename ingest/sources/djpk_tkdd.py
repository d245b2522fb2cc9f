"""DJPK transfers to one government: the page of today, and the JSON that was there before.

Neither form is documented, and the page's is unverified: what its numbers are in and how it
says up to when it counts is for the catalogue file to say.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

import orjson

from ingest.errors import (
    NothingAvailableError,
    UnitError,
    UnknownReplyError,
    UnreadableFileError,
)
from ingest.numbers import Number, parse_number, place_value
from ingest.observation import ParseResult
from ingest.periods import Period, parse_period
from ingest.protocol import Answer, Context, Fetch, Snapshot
from ingest.schema import Dataset
from ingest.sources.djpk_accounts import Entry, Measure, ReadAmount, Report, to_rows
from ingest.sources.djpk_model import TkddDataset
from ingest.sources.djpk_questions import HOST, Asked, collect_tkdd
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error
from ingest.units import scale_to

model: type[Dataset] = TkddDataset

MONTHS = (
    "januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september",
    "oktober", "november", "desember",
)  # fmt: skip
_AMOUNT = re.compile(r"(?P<number>.*?[0-9)])\s*(?P<suffix>[A-Za-z]*)", re.DOTALL)
#: icon, label, allocation, realised, share
CELLS = 5


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask which governments there are, then for each one's page."""
    tkdd = cast(TkddDataset, dataset)
    return collect_tkdd(tkdd, fetch, lambda body: _read(tkdd, body))


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read what was allocated and what was paid of each kind of transfer."""
    tkdd = cast(TkddDataset, dataset)
    asked = Asked.of(snapshot.partition, dataset.dataset)
    entries, text = _read(tkdd, body)
    year = parse_period(str(asked.year))
    paid_to = _paid_to(tkdd, asked, text)
    measures = [
        Measure("Anggaran", tkdd.allocation_stage, year, "flow"),
        Measure("Realisasi", tkdd.realised_stage, paid_to, "cumulative"),
    ]
    return to_rows(tkdd, snapshot, context, Report(entries, measures, _amount_in(tkdd)))


def _read(dataset: TkddDataset, body: bytes) -> tuple[list[Entry], str]:
    """Return the lines and the text that says up to when they count, whichever form it is."""
    if not body.strip():
        raise UnreadableFileError(f"{dataset.dataset}: the reply is empty; fetch it again")
    entries, text = (
        _from_json(dataset, body) if body.lstrip()[:1] in b"{[n" else _from_page(dataset, body)
    )
    if not entries:
        raise NothingAvailableError(f"{dataset.dataset}: DJPK shows no transfers (an empty table)")
    return entries, text


# -- the page --------------------------------------------------------------------------


def _from_page(dataset: TkddDataset, body: bytes) -> tuple[list[Entry], str]:
    """Read the one table; lxml mends its rows, which are nested against the rules of HTML."""
    from lxml import html

    if not looks_like_html(body) and b"<table" not in body.lower():
        raise UnreadableFileError(f"{dataset.dataset}: neither a page nor JSON; fetch it again")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{dataset.dataset}: byte {error.start} of the page is no UTF-8"
        ) from None
    page = html.document_fromstring(text)
    tables = page.xpath("//table[@id=$id]", id=dataset.table)
    if len(tables) != 1:
        raise page_error(body, dataset.dataset, HOST, f"the table '{dataset.table}'")
    if b"</table" not in body.lower() or b"</html" not in body.lower():
        raise UnreadableFileError(f"{dataset.dataset}: the page was cut off; fetch it again")
    entries = [_from_row(n, row) for n, row in enumerate(tables[0].iter("tr"), start=1)]
    return [entry for entry in entries if entry], " ".join(" ".join(page.itertext()).split())


def _from_row(number: int, row: Any) -> Entry | None:
    """Read the cells that are the row's own; a row without any holds headings."""
    cells = [" ".join(cell.text_content().split()) for cell in row.findall("td")]
    if not any(cells):
        return None
    place = f"row {number}"
    if len(cells) != CELLS:
        return Entry(place, " | ".join(cells), {}, {}, f"the row has {len(cells)} cells")
    _, label, allocated, paid, share = cells
    figures = {"Anggaran": allocated, "Realisasi": paid}
    return Entry(place, label, figures, {"row": place, "persentase": share})


# -- the JSON of before ----------------------------------------------------------------


def _from_json(dataset: TkddDataset, body: bytes) -> tuple[list[Entry], str]:
    """Walk the tree ``postur``: a node's own figures, then those of its children."""
    try:
        reply = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(f"{dataset.dataset}: no JSON: {error.msg}") from None
    tree = reply.get("postur") if isinstance(reply, dict) else None
    if not isinstance(tree, (dict, list)):
        raise UnknownReplyError(f"{dataset.dataset}: the reply has no `postur`")
    entries = list(_nodes(tree, "postur"))
    return entries, f"{reply.get('disclaimer', '')} {reply.get('special_row', '')}"


def _nodes(tree: Any, place: str) -> Iterator[Entry]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree, start=1)
    for key, node in items:
        at = f"{place}.{key}"
        if not isinstance(node, dict):
            yield Entry(at, str(node), {}, {}, "the node is no object")
            continue
        figures = node.get("total", node.get("value"))
        if not isinstance(figures, Mapping):
            yield Entry(at, str(node.get("text", "")), {}, {}, "the node has no figures")
        else:
            yield Entry(
                at,
                str(node.get("text", "")),
                {
                    "Anggaran": str(figures.get("anggaran", "")),
                    "Realisasi": str(figures.get("realisasi", "")),
                },
                {
                    "row": at,
                    "persentase": str(figures.get("persentase", "")),
                    "code": str(node.get("kodeakun", "")),
                },
            )
        yield from _nodes(node.get("child") or [], at)


# -- what the numbers mean -------------------------------------------------------------


def _amount_in(dataset: TkddDataset) -> ReadAmount:
    """Return the reader of amounts: the letters behind a number win over the declared unit."""
    suffixes = {suffix.casefold(): unit for suffix, unit in dataset.suffixes.items()}

    def read(text: str) -> tuple[Number, Decimal]:
        found = _AMOUNT.fullmatch(text.strip())
        digits, suffix = (found["number"], found["suffix"]) if found else (text, "")
        number = parse_number(digits, dataset.decimal)
        if number.value is None:
            return number, Decimal(1)
        unit = suffixes.get(suffix.casefold()) if suffix else dataset.unit
        if unit is None:
            raise UnitError(
                "unknown_unit",
                f"'{text.strip()}' has no unit: say in the catalogue what "
                + (f"'{suffix}' means (`suffixes`)" if suffix else "a bare number is in (`unit`)"),
            )
        scale = scale_to(unit, "idr")
        precision = max(Decimal(1), place_value(digits, number.value) * scale)
        return Number(number.value * scale, number.mark), precision

    return read


def _paid_to(dataset: TkddDataset, asked: Asked, text: str) -> Period | None:
    """Return the year up to the month that the reply names, None where it names none."""
    for found in re.finditer(dataset.status, text, re.IGNORECASE):
        name = found["month"].lower()
        if name in MONTHS:
            number = MONTHS.index(name) + 1
            end = date(asked.year, number, calendar.monthrange(asked.year, number)[1])
            return parse_period(f"{asked.year}-01-01/{end}")
    return None
