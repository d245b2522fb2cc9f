"""Asks every part whether it does its work, as a reader would."""

from __future__ import annotations

import json
from collections.abc import Collection
from http.client import HTTPException
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from lumbung.settings import Settings
from service.environment import HOST

#: The parts of Airflow as its own health page names them.
AIRFLOW_PARTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")


def troubles(settings: Settings) -> dict[str, str]:
    """Return what is not up yet, and what it says; an empty answer means that all is well."""
    found = {
        "Airflow": airflow(settings),
        "portal": portal(settings),
        "PostgreSQL": postgres(settings),
    }
    return {name: trouble for name, trouble in found.items() if trouble}


def airflow(settings: Settings, host: str = HOST, wanted: Collection[str] = AIRFLOW_PARTS) -> str:
    """Return which of the wanted parts of Airflow is not healthy; nothing where all are."""
    try:
        with urlopen(
            f"http://{host}:{settings.airflow_port}/api/v2/monitor/health", timeout=5
        ) as answer:
            told = json.load(answer)
    except (URLError, HTTPException, OSError, ValueError) as error:
        return f"its pages do not answer ({error})"
    sick = [part for part in wanted if (told.get(part) or {}).get("status") != "healthy"]
    return f"not healthy yet: {', '.join(sick)}" if sick else ""


def portal(settings: Settings) -> str:
    """Return why the portal does not answer; a site that is not built yet is an answer."""
    try:
        with urlopen(f"http://{HOST}:{settings.portal_port}/", timeout=5):
            return ""
    except HTTPError as error:
        return "" if error.code == 503 else f"it answers {error.code}"
    except (URLError, HTTPException, OSError) as error:
        return f"it does not answer ({error})"


def postgres(settings: Settings) -> str:
    """Return why a reader can't ask PostgreSQL; nothing where one can."""
    import psycopg

    from serving import access
    from serving.errors import ServingError

    try:
        with access.connect(settings, "reader") as connection:
            connection.execute("select 1")
    except (ServingError, psycopg.Error, OSError) as error:
        return " ".join(str(error).split())
    return ""
