"""What the BPS WebAPI answers besides figures: every known refusal gets its own error.

It says no with HTTP 200, in five different forms. No message here quotes a page: the
firewall's page repeats the whole address, and the key with it.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from ingest.errors import (
    BadKeyError,
    ErrorReplyError,
    InnerErrorReplyError,
    MissingParameterError,
    NothingAvailableError,
    ReplyTooLargeError,
    UnknownReplyError,
    UnreadableFileError,
    WindowTooWideError,
)
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

_TOO_WIDE = re.compile(r"maximum allowed number of years for the '?th'? parameter is (\d+)")
_NOTHING = frozenset({"not-available", "list-not-available", "unavailable"})
LONGEST_QUOTE = 200


def read_object(body: bytes, dataset: str) -> dict[str, Any]:
    """Parse a reply and return its object when it carries data.

    Raises UnreadableFileError for bytes that are no JSON, and the subclass of
    ErrorReplyError that names what the source said instead of answering.
    """
    reply = _json(body, dataset)
    if reply is None:
        raise ReplyTooLargeError(
            f"{dataset}: BPS answered `null`, as it does when an answer grows too large: "
            "ask for fewer years at once"
        )
    if not isinstance(reply, dict):
        raise UnknownReplyError(
            f"{dataset}: expected a JSON object, got {type(reply).__name__}; try again later"
        )
    _check_status(reply, dataset)
    _check_nested(reply, dataset)
    return reply


def _json(body: bytes, dataset: str) -> Any:
    if not body.strip():
        raise UnreadableFileError(f"{dataset}: the reply is empty; fetch it again")
    if looks_like_html(body):
        raise page_error(body, dataset, "BPS", "JSON")
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise _no_json(body, error, dataset) from None


def _no_json(body: bytes, error: orjson.JSONDecodeError, dataset: str) -> UnreadableFileError:
    """Tell why bytes are no JSON, in the order of what most often happened to them."""
    if b"\x00" in body:
        return UnreadableFileError(
            f"{dataset}: the reply holds NUL bytes: it was not written whole; fetch it again"
        )
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return UnreadableFileError(
            f"{dataset}: byte {wrong.start} is no UTF-8, which every BPS reply is; "
            "was the file saved in another encoding?"
        )
    return UnreadableFileError(
        f"{dataset}: no JSON at character {error.pos} of {len(body)}: {error.msg}; "
        "a reply that ends early was cut off, fetch it again"
    )


def _check_status(reply: dict[str, Any], dataset: str) -> None:
    if reply.get("status") == "OK":
        if reply.get("data-availability", "available") in _NOTHING:
            raise NothingAvailableError(
                f"{dataset}: BPS has no such data (it says {reply['data-availability']})"
            )
        return
    raise _refusal(str(reply.get("message", reply.get("error", ""))), dataset)


def _refusal(message: str, dataset: str) -> ErrorReplyError:
    """Name the refusal that a message is about."""
    if found := _TOO_WIDE.search(message):
        return WindowTooWideError(
            f"{dataset}: BPS allows {found[1]} years in one request", int(found[1])
        )
    lowered = message.lower()
    if "re-check your key" in lowered or "not allowed to take this action" in lowered:
        return BadKeyError(
            f"{dataset}: BPS refused the key; check LUMBUNG_BPS_KEY (a free key: "
            "webapi.bps.go.id/developer)"
        )
    if "parameter" in lowered and ("is required" in lowered or "is missing" in lowered):
        return MissingParameterError(f"{dataset}: BPS says: {_quote(message)}")
    return UnknownReplyError(f"{dataset}: BPS answered with an unknown error: {_quote(message)}")


def _check_nested(reply: dict[str, Any], dataset: str) -> None:
    """Find the error that some services wrap into an outer OK."""
    data = reply.get("data")
    inner = data[1] if isinstance(data, list) and len(data) > 1 else None
    if isinstance(inner, dict) and str(inner.get("condition", "")).upper() == "ERROR":
        message = str(inner.get("message", ""))
        refusal = _refusal(message, dataset)
        if isinstance(refusal, UnknownReplyError):
            raise InnerErrorReplyError(
                f"{dataset}: BPS says OK outside and an error inside: {_quote(message)}"
            )
        raise refusal


def _quote(message: str) -> str:
    """Shorten a message, and leave out anything that looks like an address with a key."""
    text = re.sub(r"https?://\S+|key[=/]\S+", "(address left out)", message)
    return f"'{' '.join(text.split())[:LONGEST_QUOTE]}'"
