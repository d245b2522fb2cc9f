"""What a CKAN portal answers: its results, and every refusal that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.errors import (
    ErrorReplyError,
    InvalidQuestionError,
    NotAllowedError,
    NotFoundError,
    ServiceTroubleError,
    UnknownReplyError,
)
from ingest.sources.exact_json import loads
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

#: CKAN says no with these statuses, and with its own words in the body. Those are what we read:
#: a proxy's 404 is another thing than a table that is gone.
SPOKEN = frozenset({400, 403, 404, 409})
ACTION = "/api/3/action/"

_NAMED: Mapping[str, type[ErrorReplyError]] = {
    "Not Found Error": NotFoundError,
    "Authorization Error": NotAllowedError,
    "Validation Error": InvalidQuestionError,
    "Search Query Error": InvalidQuestionError,
    "Search Error": ServiceTroubleError,
    "Search Index Error": ServiceTroubleError,
}
LONGEST_QUOTE = 200


def read_result(body: bytes, dataset: str) -> Mapping[str, Any]:
    """Return the result of an action; raise the error that the reply names."""
    if looks_like_html(body):
        raise page_error(body, dataset, "the portal", "JSON")
    match loads(body, dataset):
        case {"success": True, "result": dict() as result}:
            return result
        case {"success": False, "error": error}:
            raise _named(error, dataset)
    raise UnknownReplyError(f"{dataset}: the reply has not CKAN's form {{success, result}}")


def _named(error: object, dataset: str) -> ErrorReplyError:
    """Turn ``{"__type": ..., "message": ...}`` into an error; fields it complains of are named."""
    if not isinstance(error, Mapping):
        return UnknownReplyError(f"{dataset}: the portal says: {_short(error)}")
    kind = str(error.get("__type", ""))
    said = error.get("message") or {k: v for k, v in error.items() if k != "__type"}
    known = _NAMED.get(kind, UnknownReplyError)
    return known(f"{dataset}: the portal says: {kind or 'an error without a name'}: {_short(said)}")


def _short(said: object) -> str:
    return " ".join(str(said).split())[:LONGEST_QUOTE]
