"""PostgreSQL or its publisher killed in the middle: the old release stays, the next run ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from release.store import Store
from serving import access, publish, server, store
from serving.errors import ServingError, UnreachableError
from tests.serving import workbench
from tests.serving.workbench import numbers
from tests.tree import ROOT

pytestmark = [pytest.mark.full, pytest.mark.timeout(600)]
ROWS = 300_000


@pytest.fixture(scope="module")
def durable():
    """A PostgreSQL that forces to disk, as it does for people, with a first release."""
    with workbench.postgres() as settings:
        server.stop(settings)
        server.start(settings)
        workbench.release(settings, 1, rows=ROWS)
        publish.publish(settings)
        yield settings


def _publisher(settings, *command: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ, "LUMBUNG_HOME": str(settings.home),
        "LUMBUNG_POSTGRES_PORT": str(settings.postgres_port), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", *(command or ("serving", "publish"))], env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip


def _wait_until_loading(settings, since: float) -> None:
    """Return once the publisher is copying rows, or a little after that at the latest."""
    deadline = time.monotonic() + 60
    with access.connect(settings, "admin") as connection:
        while time.monotonic() < deadline:
            found = connection.execute(
                "select 1 from pg_stat_activity where query like 'COPY%' and state = 'active'"
            ).fetchone()
            if found:
                time.sleep(since)
                return
            time.sleep(0.002)
    raise AssertionError("the publisher never copied")


def _kill_postgres(settings) -> None:
    process = server.state(settings).process
    assert process
    os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize(("number", "delay"), [(2, 0.0), (3, 0.1), (4, 0.2)])
def test_postgresql_killed_in_the_middle_of_a_publication(durable, number, delay):
    before = publish.served(durable)
    was = numbers(durable)
    wanted = workbench.release(durable, number, rows=ROWS)
    publisher = _publisher(durable)
    _wait_until_loading(durable, delay)
    _kill_postgres(durable)
    _out, complained = publisher.communicate(timeout=120)
    assert publisher.returncode == 1
    assert "Traceback" not in complained
    assert "python -m serving publish" in complained
    with pytest.raises(UnreachableError, match="python -m serving start"):
        publish.served(durable)

    server.start(durable)
    assert publish.served(durable) == before
    assert numbers(durable) == was
    done = publish.publish(durable)
    assert (done.release_id, done.before) == (wanted, before)
    assert numbers(durable) == ([number], [number], [number], ROWS)


@pytest.mark.parametrize(("number", "delay"), [(5, 0.0), (6, 0.15)])
def test_the_publisher_killed_in_the_middle_of_a_publication(durable, number, delay):
    before = publish.served(durable)
    was = numbers(durable)
    workbench.release(durable, number, rows=ROWS)
    publisher = _publisher(durable)
    _wait_until_loading(durable, delay)
    publisher.kill()
    publisher.communicate(timeout=60)
    assert publish.served(durable) == before
    assert numbers(durable) == was
    publish.publish(durable)
    assert numbers(durable) == ([number], [number], [number], ROWS)
    with access.connect(durable, "publisher") as connection:
        assert len(store.releases(connection)) <= store.KEPT


def test_a_roll_back_of_the_release_rolls_postgresql_back_with_it(durable):
    target, _current = Store(durable).ids()[-2:]
    done = _publisher(durable, "release", "rollback")
    out, complained = done.communicate(timeout=120)
    assert done.returncode == 0, complained
    assert f"PostgreSQL serves {target} now." in out
    assert publish.served(durable) == Store(durable).current() == target


def test_a_roll_back_with_postgresql_down_says_so_and_the_next_publication_completes_it(durable):
    served = publish.served(durable)
    _kill_postgres(durable)
    done = _publisher(durable, "release", "rollback")
    out, complained = done.communicate(timeout=120)
    assert done.returncode == 1
    assert "is current now, instead of" in out
    assert "PostgreSQL did not follow" in complained
    assert "Traceback" not in complained
    target = Store(durable).current()
    assert target != served
    server.start(durable)
    assert publish.served(durable) == served
    publish.publish(durable)
    assert publish.served(durable) == target


def test_two_publications_at_once_end_as_one(durable):
    wanted = workbench.release(durable, 9, rows=ROWS)
    both = [_publisher(durable), _publisher(durable)]
    for publisher in both:
        _out, complained = publisher.communicate(timeout=240)
        assert publisher.returncode == 0, complained
    assert publish.served(durable) == wanted
    with access.connect(durable, "publisher") as connection:
        loaded = [one.release_id for one in store.releases(connection)]
    assert loaded.count(wanted) == 1


def test_a_home_without_a_release_is_told_what_to_run():
    with workbench.postgres() as settings, pytest.raises(ServingError, match="make refresh"):
        publish.publish(settings)
