"""Where releases lie in PostgreSQL: one partitioned table a mart, one slot a release.

Every table has the same slots, made once. A release is loaded into a slot that nobody reads, and
the one row of ``ctl.current`` says which slot the views show. As no partition comes or goes, no
reader's plan is ever out of date (docs/decisions/0021-postgresql-for-readers.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from serving.brief_locks import Connection, change
from serving.contract import Column, Table
from serving.errors import ServingError

#: Three releases for readers and roll-back, and one that is being loaded.
KEPT = 3
SLOTS = KEPT + 1
SLOT_COLUMN = "release_slot"
MAX_NAME_BYTES = 63


@dataclass(frozen=True)
class Stored:
    """A release that is loaded. ``columns``: of each of its tables, name and type."""

    release_id: str
    slot: int
    is_current: bool
    columns: dict[str, dict[str, str]]


def releases(connection: Connection) -> list[Stored]:
    """Return the loaded releases, the one that was current last at the end."""
    rows = connection.execute(
        "select loaded.release_id, loaded.slot, current.slot is not null, loaded.columns "
        "from ctl.loaded left join ctl.current using (slot) order by loaded.used_at"
    ).fetchall()
    return [Stored(*row) for row in rows]


def columns_of(connection: Connection, schema: str, name: str) -> dict[str, str]:
    """Return the columns of a table or view as they are, name and type; empty where none is."""
    rows = connection.execute(
        "select attname, format_type(atttypid, atttypmod) from pg_attribute "
        "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
        (f"{_quoted(schema)}.{_quoted(name)}",),
    ).fetchall()
    return dict(rows)


def physical(existing: dict[str, str], column: Column) -> str:
    """Return the name under which a column is stored: its own, unless that has another type."""
    for name in _aliases(column.name, len(existing) + 2):
        if existing.get(name, column.type) == column.type:
            return name
    raise ServingError(f"no free name is left to store column {column.name}")


def same_figure(existing: dict[str, str], column: Column) -> list[str]:
    """Return the stored columns that hold the same figure in other types, of older releases."""
    own = physical(existing, column)
    return [n for n in _aliases(column.name, len(existing) + 2) if n in existing and n != own]


def _aliases(name: str, n: int) -> Iterator[str]:
    yield name
    for number in range(2, n):
        yield f"{name}__{number}"


def slot_name(table: str, slot: int) -> str:
    """Return the name of a table's slot."""
    return f"{table}_s{slot}"


def make_room(connection: Connection, table: Table, slot: int) -> None:
    """Make a mart's table, slots, keys and indexes fit a release; the slot must be empty."""
    existing = columns_of(connection, "store", table.name)
    if not existing:
        _create(connection, table)
        existing = columns_of(connection, "store", table.name)
        for every in range(SLOTS):  # now, while nobody reads it
            _fit_slot(connection, table, existing, every)
        return
    _add_columns(connection, table, existing)
    existing = columns_of(connection, "store", table.name)
    _fit_slot(connection, table, existing, slot)


def _create(connection: Connection, table: Table) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(c.type)) for c in table.columns
    ]
    with connection.transaction():
        connection.execute(
            sql.SQL("create table {} ({} smallint not null, {}) partition by list ({})").format(
                sql.Identifier("store", table.name), sql.Identifier(SLOT_COLUMN),
                sql.SQL(", ").join(columns), sql.Identifier(SLOT_COLUMN),
            )
        )  # fmt: skip
        for slot in range(SLOTS):
            connection.execute(
                sql.SQL(
                    "create table {} partition of {} for values in ({}) "
                    # Giving pages back takes the table for itself; they are needed again anyway.
                    "with (vacuum_truncate = off, autovacuum_enabled = off)"
                ).format(
                    sql.Identifier("store", slot_name(table.name, slot)),
                    sql.Identifier("store", table.name), sql.Literal(slot),
                )
            )  # fmt: skip


def _add_columns(connection: Connection, table: Table, existing: dict[str, str]) -> None:
    missing = [c for c in table.columns if physical(existing, c) not in existing]
    if not missing:
        return
    additions = sql.SQL(", ").join(
        sql.SQL("add column {} {}").format(
            sql.Identifier(physical(existing, column)), sql.SQL(column.type)
        )
        for column in missing
    )
    statement = sql.SQL("alter table {} {}").format(sql.Identifier("store", table.name), additions)
    names = ", ".join(column.name for column in missing)

    def add() -> None:
        connection.execute(statement)

    change(connection, f"adding {names} to {table.name}", add)


