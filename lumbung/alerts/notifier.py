"""Tells an alert once: to a file that is kept, then by every channel that is configured.

``$LUMBUNG_HOME/alerts/<month>.jsonl`` is the record. An alert whose key stands there since less
than the window is not told again; a trouble that lasts is told once a window.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lumbung import events
from lumbung.alerts.alert import Alert
from lumbung.alerts.channels import Channel, configured
from lumbung.settings import Settings


def tell(
    settings: Settings,
    alert: Alert,
    channels: Sequence[Channel] | None = None,
    now: datetime | None = None,
) -> bool:
    """Record an alert and send it; tell whether it was news.

    Never raises: an alert that can't be sent must not hide the trouble that it is about. How
    each channel fared stands in the file, by the name of the error alone: its words may hold
    an address with a secret.
    """
    moment = now or datetime.now(UTC)
    folder = settings.home / "alerts"
    entry = {
        "at": moment.isoformat(),
        "key": alert.key,
        **{name: value for name, value in asdict(alert).items() if value is not None},
        "runbook": alert.runbook,
    }
    try:
        with _alone(folder):
            if _is_known(folder, alert.key, moment, timedelta(hours=settings.alert_window_hours)):
                return False
            _append(folder / f"{moment:%Y-%m}.jsonl", entry)
    except OSError as error:
        # a full or read-only disk is a trouble worth sending, recorded or not
        events.LOG.error("%s", events.as_words({"event": "alert_unrecorded", "error": error}))
    for channel in configured(settings) if channels is None else channels:
        _send(settings, channel, alert)
    return True


def recorded(settings: Settings) -> list[dict[str, Any]]:
    """Return every alert on record, oldest file first; a line cut short is skipped."""
    return list(_entries(sorted((settings.home / "alerts").glob("*.jsonl"))))


def _send(settings: Settings, channel: Channel, alert: Alert) -> None:
    outcome = "sent"
    try:
        channel.send(alert)
    except Exception as error:
        outcome = type(error).__name__
    if channel.name != "log":
        events.note(
            settings, "alert_sent", key=alert.key, channel=channel.name, outcome=outcome
        )  # fmt: skip


def _is_known(folder: Path, key: str, now: datetime, window: timedelta) -> bool:
    """Tell whether the key was recorded within the window; what the future holds is no record.

    A clock set back leaves entries ahead of now: they must not silence what happens today.
    """
    files = sorted(folder.glob("*.jsonl"))[-2 - window.days // 28 :]
    return any(
        entry["key"] == key and timedelta(0) <= now - datetime.fromisoformat(entry["at"]) < window
        for entry in _entries(files)
    )


def _entries(files: Sequence[Path]) -> Iterator[dict[str, Any]]:
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue


def _append(path: Path, entry: dict[str, Any]) -> None:
    line = json.dumps(entry, ensure_ascii=False)
    broken = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if broken else "") + line + "\n")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time look and record, so that two never tell the same."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
