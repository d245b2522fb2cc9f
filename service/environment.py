"""The environment that every part runs in: Airflow's settings, the secrets, and a mark of ours.

Another Airflow on the machine is set by the same kind of variables. Only what says how to reach
other systems is taken over from it; everything else is ours, so that neither disturbs the other.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from lumbung import airflow_home
from lumbung.settings import ROOT, Settings
from serving import access

HOST = "127.0.0.1"
#: Every process of the service carries the home it belongs to: so what was orphaned is found.
MARK = "LUMBUNG_SERVICE_OF"
#: Variables of Airflow that are taken over from whoever starts the service.
TAKEN_OVER = ("AIRFLOW_CONN_", "AIRFLOW_VAR_", "AIRFLOW__SMTP__", "AIRFLOW__EMAIL__")
#: Generated once a home, by Airflow's name for them.
SECRETS = {
    "AIRFLOW__API__SECRET_KEY": "airflow_api_secret_key",  # pragma: allowlist secret
    "AIRFLOW__API_AUTH__JWT_SECRET": "airflow_jwt_secret",  # pragma: allowlist secret
    "AIRFLOW__CORE__FERNET_KEY": "airflow_fernet_key",
}


def folder(settings: Settings) -> Path:
    """Return the folder of the service's own files, readable by their owner only."""
    path = settings.home / "service"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def password_file(settings: Settings) -> Path:
    """Return the file in which Airflow writes the password that it generates for its pages."""
    return settings.airflow_home / "simple_auth_manager_passwords.json.generated"


def environment(settings: Settings, before: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for every part, made from those of whoever starts the service."""
    base = f"http://{HOST}:{settings.airflow_port}"
    kept = {
        name: value
        for name, value in before.items()
        if not name.startswith("AIRFLOW") or name.startswith(TAKEN_OVER)
    }
    return {
        **kept,
        **airflow_home.environment(settings),
        **{name: secret(settings, file) for name, file in SECRETS.items()},
        MARK: str(settings.home),
        # Airflow names its processes for `ps`, which would write over their environment: our mark
        "SPT_NOENV": "1",
        "LUMBUNG_HOME": str(settings.home),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
    }


def secret(settings: Settings, name: str) -> str:
    """Return a secret of this home, generated and written for its owner's eyes on first use."""
    path = folder(settings) / name
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_new_secret())
    except FileExistsError:
        pass
    return path.read_text(encoding="utf-8").strip()


def write_secrets(settings: Settings, postgres_password: Path, reader_pgpass: Path) -> list[str]:
    """Write what containers share: Airflow's secrets, PostgreSQL's passwords of owner and reader.

    PostgreSQL reads its file by its group; libpq wants one of its own form, and Superset is given
    the reader's alone. Return what lies where.
    """
    # Airflow writes its password as readable as its umask lets it: its folder lets nobody in
    settings.airflow_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in SECRETS.values():
        secret(settings, file)
    password = secret(settings, "owner.password")
    _write(folder(settings) / "owner.pgpass", f"*:*:*:lumbung_owner:{password}\n", 0o600)
    _write(postgres_password, password, 0o640)
    reader = access.make_password(settings, "reader")
    _write(reader_pgpass, f"*:*:*:{access.user('reader')}:{reader}\n", 0o600)
    return [
        f"Airflow, user admin: {password_file(settings)} (written when Airflow starts)",
        f"PostgreSQL, user lumbung_owner: {folder(settings) / 'owner.password'}",
        f"PostgreSQL, user lumbung_reader: {settings.postgres / 'reader.password'}",
        "Superset, user admin: /var/lib/superset/admin.password in its container",
    ]


def _write(path: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        file.write(text)
    path.chmod(mode)


def _new_secret() -> str:
    """Return 32 random bytes in the form that Fernet wants; the others take any text."""
    import base64

    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
