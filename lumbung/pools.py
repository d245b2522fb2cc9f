"""Where Airflow runs the tasks that build: which pool they share, and on whose disk releases lie.

A task whose pool nobody created, or whose queue nobody works off, waits for ever. So both are
Airflow's own defaults, unless ``LUMBUNG_HEAVY_POOL`` and ``LUMBUNG_RELEASE_QUEUE`` say otherwise;
our own Airflow homes set the pool, and create it. Imported by DAG files: it must stay light.
"""

from __future__ import annotations

import os

#: Exists in every Airflow.
DEFAULT = "default_pool"
#: What the pool is called in the homes that we set up.
OURS = "lumbung_heavy"


def heavy() -> dict[str, str]:
    """Return the default arguments of tasks that take up to 1 GiB each; all work on releases."""
    return {"pool": os.environ.get("LUMBUNG_HEAVY_POOL") or DEFAULT, **at_releases()}


def at_releases() -> dict[str, str]:
    """Return the default arguments of tasks that need the home in which the releases lie."""
    queue = os.environ.get("LUMBUNG_RELEASE_QUEUE")
    return {"queue": queue} if queue else {}
