"""What the service consists of: each part's name and command, in the order of starting."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from lumbung.settings import Settings


@dataclass(frozen=True)
class Part:
    """One supervised process. One that is ``once`` ends by itself and is not started again."""

    name: str
    command: tuple[str, ...]
    once: bool = False
    #: What the files that it writes are closed to.
    umask: str = "077"
    #: Whether what it started goes on without it, and is found again by its next process.
    leaves_children: bool = False


def parts(settings: Settings) -> list[Part]:
    """Return the parts; PostgreSQL is one of them unless somebody else's is used."""
    python = (sys.executable, "-m")
    found = [
        # the task logs lie on this machine, where the pages read them: no log server, no more ports
        Part("airflow-api-server", (*python, "airflow", "api-server")),
        Part("airflow-scheduler", (*python, "airflow", "scheduler", "--skip-serve-logs")),
        Part("airflow-dag-processor", (*python, "airflow", "dag-processor")),
        Part("airflow-triggerer", (*python, "airflow", "triggerer", "--skip-serve-logs")),
        Part("portal", (*python, "service", "portal")),
        Part("portal-build", (*python, "portal", "build"), once=True),
    ]
    if settings.postgres_dsn is None:
        # under root it works for another account, which must find what it is given; it closes its
        # secrets one by one
        command = (*python, "service", "postgres")
        found.insert(0, Part("postgres", command, umask="022", leaves_children=True))
    return found
