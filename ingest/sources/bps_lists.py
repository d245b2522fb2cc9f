"""Lists of the BPS WebAPI, read to their last page: ten rows each, as many as the envelope says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ingest.errors import NothingAvailableError, UnknownReplyError
from ingest.protocol import Fetch, Reply, Request
from ingest.sources.bps_replies import read_object

#: No list is this long; one that says so would keep us asking for ever.
MOST_PAGES = 1000
Row = Mapping[str, Any]


@dataclass(frozen=True)
class ListPage:
    """One page of a list: the question, the answer and the rows in it."""

    request: Request
    reply: Reply
    rows: Sequence[Row]


def list_request(partition: str, **params: str) -> Request:
    """Return the question for the first page of a list that only steers the collection."""
    return Request(partition, "/list", {"lang": "ind", **params}, keep=False)


def read_pages(first: Request, fetch: Fetch, name: str) -> Iterator[ListPage]:
    """Yield every page of a list, the last one too.

    Raises NothingAvailableError where there is no list at all, and UnknownReplyError where
    a page is missing, is another than asked for, or the rows are fewer than announced.
    """
    number, pages, n_rows = 1, 1, 0
    while number <= pages:
        request = first if number == 1 else _page_of(first, number)
        reply = fetch(request)
        envelope, rows = _page(_object(reply, number, name), name)
        _check_page(envelope, number, name)
        n_rows += len(rows)
        yield ListPage(request, reply, rows)
        pages = int(envelope["pages"])
        number += 1
    total = envelope.get("total")
    if isinstance(total, int) and n_rows != total:
        raise UnknownReplyError(
            f"{name}: BPS announced {total} rows of {_what(first)} and sent {n_rows}; "
            "the list changed while it was read, or a page is not whole: try again"
        )


def read_rows(first: Request, fetch: Fetch, name: str) -> list[Row]:
    """Return the rows of all pages; none where BPS says that there is no such list."""
    try:
        return [row for page in read_pages(first, fetch, name) for row in page.rows]
    except NothingAvailableError:
        return []


def _page_of(first: Request, number: int) -> Request:
    return replace(
        first,
        partition=f"{first.partition}-p{number}",
        params={**first.params, "page": str(number)},
    )


def _object(reply: Reply, number: int, name: str) -> dict[str, Any]:
    try:
        return read_object(reply.body, name)
    except NothingAvailableError:
        if number == 1:
            raise
        raise UnknownReplyError(
            f"{name}: page {number} of a list was announced and is not there; try again"
        ) from None


def _page(reply: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], Sequence[Row]]:
    """Take [envelope, rows] apart."""
    match reply.get("data"):
        case [{"pages": int()} as envelope, list() as rows] if all(
            isinstance(row, dict) for row in rows
        ):
            return envelope, rows
    raise UnknownReplyError(f"{name}: a list of BPS has not the form [envelope, rows]")


def _check_page(envelope: Mapping[str, Any], number: int, name: str) -> None:
    if envelope["pages"] > MOST_PAGES:
        raise UnknownReplyError(f"{name}: BPS announces a list of {envelope['pages']} pages")
    if envelope.get("page", number) != number:
        raise UnknownReplyError(
            f"{name}: asked for page {number} of a list, BPS sent page {envelope['page']}"
        )


def _what(request: Request) -> str:
    return f"'{request.params.get('model', request.path)}'"
