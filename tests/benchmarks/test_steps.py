"""Where a refresh's time went is read from the events that the house itself writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import steps
from lumbung import events
from lumbung.settings import Settings


def ended(settings: Settings, *named: str, **fields: object) -> None:
    for name in named:
        events.note(
            settings, "step_ended", **{"step": name, "outcome": "ok", "seconds": 1.5, **fields}
        )


def test_each_refresh_that_published_has_its_steps_and_two_harvests_are_one(
    tmp_path: Path,
) -> None:
    settings = Settings(home=tmp_path)
    ended(settings, "harvest", "harvest", "assemble", "audit", "publish")
    ended(settings, "harvest", seconds=0.25)
    ended(settings, "audit", outcome="GateError")
    events.note(settings, "planned", reason="there is something new")
    ended(settings, "assemble", "publish")
    ended(settings, "harvest")  # and nothing new
    assert steps.of_refreshes(tmp_path) == [
        {"harvest": 3.0, "assemble": 1.5, "audit": 1.5, "publish": 1.5},
        {"harvest": 0.25, "assemble": 1.5, "publish": 1.5},
    ]


def test_of_several_rounds_each_step_has_its_median() -> None:
    rounds = [{"harvest": seconds, "publish": 1.0} for seconds in (3.0, 1.0, 2.5)]
    assert steps.middle(rounds) == {"harvest": 2.5, "publish": 1.0}


def test_a_real_step_is_found(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with pytest.raises(ValueError, match="broken"), events.step(settings, "assemble"):
        raise ValueError("broken")
    with events.step(settings, "publish"):
        pass
    (found,) = steps.of_refreshes(tmp_path)
    assert list(found) == ["publish"]
