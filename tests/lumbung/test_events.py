"""The structured log: one line a happening, with the ids that tie it together."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from lumbung import events
from lumbung.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "a home")


def lines(settings: Settings) -> list[dict[str, object]]:
    files = sorted((settings.home / "logs").glob("events-*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_an_event_is_written_with_its_run_and_without_ids_that_are_not_known(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(events.RUN_ID, "scheduled__1")
    events.note(settings, "harvested", dataset_id="rates", release_id=None, n_rejected=0)
    monkeypatch.delenv(events.RUN_ID)
    events.note(settings, "planned", release_id="r1")
    [first, second] = lines(settings)
    moment = str(first.pop("at"))
    assert moment.endswith("+00:00")
    assert first == {
        "event": "harvested", "run_id": "scheduled__1", "dataset_id": "rates", "n_rejected": 0,
    }  # fmt: skip
    assert {**second, "at": ""} == {"at": "", "event": "planned", "release_id": "r1"}


def test_a_step_tells_how_it_ended_whatever_ended_it(settings: Settings) -> None:
    with events.step(settings, "assemble", release_id="r1"):
        pass
    with pytest.raises(KeyboardInterrupt), events.step(settings, "audit", release_id="r1"):
        raise KeyboardInterrupt
    told = [(line["step"], line["outcome"], line["release_id"]) for line in lines(settings)]
    assert told == [("assemble", "ok", "r1"), ("audit", "KeyboardInterrupt", "r1")]
    assert all(isinstance(line["seconds"], float) for line in lines(settings))


def test_a_log_that_can_not_be_written_stops_nobody(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.home.write_text("a file where the folder should be", encoding="utf-8")
    with (
        caplog.at_level(logging.INFO, "lumbung"),
        events.step(settings, "publish", release_id="r1"),
    ):
        pass
    assert "event=step_ended" in caplog.text
    assert "event=log_unwritable" in caplog.text


def test_words_that_would_be_misread_are_quoted() -> None:
    said = events.as_words({"a": 1, "b": "two words", "c": "", "d": 'x="y"', "e": "Rp\n5"})
    assert said == 'a=1 b="two words" c="" d="x=\\"y\\"" e="Rp\\n5"'
