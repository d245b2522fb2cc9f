"""Ask BPS for a variable: first which periods it has, then its data window by window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.errors import (
    BadKeyError,
    BlockedError,
    FetchError,
    IngestError,
    ReplyTooLargeError,
    UnknownReplyError,
    WindowTooWideError,
)
from ingest.protocol import Answer, Fetch, Request
from ingest.sources.bps_lists import Row, list_request, read_pages
from ingest.sources.bps_model import DynamicDataset
from ingest.sources.bps_replies import read_object
from ingest.sources.years import covers

#: After so many windows in a row that could not be fetched, the service is taken to be away.
MOST_FAILURES = 3


@dataclass(frozen=True)
class Period:
    """One period that BPS lists: its own id and the year it stands for."""

    id: int
    year: int


Window = Sequence[Period]


def collect_windows(dataset: DynamicDataset, fetch: Fetch) -> Iterator[Answer]:
    """Yield the pages of the period list, then every window's data, oldest first.

    A window that fails is yielded with its error, and the others go on. Raises BadKeyError
    and BlockedError at once: they are about us, not about a window.
    """
    found: list[Period] = []
    for page in read_pages(list_request("th", **_params(dataset, "th")), fetch, dataset.dataset):
        found += [_period(row, dataset.dataset) for row in page.rows]
        yield page.request, page.reply
    wanted = sorted(
        {p for p in found if covers(dataset.request.years, p.year)}, key=lambda period: period.id
    )
    yield from _Windows(dataset, fetch, _cut(wanted, dataset.request.window))


class _Windows:
    """The windows still to ask for; answers change what is left to ask."""

    def __init__(self, dataset: DynamicDataset, fetch: Fetch, waiting: list[Window]) -> None:
        self.dataset, self.fetch, self.waiting = dataset, fetch, waiting
        self.failures = 0

    def __iter__(self) -> Iterator[Answer]:
        while self.waiting:
            answer = self._ask(self.waiting.pop(0))
            if answer is not None:
                yield answer

    def _ask(self, window: Window) -> Answer | None:
        """Ask for one window; None where it has to be asked for in other pieces."""
        request = _data_request(self.dataset, window)
        try:
            reply = self.fetch(request)
            self.failures = 0
            data = read_object(reply.body, self.dataset.dataset)
            self._ask_again(_left_out(data, window, self.dataset.dataset), window)
        except (BadKeyError, BlockedError):
            raise
        except FetchError as error:
            self.failures += 1
            if self.failures == MOST_FAILURES:
                raise
            return request, error
        except IngestError as error:
            return None if self._cut_up(window, error) else (request, error)
        return request, reply

    def _cut_up(self, window: Window, error: IngestError) -> bool:
        """Put smaller windows in the place of one that does not fit; False where none would."""
        if isinstance(error, WindowTooWideError) and 1 <= error.maximum < len(window):
            periods = [period for rest in [window, *self.waiting] for period in rest]
            self.waiting = _cut(periods, error.maximum)
            return True
        if isinstance(error, ReplyTooLargeError) and len(window) > 1:
            half = len(window) // 2
            self.waiting[:0] = [window[:half], window[half:]]
            return True
        return False

    def _ask_again(self, left_out: Window, window: Window) -> None:
        """Ask one by one for the periods that a reply was silent about."""
        if left_out and len(window) == 1:
            raise _not_asked_for(self.dataset.dataset, window, "none of them")
        self.waiting[:0] = [[period] for period in left_out]


def _left_out(data: dict[str, Any], window: Window, name: str) -> Window:
    """Return the periods asked for that a reply does not list.

    Raises UnknownReplyError where it lists others. A reply without any list of periods is
    left to the parser, which says what is wrong with it.
    """
    listed = data.get("tahun")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        return []
    ids = {str(entry.get("val")) for entry in listed}
    strange = sorted(ids - {str(period.id) for period in window})
    if strange:
        raise _not_asked_for(name, window, ", ".join(strange))
    return [period for period in window if str(period.id) not in ids]


def _not_asked_for(name: str, window: Window, got: str) -> UnknownReplyError:
    asked = ", ".join(str(period.id) for period in window)
    return UnknownReplyError(
        f"{name}: reply_not_asked_for: asked for the periods {asked}, the reply lists {got}"
    )


def _period(row: Row, name: str) -> Period:
    try:
        return Period(int(row["th_id"]), int(row["th"]))
    except (TypeError, KeyError, ValueError):
        raise UnknownReplyError(f"{name}: a row of the period list is no th_id and th") from None


def _cut(periods: Window, size: int) -> list[Window]:
    return [periods[at : at + size] for at in range(0, len(periods), size)]


def _data_request(dataset: DynamicDataset, window: Window) -> Request:
    first, last = window[0].id, window[-1].id
    partition = f"th-{first}" if first == last else f"th-{first}-{last}"
    ids = ";".join(str(period.id) for period in window)
    params = {"lang": "ind", **_params(dataset, "data"), "th": ids}
    return Request(partition, "/list", params)


def _params(dataset: DynamicDataset, model: str) -> dict[str, str]:
    return {
        "model": model,
        "domain": dataset.request.domain,
        "var": str(dataset.request.variable),
    }
