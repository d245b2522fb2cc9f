"""Roles, database and what nobody may do in it, in our own cluster: set up by its administrator.

Repeated at every start, it also sets passwords and defaults back that a role changed for itself:
PostgreSQL allows every role that.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from lumbung.settings import Settings
from serving import access
from serving.access import DATABASE, Role

#: What a reader starts with. They are courtesies, not walls: the walls are the privileges.
READER_DEFAULTS = {
    "search_path": "marts",
    "default_transaction_read_only": "on",
    "statement_timeout": "5min",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "30min",
}
#: Anybody may call these by default; by them a reader could write, or disturb another reader.
DISTURBING = (
    "lo_creat", "lo_create", "lo_from_bytea", "lo_open", "lo_close", "lo_put", "lo_get", "loread",
    "lowrite", "lo_lseek", "lo_lseek64", "lo_tell", "lo_tell64", "lo_truncate", "lo_truncate64",
    "lo_unlink", "pg_cancel_backend", "pg_terminate_backend", "pg_notify",
)  # fmt: skip
CONNECTIONS_OF_READERS = 60


def prepare(settings: Settings) -> None:
    """Create what is missing of roles and database, and set privileges."""
    for role in access.ROLES:
        access.make_password(settings, role)
    with access.connect(settings, "admin", database="postgres") as connection:
        for role in ("owner", "publisher", "reader"):
            _make_role(connection, role)
            set_password(connection, role, access.make_password(settings, role))
        set_reader_defaults(connection)
        _make_database(connection)
        connection.execute("grant pg_read_all_stats to lumbung_publisher")
    with access.connect(settings, "admin") as connection:
        _close_doors(connection)


def _make_role(connection: psycopg.Connection[Any], role: Role) -> None:
    name = sql.Identifier(access.user(role))
    found = connection.execute(
        "select 1 from pg_roles where rolname = %s", (access.user(role),)
    ).fetchone()
    if not found:
        connection.execute(sql.SQL("create role {}").format(name))
    connection.execute(
        sql.SQL(
            "alter role {} with login nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
        ).format(name)
    )


def set_password(connection: psycopg.Connection[Any], role: Role, password: str) -> None:
    """Give a role its password; the server and its log only ever see the SCRAM verifier."""
    name = access.user(role)
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("alter role {} with login password {} valid until 'infinity'").format(
            sql.Identifier(name), sql.Literal(verifier.decode())
        )
    )


def set_reader_defaults(connection: psycopg.Connection[Any]) -> None:
    """Set the reader's defaults, and take away all others."""
    reader = sql.Identifier(access.user("reader"))
    with connection.transaction():
        connection.execute(sql.SQL("alter role {} reset all").format(reader))
        for name, value in READER_DEFAULTS.items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(
                    reader, sql.Identifier(name), sql.Literal(value)
                )
            )
        connection.execute(
            sql.SQL("alter role {} connection limit {}").format(
                reader, sql.Literal(CONNECTIONS_OF_READERS)
            )
        )


def _make_database(connection: psycopg.Connection[Any]) -> None:
    found = connection.execute(
        "select 1 from pg_database where datname = %s", (DATABASE,)
    ).fetchone()
    if not found:
        connection.execute(
            "create database lumbung owner lumbung_owner template template0 encoding 'UTF8'"
        )
    for statement in (
        "revoke connect, temporary on database postgres, template1, lumbung from public",
        "grant connect, create on database lumbung to lumbung_owner",
        "grant connect on database lumbung to lumbung_publisher, lumbung_reader",
    ):
        connection.execute(statement)


def _close_doors(connection: psycopg.Connection[Any]) -> None:
    connection.execute("revoke all on schema public from public")
    connection.execute("revoke usage on language plpgsql from public")
    functions = connection.execute(
        "select oid::regprocedure::text from pg_proc "
        "where pronamespace = 'pg_catalog'::regnamespace "
        "and (proname = any(%s) or proname like 'pg\\_%%advisory%%')",
        (list(DISTURBING),),
    ).fetchall()
    with connection.transaction():
        for (signature,) in functions:
            connection.execute(
                sql.SQL("revoke execute on function {} from public").format(sql.SQL(signature))
            )
