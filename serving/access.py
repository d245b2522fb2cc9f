"""Who may come in: three roles, their passwords, and connection strings without them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from lumbung.settings import Settings
from release.files import sync_folder
from serving.errors import NotConfiguredError, ServingError, UnreachableError

#: The administrator exists in our own cluster only, and only to set up the others.
Role = Literal["admin", "owner", "publisher", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)
HOST = "127.0.0.1"
DATABASE = "lumbung"


def user(role: Role) -> str:
    """Return the name of a role inside PostgreSQL."""
    return f"lumbung_{role}"


def password_file(settings: Settings, role: Role) -> Path:
    """Return the file that holds a role's password, on one line."""
    return settings.postgres / f"{role}.password"


def pass_file(settings: Settings, role: Role) -> Path:
    """Return the file that holds a role's password in libpq's own form."""
    return settings.postgres / f"{role}.pgpass"


def make_password(settings: Settings, role: Role) -> str:
    """Return a role's password, generated and written where there is none yet."""
    path = password_file(settings, role)
    if not path.exists():
        settings.postgres.mkdir(parents=True, exist_ok=True)
        _write_secret(path, secrets.token_urlsafe(24))
    password = path.read_text(encoding="utf-8").strip()
    if not password:
        raise ServingError(f"{path} is empty: remove it and start again")
    # Any host and port: the port is a setting, the password is not.
    _write_secret(pass_file(settings, role), f"*:*:*:{user(role)}:{password}")
    return password


def _write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first moment on, whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def is_external(settings: Settings) -> bool:
    """Tell whether the server is somebody else's, named by LUMBUNG_POSTGRES_DSN."""
    return settings.postgres_dsn is not None


def conninfo(settings: Settings, role: Role = "reader", database: str = DATABASE) -> str:
    """Return what libpq needs to connect as a role. May hold the password of a foreign server."""
    if settings.postgres_dsn is None:
        return make_conninfo(
            host=HOST, port=settings.postgres_port, dbname=database, user=user(role),
            passfile=str(pass_file(settings, role)), connect_timeout=10,
        )  # fmt: skip
    given = _parsed(settings)
    if role != "owner":
        given = {key: value for key, value in given.items() if key not in ("user", "password")}
        given |= {"user": user(role), "passfile": str(pass_file(settings, role))}
    return make_conninfo(**{"connect_timeout": 10, **given})


def dsn(settings: Settings, role: Role = "reader") -> str:
    """Return a URI for a role, never with a password in it: it names the password file."""
    parts = conninfo_to_dict(conninfo(settings, role))
    for secret in ("password", "connect_timeout"):
        parts.pop(secret, None)
    name = quote(str(parts.pop("user", "")), safe="")
    host = str(parts.pop("host", "")) or str(parts.pop("hostaddr", ""))
    place = f"[{host}]" if ":" in host else quote(host, safe="")
    port = parts.pop("port", None)
    database = quote(str(parts.pop("dbname", "")), safe="")
    query = urlencode({key: str(value) for key, value in parts.items()}, quote_via=quote)
    address = f"{name}@{place}{f':{port}' if port else ''}/{database}"
    return f"postgresql://{address}{f'?{query}' if query else ''}"


def _parsed(settings: Settings) -> dict[str, Any]:
    """Read LUMBUNG_POSTGRES_DSN; a mistake in it is told without its text, which is a secret."""
    if settings.postgres_dsn is None:
        raise NotConfiguredError("LUMBUNG_POSTGRES_DSN is not set")
    try:
        return conninfo_to_dict(settings.postgres_dsn.get_secret_value())
    except psycopg.Error:
        raise ServingError(
            "LUMBUNG_POSTGRES_DSN can't be read: it should look like "
            "postgresql://host:5432/lumbung?user=...&password=..."
        ) from None


def connect(
    settings: Settings, role: Role, database: str = DATABASE
) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect as a role, each statement its own transaction.

    Raises UnreachableError that says which server and what to do.
    """
    try:
        return psycopg.connect(
            conninfo(settings, role, database), autocommit=True, prepare_threshold=None,
            application_name="lumbung",
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise UnreachableError(_unreachable(settings, role, error)) from None


def _unreachable(settings: Settings, role: Role, error: Exception) -> str:
    said = " ".join(str(error).split())
    if is_external(settings):
        return f"the PostgreSQL of LUMBUNG_POSTGRES_DSN does not let {role} in: {said}"
    return (
        f"no PostgreSQL lets {user(role)} in on {HOST}:{settings.postgres_port}: {said}. "
        "Start it: python -m serving start"
    )
