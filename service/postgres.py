"""Keeps PostgreSQL up under the supervisor: starts it, fills it, and ends when it ends.

PostgreSQL daemonises and, under root, belongs to another account; so this process stands for it.
"""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

import psutil
import psycopg

from lumbung import summary
from lumbung.settings import Settings
from serving import publish, server
from serving.errors import ServingError

LOOK_SECONDS = 1.0


def stand_for(settings: Settings) -> int:
    """Start PostgreSQL, publish the current release, and stay for as long as it runs.

    Return 0 after having been told to end, which stops it, and 1 where it ended by itself.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        server.start(settings)
        _fill(settings)
        while _runs(settings):
            time.sleep(LOOK_SECONDS)
    except KeyboardInterrupt:
        server.stop(settings)
        return 0
    except ServingError as error:
        _say(str(error))
        return 1
    _say("PostgreSQL ended; starting it again")
    return 1


def _runs(settings: Settings) -> bool:
    process = server.state(settings).process
    return process is not None and psutil.pid_exists(process)


def _fill(settings: Settings) -> None:
    """Publish what is current; a failure leaves the release before it to the readers."""
    if summary.current_release_id(settings) is None:
        return
    try:
        publish.publish(settings)
    except (ServingError, psycopg.Error, OSError) as error:
        _say(f"the current release was not published: {error}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the part's log
