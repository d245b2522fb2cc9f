"""Due, late and failing are three different things."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ingest.freshness import Freshness, check, last_outcome, next_due
from ingest.harvest import harvest
from ingest.landing import Attempt, Landing
from ingest.schema import Bilingual, Cadence, Release
from tests.ingest.test_harvest import bundle
from tests.ingest.world import KEY, World
from tests.replicas.bps import Replica, sample

NAME = Bilingual(id="a", en="b")
SAKERNAS = Cadence(
    cadence="sakernas",
    name=NAME,
    releases=(
        Release(period_month=2, month=5, day=5),
        Release(period_month=8, month=11, day=5),
        Release(period_month=11, month=2, day=5, years_later=1),
    ),
)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def only(world: World, now: datetime) -> Freshness:
    (found,) = check(world.settings, now)
    return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.add_rate()
    return world


@pytest.fixture
def live(world, monkeypatch):
    """A world whose figures, up to August 2025, were fetched live."""
    with Replica(sample(), keys=[KEY]) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
        harvest("rate", world.settings)
        yield world


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 1, 1), date(2026, 2, 5)),
        (date(2026, 2, 5), date(2026, 5, 5)),
        (date(2026, 5, 4), date(2026, 5, 5)),
        (date(2026, 11, 4), date(2026, 11, 5)),
        (date(2026, 11, 22), date(2027, 2, 5)),
    ],
)
def test_sakernas_is_due_in_february_may_and_november(today, due):
    assert next_due(SAKERNAS, today) == due


def test_the_31st_of_a_short_month_is_its_last_day():
    cadence = Cadence(cadence="x", name=NAME, releases=(Release(period_month=1, month=2, day=31),))
    assert next_due(cadence, date(2027, 1, 1)) == date(2027, 2, 28)


def test_nothing_is_ever_due_without_releases():
    assert next_due(Cadence(cadence="x", name=NAME), date(2026, 1, 1)) is None


def test_a_round_that_is_here_is_not_late(live):
    assert not only(live, at(2025, 12, 31)).is_late


def test_within_the_days_of_grace_nothing_is_late(live):
    assert not only(live, at(2026, 2, 19)).is_late


def test_a_round_that_is_missing_after_grace_is_late_and_named(live):
    found = only(live, at(2026, 2, 20))
    assert found.is_late
    assert not found.is_failing
    assert "2025-11 were due on 2026-02-05" in found.reason


def test_live_and_never_fetched_is_late(world, monkeypatch):
    monkeypatch.setenv("LUMBUNG_BPS_KEY", KEY)
    found = only(world, at(2026, 11, 22))
    assert found.is_late
    assert found.last_fetched_at is None
    assert found.last_outcome is None


def test_failing_is_not_late(live):
    now = at(2025, 12, 31)
    Landing(live.settings.landing).record([Attempt("rate", "th", now, "broken", "no connection")])
    found = only(live, now)
    assert (found.is_failing, found.is_late, found.last_outcome) == (True, False, "broken")


def test_bundled_figures_are_dated_never_late(world):
    bundle(world)
    harvest("rate", world.settings)
    found = only(world, at(2030, 1, 1))
    assert not found.is_late
    assert found.last_outcome == "ok"
    assert found.reason.startswith("bundled")


def test_fetched_again_unchanged_moves_one_clock_only(world):
    bundle(world)
    harvest("rate", world.settings)
    first = only(world, at(2026, 1, 1))
    harvest("rate", world.settings)
    second = only(world, at(2026, 1, 1))
    assert second.last_fetched_at > first.last_fetched_at
    assert second.last_changed_at == first.last_changed_at
    assert second.last_outcome == "unchanged"


def test_the_last_outcome_is_the_worst_of_the_last_run():
    run = at(2026, 1, 1)
    before = Attempt("d", "a", run - timedelta(days=1), "broken", "")
    attempts = [before, Attempt("d", "a", run, "refused", ""), Attempt("d", "b", run, "ok", "")]
    assert last_outcome(attempts) == "refused"
    assert last_outcome([]) is None