def _fit_slot(connection: Connection, table: Table, existing: dict[str, str], slot: int) -> None:
    """Give an empty slot the release's required columns, key and indexes; take away others."""
    name = slot_name(table.name, slot)
    required = {physical(existing, c) for c in table.columns if c.is_required}
    wanted = dict(_indexes(table, existing, name))
    statements = [*_requirements(connection, name, required)]
    found = _index_names(connection, name)
    statements += [
        sql.SQL("drop index {}").format(sql.Identifier("store", index))
        for index in sorted(found - set(wanted))
    ]

    def fit() -> None:
        for statement in statements:
            connection.execute(statement)

    if statements:
        change(connection, f"fitting {name} to the release", fit)
    for index in sorted(set(wanted) - found):
        connection.execute(wanted[index])


def _requirements(connection: Connection, name: str, required: set[str]) -> Iterator[sql.Composed]:
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 "
        "and not attisdropped and attnotnull and attname <> %s",
        (f"store.{_quoted(name)}", SLOT_COLUMN),
    ).fetchall()
    found = {row[0] for row in rows}
    parts = [
        sql.SQL("alter column {} {} not null").format(sql.Identifier(column), sql.SQL(verb))
        for verb, columns in (("drop", found - required), ("set", required - found))
        for column in sorted(columns)
    ]
    if parts:
        yield sql.SQL("alter table {} {}").format(
            sql.Identifier("store", name), sql.SQL(", ").join(parts)
        )


def _indexes(
    table: Table, existing: dict[str, str], name: str
) -> Iterator[tuple[str, sql.Composed]]:
    """Return the key's unique index, and one for each column that names a row of another mart."""
    by_name = {column.name: physical(existing, column) for column in table.columns}
    if table.key:
        yield _index("unique index", name, [by_name[column] for column in table.key])
    for column in table.columns:
        if column.is_reference and column.name != (table.key or ("",))[0]:
            yield _index("index", name, [by_name[column.name]])


def _index(kind: str, table: str, columns: list[str]) -> tuple[str, sql.Composed]:
    digest = hashlib.sha256(" ".join((kind, *columns)).encode()).hexdigest()[:8]
    index = f"{table[: MAX_NAME_BYTES - 12]}_{'k' if 'unique' in kind else 'i'}{digest}"
    statement = sql.SQL("create {} {} on {} ({})").format(
        sql.SQL(kind), sql.Identifier(index), sql.Identifier("store", table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
    )  # fmt: skip
    return index, statement


def _index_names(connection: Connection, table: str) -> set[str]:
    rows = connection.execute(
        "select indexname from pg_indexes where schemaname = 'store' and tablename = %s", (table,)
    ).fetchall()
    return {row[0] for row in rows}


def free_slot(connection: Connection) -> int:
    """Return an empty slot; one that holds rows of no release, left by a kill, is emptied."""
    taken = {release.slot for release in releases(connection)}
    free = [slot for slot in range(SLOTS) if slot not in taken]
    if not free:
        raise ServingError("all slots hold a release: the oldest was not put away")
    for table in tables(connection):
        _empty(connection, slot_name(table, free[0]))
    return free[0]


def put_away(connection: Connection, release: Stored) -> None:
    """Forget a release and empty its slot: whoever still reads it goes on undisturbed."""
    with connection.transaction():
        connection.execute("delete from ctl.loaded where slot = %s", (release.slot,))
        for table in tables(connection):
            _delete(connection, slot_name(table, release.slot))
    for table in tables(connection):
        _empty(connection, slot_name(table, release.slot))


def _empty(connection: Connection, name: str) -> None:
    size = connection.execute(
        "select pg_relation_size(to_regclass(%s))", (f"store.{_quoted(name)}",)
    ).fetchone()
    if size and size[0]:
        _delete(connection, name)
        connection.execute(sql.SQL("vacuum {}").format(sql.Identifier("store", name)))


def _delete(connection: Connection, name: str) -> None:
    connection.execute(sql.SQL("delete from {}").format(sql.Identifier("store", name)))


def tables(connection: Connection) -> list[str]:
    """Return the names of all tables in the store."""
    rows = connection.execute(
        "select relname from pg_class where relnamespace = 'store'::regnamespace "
        "and relkind = 'p' order by relname"
    ).fetchall()
    return [row[0] for row in rows]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
