"""Pages of one answer, asked for until every row that the service counts is there.

They are handed on together, or not at all: beside older pages a row that moved could stand
twice, or never.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from ingest.errors import UnknownReplyError
from ingest.protocol import Fetch, Reply, Request

#: No table that we read is this long; one that says so would keep us asking for ever.
MOST_PAGES = 2000
#: What the partitions of a dataset that is one table begin with; the offset follows.
PAGES = "from-"


class Page(NamedTuple):
    """What one page says: how many rows there are in all, and the ids of those on it."""

    total: int
    ids: Sequence[Hashable]


def all_pages(
    ask: Callable[[int], Request], read: Callable[[bytes], Page], fetch: Fetch, name: str
) -> list[tuple[Request, Reply]]:
    """Return the pages of a table; ``ask`` makes the question for the rows from an offset on.

    Raises UnknownReplyError where rows are missing, come twice, or change in number meanwhile.
    """
    pages: list[tuple[Request, Reply]] = []
    seen: set[Hashable] = set()
    total: int | None = None
    while total is None or len(seen) < total:
        request = ask(len(seen))
        reply = fetch(request)
        page = read(reply.body)
        if total is not None and page.total != total:
            raise UnknownReplyError(
                f"{name}: the table had {total} rows and now has {page.total}: it changed while "
                "its pages were read; run again"
            )
        total = page.total
        if len(set(page.ids)) < len(page.ids) or seen & set(page.ids):
            raise UnknownReplyError(
                f"{name}: rows came twice: the table changed while its pages were read, or the "
                "service ignores the offset; run again"
            )
        if (not page.ids and total > len(seen)) or len(pages) >= MOST_PAGES:
            raise UnknownReplyError(
                f"{name}: the service counts {total} rows and handed out {len(seen)}; run again"
            )
        seen |= set(page.ids)
        pages.append((request, reply))
    if len(seen) > total:
        raise UnknownReplyError(
            f"{name}: the service counts {total} rows and handed out {len(seen)}; run again"
        )
    return pages
