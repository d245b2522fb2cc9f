"""The pool of Airflow that the heavy tasks share: those that build releases, pages and reports.

A task whose pool nobody created waits for ever. So the name is Airflow's own default pool, unless
``LUMBUNG_HEAVY_POOL`` says otherwise; our own Airflow homes set that, and create the pool.
Imported by DAG files: it must stay light.
"""

from __future__ import annotations

import os

#: Exists in every Airflow.
DEFAULT = "default_pool"
#: What the pool is called in the homes that we set up.
OURS = "lumbung_heavy"


def heavy() -> dict[str, str]:
    """Return what goes into the default arguments of a DAG whose tasks take up to 1 GiB each."""
    return {"pool": os.environ.get("LUMBUNG_HEAVY_POOL") or DEFAULT}
