"""Superset's own settings, read by Superset in its environment: the house is not at hand there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

HOME = Path(os.environ["LUMBUNG_SUPERSET_HOME"])

SECRET_KEY = (HOME / "secret_key").read_text(encoding="utf-8").strip()
GUEST_TOKEN_JWT_SECRET = SECRET_KEY
GLOBAL_ASYNC_QUERIES_JWT_SECRET = SECRET_KEY
#: What people keep in Superset: users, their own charts. The figures stay in PostgreSQL.
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"

APP_NAME = "Lumbung"
# cookies of one machine are shared by its ports, and Airflow's pages have one called `session`
SESSION_COOKIE_NAME = "lumbung_superset"
SESSION_COOKIE_SAMESITE = "Lax"
# a figure that is shown is the current release's: nothing is kept for later
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
THUMBNAIL_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
ROW_LIMIT = 5000
# pages wait as long as the reader's queries may take
SUPERSET_WEBSERVER_TIMEOUT = 300
SQLLAB_TIMEOUT = 300

# What people choose in a filter reaches inside the datasets' queries: the latest round of a chosen
# month, figures as known on a chosen day. Templates are rendered in Jinja's sandbox, and what they
# render is asked as the reader.
FEATURE_FLAGS = {"ENABLE_TEMPLATE_PROCESSING": True}

# Numbers and months as in Indonesia, for everybody: Superset knows one way an instance.
D3_FORMAT = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""]}
_MONTHS = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
]  # fmt: skip
_DAYS = ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"]
D3_TIME_FORMAT = {
    "dateTime": "%A, %e %B %Y %X",
    "date": "%d-%m-%Y",
    "time": "%H:%M:%S",
    "periods": ["", ""],
    "days": _DAYS,
    "shortDays": [day[:3] for day in _DAYS],
    "months": _MONTHS,
    "shortMonths": [month[:3] for month in _MONTHS],
}

# The portal's colours: told apart by everybody, at least 3:1 on white, no red and green.
EXTRA_CATEGORICAL_COLOR_SCHEMES: list[dict[str, Any]] = [
    {
        "id": "lumbung",
        "label": "Lumbung",
        "description": "",
        "isDefault": True,
        "colors": ["#12436D", "#F46A25", "#28A197", "#801650", "#2073BC", "#6B6B6B"],
    }
]
EXTRA_SEQUENTIAL_COLOR_SCHEMES: list[dict[str, Any]] = [
    {
        "id": "lumbung_sequential",
        "label": "Lumbung",
        "description": "",
        "isDiverging": False,
        "isDefault": True,
        "colors": ["#E3EEF8", "#B5D3EE", "#6BACE6", "#2073BC", "#12436D"],
    }
]

# Nothing is fetched from anywhere else: no fonts, maps, avatars or counting pixels.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}


@event.listens_for(Engine, "connect")
def _spare_the_disk(connection: Any, _record: Any) -> None:
    """Let SQLite wait for others, and for the disk only where it must."""
    if type(connection).__module__.startswith("sqlite3"):
        for pragma in ("journal_mode = wal", "synchronous = normal", "busy_timeout = 20000"):
            connection.execute(f"pragma {pragma}")
