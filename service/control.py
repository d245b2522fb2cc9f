"""Brings the service up, takes it down, and says how it is; each may be repeated."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lumbung import summary, turn
from lumbung.settings import ROOT, Settings
from service import health, ports, supervision
from service.environment import HOST, environment, folder, password_file
from service.errors import ServiceError
from serving import access, server

#: A small machine takes a minute to import Airflow five times over; a busy one, several.
UP_SECONDS = 600.0
Say = Callable[[str], None]


def up(settings: Settings, say: Say, seconds: float = UP_SECONDS) -> None:
    """Start what does not run yet and wait until all of it works.

    Raises ServiceError where a port is taken, another one is at it, or a part does not get well.
    """
    with _alone(settings):
        running = supervision.supervisor(settings)
        if running is not None and supervision.is_changed(settings):
            raise ServiceError("it runs with other settings: make down first")
        if running is None:
            if supervision.processes(settings):
                _end(settings)  # what a killed supervisor left behind holds our ports
            ports.refuse_taken(settings, own_postgres=_own_postgres_runs(settings))
            _first_release(settings, say)
            _migrate(settings, say)
            say("Starting the parts …")
            supervision.start(settings)
        wait(settings, say, seconds)


def down(settings: Settings) -> int:
    """End everything of the service; return how many processes there were."""
    with _alone(settings):
        return _end(settings)


def wait(settings: Settings, say: Say, seconds: float) -> None:
    """Wait until every part works. Raises ServiceError naming those that don't, and their logs."""
    deadline = time.monotonic() + seconds
    before: set[str] = set()
    while troubles := health.troubles(settings):
        if supervision.supervisor(settings) is None:
            raise ServiceError(f"the supervisor ended: see {supervision.logs(settings)}")
        if time.monotonic() > deadline:
            lines = [f"{name}: {trouble}" for name, trouble in sorted(troubles.items())]
            lines.append(f"the parts go on trying; their logs: {supervision.logs(settings)}")
            raise ServiceError("\n".join(lines))
        if set(troubles) != before:
            before = set(troubles)
            say(f"Waiting for {', '.join(sorted(before))} …")
        time.sleep(1)


def addresses(settings: Settings) -> list[tuple[str, str, str]]:
    """Return where the parts are: name, address, and where the password is."""
    found = [
        ("Portal", f"http://{HOST}:{settings.portal_port}/", ""),
        (
            "Airflow",
            f"http://{HOST}:{settings.airflow_port}/",
            f"user admin, password in {password_file(settings)}",
        ),
    ]
    if settings.postgres_dsn is not None:
        return [*found, ("PostgreSQL", "the server of LUMBUNG_POSTGRES_DSN", "")]
    return [
        *found,
        (
            "PostgreSQL",
            f"postgresql://{access.user('reader')}@{HOST}:{settings.postgres_port}/{access.DATABASE}",
            f"password in {access.password_file(settings, 'reader')}",
        ),
    ]


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Let nobody else start or stop this home's service meanwhile."""
    try:
        with turn.take(folder(settings) / "lock", "another `make up` or `make down`"):
            yield
    except turn.TakenError as error:
        raise ServiceError(str(error)) from None


def _end(settings: Settings) -> int:
    """End the supervisor, PostgreSQL and what is left; return how many processes there were."""
    n_found = len(supervision.processes(settings))
    supervision.end_supervisor(settings)
    if settings.postgres_dsn is None:
        server.stop(settings)  # before the rest: told by a mere signal it would wait for readers
    supervision.sweep(settings)
    return n_found


def _own_postgres_runs(settings: Settings) -> bool:
    """Tell whether the port of PostgreSQL is taken by our own, started by hand."""
    found = server.state(settings)
    return found.is_running and found.port == settings.postgres_port


def _first_release(settings: Settings, say: Say) -> None:
    """Make the first release where there is none: pages without figures help nobody."""
    if summary.current_release_id(settings) is not None:
        return
    say("There is no release yet: making the first one (make refresh) …")
    done = subprocess.run(
        [sys.executable, "-m", "lumbung", "refresh"],
        cwd=ROOT,
        env=environment(settings, os.environ),
        check=False,
    )
    if done.returncode != 0:
        raise ServiceError("without a release there is nothing to serve: see above")


def _migrate(settings: Settings, say: Say) -> None:
    """Make Airflow's database ready, in a process of its own: Airflow is heavy to import."""
    say("Preparing Airflow's database …")
    done = subprocess.run(
        [sys.executable, "-m", "service", "migrate"],
        cwd=ROOT,
        env=environment(settings, os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceError(f"Airflow's database could not be made ready:\n{done.stderr[-2000:]}")
