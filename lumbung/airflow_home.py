"""Airflow's embedded defaults: a home of its own under LUMBUNG_HOME, on SQLite, no reporting.

Airflow reads its settings when it is first imported, so ``prepare`` comes before any import
of airflow. A person's own Airflow (another AIRFLOW_HOME in the environment) is never touched.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import version

from lumbung import pools
from lumbung.settings import ROOT, Settings

#: No library of ours reports home.
QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "GX_ANALYTICS_ENABLED": "False",
    "SCARF_ANALYTICS": "false",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
#: Arrow's own allocators ask for a gibibyte of addresses at once, and keep what they were given:
#: under a limit of memory nothing would be left for the audit.
MEMORY = {"ARROW_DEFAULT_MEMORY_POOL": "system"}


def environment(settings: Settings) -> dict[str, str]:
    """Return the variables under which Airflow runs the DAGs of this tree."""
    home = settings.airflow_home
    return {
        **QUIET,
        **MEMORY,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(home / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "LUMBUNG_HEAVY_POOL": settings.heavy_pool or pools.OURS,
    }


def prepare(settings: Settings) -> None:
    """Set the environment, and make the metadata database and the heavy tasks' pool ready.

    Raises where Airflow can't.
    """
    if "airflow" in sys.modules:
        raise RuntimeError("Airflow was imported before its environment was prepared.")
    settings.airflow_home.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(settings))
    _migrate_once(settings)
    _make_pool(settings, settings.heavy_pool or pools.OURS)


def _migrate_once(settings: Settings) -> None:
    """Migrate only after a new Airflow or on a new database: looking would cost 2 s each time."""
    wanted = version("apache-airflow-core")
    stamp = settings.airflow_home / "migrated_to"
    database = settings.airflow_home / "airflow.db"
    if database.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    from airflow.utils import db

    db.initdb()
    stamp.write_text(wanted, encoding="utf-8")


def _make_pool(settings: Settings, name: str) -> None:
    """Create the pool, or give it the slots that are set, unless it has them already.

    Asked of the database itself, at each start: Airflow's own way costs a second, and a pool that
    somebody deleted would keep its tasks waiting for ever.
    """
    if name == pools.DEFAULT:
        return
    with closing(sqlite3.connect(settings.airflow_home / "airflow.db", timeout=30)) as database:
        found = database.execute("select slots from slot_pool where pool = ?", (name,)).fetchone()
    if found == (settings.heavy_slots,):
        return
    from airflow.models.pool import Pool

    Pool.create_or_update_pool(
        name,
        slots=settings.heavy_slots,
        description="Tasks of Lumbung that take up to 1 GiB each (LUMBUNG_HEAVY_SLOTS)",
        include_deferred=False,
    )
