"""One line a happening, with the ids that tie it to a run, a dataset and a release.

Each is a JSON line in ``$LUMBUNG_HOME/logs/events-<month>.jsonl`` and a ``key=value`` line in
the log of whoever runs the step, which under Airflow is the task's own.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from lumbung.settings import Settings

LOG = logging.getLogger("lumbung")

#: Airflow sets it around each task.
RUN_ID = "AIRFLOW_CTX_DAG_RUN_ID"


def note(settings: Settings, event: str, **fields: Any) -> None:
    """Write down one event. A log that can't be written stops nobody's work."""
    now = datetime.now(UTC)
    known = {"run_id": os.environ.get(RUN_ID), **fields}
    line = {key: value for key, value in known.items() if value is not None}
    LOG.info("%s", as_words({"event": event, **line}))
    folder = settings.home / "logs"
    text = json.dumps({"at": now.isoformat(), "event": event, **line}, ensure_ascii=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / f"events-{now:%Y-%m}.jsonl").open("a", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        LOG.warning("%s", as_words({"event": "log_unwritable", "error": error.strerror}))


@contextmanager
def step(settings: Settings, name: str, **ids: Any) -> Iterator[None]:
    """Write down how the block went and how long it took, whatever ends it."""
    started, outcome = time.monotonic(), "ok"
    try:
        yield
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        seconds = round(time.monotonic() - started, 2)
        note(settings, "step_ended", step=name, outcome=outcome, seconds=seconds, **ids)


def as_words(fields: dict[str, Any]) -> str:
    """Write fields as ``key=value``; a value with a space, a quote or an equals sign is quoted."""
    return " ".join(f"{key}={_word(value)}" for key, value in fields.items())


def _word(value: Any) -> str:
    text = str(value)
    needs_quotes = not text or any(char in text for char in ' "=\n\r\t')
    return json.dumps(text, ensure_ascii=False) if needs_quotes else text
