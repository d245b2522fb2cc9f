"""Web pages that came where data was expected: a firewall's refusal, or anything else.

No message quotes the page: a firewall repeats the whole address, and a key with it.
"""

from __future__ import annotations

import re

from ingest.errors import BlockedError, ErrorReplyError, HtmlReplyError

_BLOCK = re.compile(rb"waf block|akses ini ditolak|access is blocked|just a moment", re.IGNORECASE)


def page_error(body: bytes, dataset: str, host: str, expected: str) -> ErrorReplyError:
    """Tell the firewall's page from any other page, quoting neither."""
    if _BLOCK.search(body[:200_000]):
        return BlockedError(
            f"{dataset}: the firewall in front of {host} refused the request. It is left alone "
            "until the next scheduled run"
        )
    return HtmlReplyError(
        f"{dataset}: a web page came where {expected} was expected; try again later"
    )
