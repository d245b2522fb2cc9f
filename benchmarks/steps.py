"""Where the time of a refresh goes, by the events that it wrote: harvest, assemble, audit, publish.

What a refresh takes besides is Airflow's start. So it shows what one changed dataset costs by
itself, its harvest, and what is done anew for every release.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

LAST = "publish"

#: Seconds by step.
Steps = dict[str, float]


def of_refreshes(home: Path) -> list[Steps]:
    """Return the steps of each refresh of a home that published, the oldest first."""
    found: list[Steps] = []
    steps: Steps = {}
    for event in _ended(home):
        name = str(event["step"])
        steps[name] = round(steps.get(name, 0.0) + float(event["seconds"]), 2)
        if name == LAST:
            found.append(steps)
            steps = {}
    return found


def middle(rounds: Iterable[Steps]) -> Steps:
    """Return the median seconds of each step."""
    all_rounds = list(rounds)
    return {
        name: round(statistics.median(steps[name] for steps in all_rounds), 2)
        for name in all_rounds[0]
    }


def _ended(home: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted((home / "logs").glob("events-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            if event["event"] == "step_ended" and event["outcome"] == "ok":
                yield event
