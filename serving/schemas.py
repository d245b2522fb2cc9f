"""The three schemas and who may do what in them; set up by the owner, in any server."""

from __future__ import annotations

import psycopg
from psycopg import sql

from lumbung.settings import Settings
from release.files import locked
from serving import access, cluster
from serving.access import Role
from serving.brief_locks import Connection
from serving.errors import ServingError

SETUP = """
create schema if not exists ctl;
create schema if not exists store;
create schema if not exists marts;
comment on schema marts is 'Tabel terbitan Lumbung; rilis yang berlaku ada di marts.publication.
What Lumbung publishes; marts.publication says which release is current.';
create table if not exists ctl.gate (is_held boolean);
create table if not exists ctl.loaded (
    release_id text primary key,
    slot smallint not null unique,
    columns jsonb not null,
    used_at timestamptz not null default clock_timestamp()
);
create table if not exists ctl.current (
    is_only boolean primary key default true check (is_only),
    slot smallint not null,
    switched_at timestamptz not null default clock_timestamp()
);
create table if not exists ctl.views (name text primary key, statement text not null);
revoke all on schema ctl, store, marts from public;
"""
GRANTS = """
grant usage on schema ctl to {publisher};
grant select, insert, update, delete on all tables in schema ctl to {publisher};
grant usage, create on schema store, marts to {publisher};
grant usage on schema marts to {reader};
"""


def prepare(settings: Settings) -> Role:
    """Set up the schemas; return the role that publishes: the owner where there is no other.

    A foreign server whose role may not create roles is published to as that role, and needs a
    ``lumbung_reader`` made by its administrator: ServingError says so.
    """
    with (
        locked(settings.postgres / ".schemas.lock"),  # two at once would both see no schema
        access.connect(settings, "owner") as connection,
        connection.transaction(),
    ):
        publisher = _publisher(settings, connection)
        connection.execute(SETUP)
        connection.execute(
            sql.SQL(GRANTS).format(
                publisher=sql.Identifier(access.user("publisher"))
                if publisher == "publisher"
                else sql.SQL("current_user"),
                reader=sql.Identifier(access.user("reader")),
            )
        )
    return publisher


def _publisher(settings: Settings, connection: Connection) -> Role:
    if not access.is_external(settings):
        return "publisher"
    if _may_create_roles(connection):
        for role in ("publisher", "reader"):
            _take_over(settings, connection, role)
        cluster.set_reader_defaults(connection)
        return "publisher"
    if not _exists(connection, "reader"):
        raise ServingError(
            "the role of LUMBUNG_POSTGRES_DSN may not create roles, and lumbung_reader is not "
            "there. Let the server's administrator run: create role lumbung_reader login "
            "password '...'"
        )
    return "owner"


def _take_over(settings: Settings, connection: Connection, role: Role) -> None:
    name = sql.Identifier(access.user(role))
    if not _exists(connection, role):
        connection.execute(sql.SQL("create role {} login").format(name))
    password = access.make_password(settings, role)
    try:
        cluster.set_password(connection, role, password)
    except psycopg.errors.InsufficientPrivilege:
        raise ServingError(
            f"the role of LUMBUNG_POSTGRES_DSN may not set the password of {access.user(role)}, "
            "which is there already: let its administrator drop it, or grant it with admin option"
        ) from None
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("grant connect on database {} to {}").format(database, name))


def _may_create_roles(connection: Connection) -> bool:
    row = connection.execute(
        "select rolcreaterole or rolsuper from pg_roles where rolname = current_user"
    ).fetchone()
    return bool(row and row[0])


def _exists(connection: Connection, role: Role) -> bool:
    return bool(
        connection.execute(
            "select 1 from pg_roles where rolname = %s", (access.user(role),)
        ).fetchone()
    )
