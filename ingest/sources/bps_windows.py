"""Ask BPS for a variable: first which periods it has, then its data window by window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import (
    NothingAvailableError,
    ReplyTooLargeError,
    UnknownReplyError,
    WindowTooWideError,
)
from ingest.protocol import Fetch, Reply, Request
from ingest.sources.bps_model import DynamicDataset
from ingest.sources.bps_replies import read_object

#: No list of periods is this long; one that says so would keep us asking for ever.
MOST_PAGES = 100
Answer = tuple[Request, Reply]


@dataclass(frozen=True)
class Period:
    """One period that BPS lists: its own id and the year it stands for."""

    id: int
    year: int


def collect_windows(dataset: DynamicDataset, fetch: Fetch) -> Iterator[Answer]:
    """Yield the pages of the period list, then every window's data, oldest first.

    A window that BPS finds too wide is cut to the size it names, one whose answer it
    can't send is halved, and one it has nothing for is left out. Raises the other
    ErrorReplyErrors, and ReplyTooLargeError where a single year is too large.
    """
    found: list[Period] = []
    for request, reply, rows in _pages(dataset, fetch):
        found += [_period(row, dataset.dataset) for row in rows]
        yield request, reply
    wanted = sorted(
        {p for p in found if dataset.request.wants(p.year)}, key=lambda period: period.id
    )
    size = dataset.request.window
    waiting = _cut(wanted, size)
    while waiting:
        window = waiting.pop(0)
        request = _data_request(dataset, window)
        reply = fetch(request)
        try:
            read_object(reply.body, dataset.dataset)
        except WindowTooWideError as error:
            if not 1 <= error.maximum < len(window):
                raise
            waiting = _cut([p for rest in [window, *waiting] for p in rest], error.maximum)
            continue
        except ReplyTooLargeError:
            if len(window) == 1:
                raise
            half = len(window) // 2
            waiting[:0] = [window[:half], window[half:]]
            continue
        except NothingAvailableError:
            continue
        yield request, reply


def _pages(dataset: DynamicDataset, fetch: Fetch) -> Iterator[tuple[Request, Reply, Sequence[Any]]]:
    """Yield every page of the period list, as many as its envelope says there are."""
    page, pages = 1, 1
    while page <= pages:
        request = _list_request(dataset, page)
        reply = fetch(request)
        envelope, rows = _list_page(read_object(reply.body, dataset.dataset), dataset.dataset)
        pages = int(envelope["pages"])
        if pages > MOST_PAGES:
            raise UnknownReplyError(f"{dataset.dataset}: BPS lists {pages} pages of periods")
        yield request, reply, rows
        page += 1


def _list_page(reply: dict[str, Any], name: str) -> tuple[dict[str, Any], Sequence[Any]]:
    data = reply.get("data")
    match data:
        case [{"pages": int()} as envelope, list() as rows]:
            return envelope, rows
    raise UnknownReplyError(f"{name}: the list of periods has not the form [envelope, rows]")


def _period(row: Any, name: str) -> Period:
    try:
        return Period(int(row["th_id"]), int(row["th"]))
    except (TypeError, KeyError, ValueError):
        raise UnknownReplyError(f"{name}: a row of the period list is no th_id and th") from None


def _cut(periods: Sequence[Period], size: int) -> list[Sequence[Period]]:
    return [periods[at : at + size] for at in range(0, len(periods), size)]


def _list_request(dataset: DynamicDataset, page: int) -> Request:
    params = _params(dataset, "th")
    if page > 1:
        params["page"] = str(page)
    return Request("th" if page == 1 else f"th-p{page}", "/list", params, keep=False)


def _data_request(dataset: DynamicDataset, window: Sequence[Period]) -> Request:
    first, last = window[0].id, window[-1].id
    partition = f"th-{first}" if first == last else f"th-{first}-{last}"
    ids = ";".join(str(period.id) for period in window)
    return Request(partition, "/list", _params(dataset, "data") | {"th": ids})


def _params(dataset: DynamicDataset, model: str) -> dict[str, str]:
    return {
        "model": model,
        "lang": "ind",
        "domain": dataset.request.domain,
        "var": str(dataset.request.variable),
    }
