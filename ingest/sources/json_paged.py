"""JSON tables that a portal hands out page by page, described in the catalogue alone.

``request`` says how pages are asked for and where the rows lie in a reply; everything else
is the grammar of ``protocol: table``, with the rows' keys as columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import Field, model_validator

from ingest.errors import NothingAvailableError, UnknownReplyError
from ingest.numbers import Style
from ingest.observation import ParseResult
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Strict
from ingest.sources.exact_json import loads
from ingest.sources.json_rows import sheet_of
from ingest.sources.pages import PAGES
from ingest.sources.table_cells import read_cells
from ingest.sources.table_model import TableDataset
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

#: Keys from the reply's top down to a value, joined by dots: ``result.records``.
JsonPath = Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)*$")]


class Paging(Strict):
    """How pages are asked for: ``limit`` rows from row ``offset`` on, under these names."""

    limit: str = "limit"
    offset: str = "skip"
    size: int = Field(default=1000, ge=1)
    most_pages: int = Field(default=500, ge=1)


class PagedRequest(Strict):
    """Which table, what is asked of it, and where a reply holds its rows and its errors.

    A value of ``params`` that is no text is sent as JSON: ``where: {tahun: ["2024"]}``.
    ``total`` is where a reply counts all rows, if it does; rows that then go missing on the
    way are an error. ``error`` is a key that only refusals have.
    """

    path: str = Field(pattern=r"^/")
    params: dict[str, Any] = Field(default_factory=dict)
    paging: Paging = Paging()
    rows: JsonPath = "data"
    total: JsonPath | None = None
    error: JsonPath | None = "error"


class PagedDataset(TableDataset):
    """A paged JSON table: ``protocol: json.paged``. JSON's own numbers have a decimal point."""

    protocol: Literal["json.paged"]  # type: ignore[assignment]
    request: PagedRequest
    decimal: Style | None = "."

    @model_validator(mode="after")
    def _names_differ(self) -> PagedDataset:
        paging = self.request.paging
        if {paging.limit, paging.offset} & set(self.request.params):
            raise ValueError("`params` may not set what `paging` sets")
        return self


model: type[Dataset] = PagedDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask page after page until one is empty; it is kept too, for it ends the table.

    Without it, rows of a page that the table has shrunk away from would stand for ever. Pages
    are handed on together, or not at all: beside older ones a row could stand twice, or never.
    """
    paged = cast(PagedDataset, dataset)
    paging = paged.request.paging
    seen: dict[str, int] = {}
    answers: list[Answer] = []
    n_rows, total = 0, None
    for number in range(paging.most_pages):
        request = _request(paged, number)
        reply = fetch(request)
        said, rows = read_page(paged, reply.body)
        if total is not None and said is not None and said != total:
            raise UnknownReplyError(
                f"{dataset.dataset}: the table had {total} rows and now has {said}: it changed "
                "while its pages were read; run again"
            )
        total = said if said is not None else total
        _refuse_repeats(paged, rows, number, seen)
        answers.append((request, reply))
        if not rows:
            break
        n_rows += len(rows)
    else:
        raise UnknownReplyError(
            f"{dataset.dataset}: no end after {paging.most_pages} pages (`most_pages`)"
        )
    if n_rows == 0:
        raise NothingAvailableError(f"{dataset.dataset}: the table has no rows for this question")
    if total is not None and n_rows != total:
        raise UnknownReplyError(
            f"{dataset.dataset}: the portal counts {total} rows and handed out {n_rows}; run again"
        )
    yield from answers


def _request(dataset: PagedDataset, number: int) -> Request:
    asked, paging = dataset.request, dataset.request.paging
    params = {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in asked.params.items()
    }
    start = number * paging.size
    params |= {paging.limit: str(paging.size), paging.offset: str(start)}
    return Request(f"{PAGES}{start}", asked.path, params, page_of=PAGES)


def _refuse_repeats(
    dataset: PagedDataset, rows: Sequence[Any], number: int, seen: dict[str, int]
) -> None:
    """Refuse a page with rows of an earlier one: the table moved, or the offset is ignored."""
    for row in rows:
        text = json.dumps(row, sort_keys=True, default=str)
        if seen.setdefault(text, number) != number:
            raise UnknownReplyError(
                f"{dataset.dataset}: page {number + 1} repeats a row of page {seen[text] + 1}: the "
                f"table changed while its pages were read, or '{dataset.request.paging.offset}' "
                "is not what the portal calls its offset"
            )


def read_page(dataset: PagedDataset, body: bytes) -> tuple[int | None, Sequence[Any]]:
    """Return how many rows the portal counts, where it says so, and the rows of one page.

    Raises UnknownReplyError where the reply says no or has another form.
    """
    name, asked = dataset.dataset, dataset.request
    if looks_like_html(body):
        raise page_error(body, name, "the portal", "JSON")
    reply = loads(body, name)
    said_no = _at(reply, asked.error) if asked.error else None
    if said_no:
        # A bare number or flag says nothing alone: show what stands beside it.
        said = said_no if isinstance(said_no, (str, Mapping)) else reply
        raise UnknownReplyError(f"{name}: the portal says: {' '.join(str(said).split())[:200]}")
    rows = _at(reply, asked.rows)
    if not isinstance(rows, list):
        raise UnknownReplyError(f"{name}: the reply has no list of rows at '{asked.rows}'")
    total = _at(reply, asked.total) if asked.total else None
    if asked.total and (isinstance(total, bool) or not isinstance(total, int)):
        raise UnknownReplyError(f"{name}: the reply has no count of rows at '{asked.total}'")
    return total, rows


def _at(reply: Any, path: str) -> Any:
    """Follow a path down; None where it ends early."""
    for key in path.split("."):
        reply = reply.get(key) if isinstance(reply, Mapping) else None
    return reply


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure of a page, as of any table."""
    paged = cast(PagedDataset, dataset)
    _, rows = read_page(paged, body)
    return read_cells(paged, snapshot, sheet_of(paged, rows), context)
