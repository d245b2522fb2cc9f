"""Replies as a transport hands them out, made from JSON or bytes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from ingest.protocol import Reply


def answered(body: Any) -> Reply:
    """Return a reply with a body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    day = date(2026, 11, 22)
    return Reply(content, "", 200, "application/json", datetime.now(UTC), day, is_sample=False)
