"""JSON whose numbers keep the digits they were printed with: no float in between."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ingest.errors import UnreadableFileError


def loads(body: bytes, dataset: str) -> Any:
    """Parse a reply; raise UnreadableFileError for bytes that are no JSON."""
    if not body.strip():
        raise UnreadableFileError(f"{dataset}: the reply is empty; fetch it again")
    try:
        text = body.decode("utf-8-sig")
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{dataset}: byte {error.start} is no UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(
            f"{dataset}: no JSON ({error}); a reply that ends early was cut off, fetch it again"
        ) from None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")
