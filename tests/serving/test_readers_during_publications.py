"""Eight BI clients in a loop during twenty publications: no error, no mixture, no stall."""

from __future__ import annotations

import pytest

from benchmarks import postgres_switch
from tests.serving import workbench

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]


def test_readers_notice_nothing_of_twenty_publications():
    with workbench.postgres() as settings:
        from serving import server

        server.stop(settings)
        server.start(settings, fsync="off", **postgres_switch.LOG_WAITS)
        found = postgres_switch.measure(
            settings, lambda n: workbench.release(settings, n), 20, workbench.ROWS
        )
    told = workbench.pretty(found)
    assert found["publications"] == 20
    assert found["errors"] == [], told
    assert found["wrong"] == [], told
    assert found["answers"] > 500, told
    assert found["releases_seen"] > 10, told
    # A stall is what a client waits beyond what the machine keeps one waiting that reads no mart.
    assert found["stalls"] == 0, told
    assert found["lock_waits_over_150_ms"] == [], told


def test_a_reader_that_sees_two_releases_at_once_would_be_caught():
    """The judge itself: it must not call a mixture, a short or an empty answer whole."""
    from benchmarks.postgres_reader import Seen

    seen = Seen("simple", 10)
    seen.check((1, 1, 5, 1, 1, 10, 1))
    assert seen.wrong == []
    seen.check((1, 2, 5, 1, 1, 10, 1))
    seen.check((2, 2, 5, 2, 2, 10, 2), fixed=1)
    seen.check((2, 2, 5, 2, 2, 9, 2))
    seen.check(None)
    assert [text.split(":")[0] for text in seen.wrong] == ["mixed", "mixed", "short", "empty"]
