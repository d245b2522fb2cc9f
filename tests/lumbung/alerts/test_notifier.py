"""An alert is told once a window, by every channel, and never gets in the way of work."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lumbung.alerts.alert import RUNBOOKS, Alert
from lumbung.alerts.notifier import recorded, tell
from lumbung.settings import ROOT, Settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATE = Alert(
    "dataset_late", "rates", "figures of 2026-08 were due on 2026-11-05", dataset_id="rates"
)


@dataclass
class Kept:
    name: str = "kept"
    sent: list[Alert] = field(default_factory=list)

    def send(self, alert: Alert) -> None:
        self.sent.append(alert)


class Broken:
    name = "broken"

    def send(self, alert: Alert) -> None:
        raise ConnectionError("http://user:secret@somewhere is away")  # pragma: allowlist secret


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "a home")


def test_an_alert_is_recorded_with_its_ids_and_its_runbook(settings):
    kept = Kept()
    assert tell(settings, LATE, [kept], NOON)
    [entry] = recorded(settings)
    assert entry["dataset_id"] == "rates"
    assert entry["at"] == "2026-11-22T12:00:00+00:00"
    assert entry["runbook"] == "docs/runbooks/dataset-late.md"
    assert kept.sent == [LATE]


def test_the_same_alert_is_not_repeated_within_the_window(settings):
    kept = Kept()
    told = [tell(settings, LATE, [kept], NOON + timedelta(hours=h)) for h in (0, 1, 23.9, 24)]
    assert told == [True, False, False, True]
    assert len(kept.sent) == len(recorded(settings)) == 2


def test_the_window_reaches_over_the_end_of_a_month(settings):
    eve = datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert tell(settings, LATE, [], eve)
    assert not tell(settings, LATE, [], eve + timedelta(hours=2))


def test_another_day_in_the_words_is_no_other_trouble_but_other_words_are():
    def key(message: str) -> str:
        return Alert("task_failed", "build_release.audit", message).key

    assert key("20261122T041500Z-aaaaaaaa: 3 rows fail") == key(
        "20261123T041500Z-0b0b0b0b: 14 rows fail"
    )
    assert key("3 rows fail") != key("no space left")
    assert LATE.key != Alert("dataset_failing", "rates", LATE.message).key


def test_a_clock_set_back_silences_nothing(settings):
    kept = Kept()
    assert tell(settings, LATE, [kept], NOON + timedelta(days=300))
    assert tell(settings, LATE, [kept], NOON)
    assert len(kept.sent) == 2


def test_a_broken_channel_neither_raises_nor_stops_the_next_nor_leaks(settings):
    kept = Kept()
    assert tell(settings, LATE, [Broken(), kept], NOON)
    assert kept.sent == [LATE]
    logs = "".join(p.read_text() for p in (settings.home / "logs").glob("events-*.jsonl"))
    outcomes = {e["channel"]: e["outcome"] for e in map(json.loads, logs.splitlines())}
    assert outcomes == {"broken": "ConnectionError", "kept": "sent"}
    assert "secret" not in logs


def test_a_line_cut_short_by_a_crash_loses_only_itself(settings):
    tell(settings, LATE, [], NOON)
    [file] = (settings.home / "alerts").glob("*.jsonl")
    with file.open("a") as out:
        out.write('{"at": "2026-11-')
    other = Alert("dataset_failing", "rates", "the last try ended 'broken'")
    assert tell(settings, other, [], NOON)
    assert [entry["kind"] for entry in recorded(settings)] == ["dataset_late", "dataset_failing"]


def test_an_alert_is_sent_where_it_cannot_be_recorded(settings):
    settings.home.write_text("a file where the home should be")
    kept = Kept()
    assert tell(settings, LATE, [kept], NOON)
    assert kept.sent == [LATE]


@pytest.mark.parametrize("page", RUNBOOKS.values())
def test_every_kind_of_alert_has_its_runbook(page):
    assert len((ROOT / page).read_text(encoding="utf-8")) > 200
