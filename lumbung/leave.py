"""Ends a process that has imported much, without taking it apart piece by piece."""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End now: Python would take Airflow or dbt apart for a second or two, object by object.

    What libraries want done at the end is done, and what was said is written. Whoever calls this
    has closed what is its own.
    """
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
