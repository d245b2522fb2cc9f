"""What a release is called: when it was planned and the start of its fingerprint."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

FORMAT = "%Y%m%dT%H%M%SZ"


def new(fingerprint: str, taken: Iterable[str], now: datetime | None = None) -> str:
    """Return an id that sorts after every id there is, even when the clock was set back."""
    moment = (now or datetime.now(UTC)).replace(microsecond=0)
    for name in taken:
        moment = max(moment, created_at(name) + timedelta(seconds=1))
    return f"{moment.strftime(FORMAT)}-{fingerprint[:8]}"


def created_at(release_id: str) -> datetime:
    """Return the moment in an id; raise ValueError for a text that is no id."""
    return datetime.strptime(release_id.partition("-")[0], FORMAT).replace(tzinfo=UTC)


def fits(release_id: str, fingerprint: str) -> bool:
    """Tell whether an id was given to this fingerprint."""
    return release_id.endswith(f"-{fingerprint[:8]}")
