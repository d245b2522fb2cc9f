"""What readers see: a view a mart, with its words in two languages, and the past as a function.

A view shows the slot that is current. It is only touched where a release has other columns. A
column or table that a release no longer has stays for one more release, empty and marked as
such, so that nobody's query breaks on the day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from serving import store
from serving.brief_locks import Connection
from serving.contract import Column, Table
from serving.shape import AS_OF, Shape

READER = sql.Identifier("lumbung_reader")
GONE_ID = "Sejak rilis ini tidak lagi terbit: kosong, dan hilang pada rilis berikutnya."
GONE_EN = "No longer published since this release: empty, and gone with the next one."
PAST = (
    "Angka seperti diketahui pada suatu tanggal, dengan kolom observations.\n"
    "The figures as they were known on a day, with the columns of observations."
)


@dataclass(frozen=True)
class View:
    """One view as it should be. ``is_leaving``: this release has no such table any more."""

    table: Table
    statement: str
    is_leaving: bool = False


def wanted(connection: Connection, shape: Shape, before: dict[str, dict[str, str]]) -> list[View]:
    """Return the views of a release; ``before`` are the columns of the release it follows."""
    views = [
        _view(connection, _with_leaving(mart.table, before.get(name, {})))
        for name, mart in sorted(shape.marts.items())
    ]
    for name in sorted(set(before) - set(shape.marts)):
        columns = tuple(Column(c, t) for c, t in before[name].items())
        table = Table(name, columns, comment_id=GONE_ID, comment_en=GONE_EN)
        views.append(dataclasses.replace(_view(connection, table), is_leaving=True))
    return views


def _with_leaving(table: Table, before: dict[str, str]) -> Table:
    """Add the columns that the release before had and this one has not."""
    names = {column.name for column in table.columns}
    leaving = tuple(
        Column(name, type_, comment_id=GONE_ID, comment_en=GONE_EN)
        for name, type_ in before.items()
        if name not in names
    )
    return dataclasses.replace(table, columns=(*table.columns, *leaving))


def _view(connection: Connection, table: Table) -> View:
    existing = store.columns_of(connection, "store", table.name)
    shown = store.columns_of(connection, "marts", table.name)
    ordered = _in_order(table, shown)
    columns = ", ".join(f"{_stored(existing, c)} as {_name(c.name)}" for c in ordered)
    statement = (
        f"select {columns} from store.{_name(table.name)} "  # noqa: S608 - names of the contract
        f"where {_name(store.SLOT_COLUMN)} = (select slot from ctl.current)"
    )
    return View(dataclasses.replace(table, columns=ordered), statement)


def _in_order(table: Table, shown: dict[str, str]) -> tuple[Column, ...]:
    """Keep the order of a view that only grows: adding at its end disturbs its readers least."""
    by_name = {column.name: column for column in table.columns}
    if any(name not in by_name or by_name[name].type != t for name, t in shown.items()):
        return table.columns
    added = (column for column in table.columns if column.name not in shown)
    return (*(by_name[name] for name in shown), *added)


def _stored(existing: dict[str, str], column: Column) -> str:
    """Return where a column's values stand, those of older releases in another type included."""
    own = _name(store.physical(existing, column))
    older = [n for n in store.same_figure(existing, column) if _fits(existing[n], column.type)]
    if not older:
        return own
    casts = "".join(f", {_name(name)}::{column.type}" for name in older)
    return f"coalesce({own}{casts})"


def _fits(old: str, new: str) -> bool:
    """Tell whether every value of the old type can be read as the new one."""
    numbers = ("smallint", "integer", "bigint", "numeric", "double precision")
    return new == "text" or (old.startswith(numbers) and new.startswith(numbers))


def changed(connection: Connection, views: list[View]) -> list[View]:
    """Return the views that are not yet as they should be."""
    rows: dict[str, str] = dict(
        connection.execute("select name, statement from ctl.views").fetchall()
    )
    return [view for view in views if rows.get(view.table.name) != view.statement]


def leftover(connection: Connection, views: list[View]) -> list[str]:
    """Return the names of views whose time is over."""
    names = {view.table.name for view in views}
    rows = connection.execute("select name from ctl.views order by name").fetchall()
    return [name for (name,) in rows if name not in names]


def apply(connection: Connection, views: list[View], gone: list[str]) -> None:
    """Create, replace and drop views; in a transaction, with locks that are asked for briefly."""
    for name in gone:
        connection.execute(sql.SQL("drop view if exists {}").format(sql.Identifier("marts", name)))
        connection.execute("delete from ctl.views where name = %s", (name,))
    for view in views:
        _apply_one(connection, view)


def _apply_one(connection: Connection, view: View) -> None:
    name = sql.Identifier("marts", view.table.name)
    shown = store.columns_of(connection, "marts", view.table.name)
    now = {column.name: column.type for column in view.table.columns}
    if shown and list(shown.items()) != list(now.items())[: len(shown)]:
        if view.table.name == "observations":
            connection.execute(f"drop function if exists marts.{AS_OF}(date)".encode())
        connection.execute(sql.SQL("drop view {}").format(name))
    connection.execute(
        sql.SQL("create or replace view {} as {}").format(name, sql.SQL(view.statement))
    )
    connection.execute(sql.SQL("grant select on {} to {}").format(name, READER))
    connection.execute(
        "insert into ctl.views (name, statement) values (%s, %s) "
        "on conflict (name) do update set statement = excluded.statement",
        (view.table.name, view.statement),
    )


def tell_past(connection: Connection, query: str, observations: View) -> None:
    """Make ``marts.observations_as_of(date)`` the rule that the release itself was built by."""
    body = _past(query, observations)
    function = sql.Identifier("marts", AS_OF)
    found = connection.execute(
        "select prosrc from pg_proc where proname = %s and pronamespace = 'marts'::regnamespace",
        (AS_OF,),
    ).fetchone()
    if found and found[0] == body:
        return
    for statement in (
        sql.SQL(
            "create or replace function {}(as_of_date date) returns setof marts.observations "
            "language sql stable parallel safe as {}"
        ).format(function, sql.Literal(body)),
        sql.SQL("revoke all on function {}(date) from public").format(function),
        sql.SQL("grant execute on function {}(date) to {}").format(function, READER),
        sql.SQL("comment on function {}(date) is {}").format(function, sql.Literal(PAST)),
    ):
        connection.execute(statement)


def _past(query: str, observations: View) -> str:
    """Wrap the release's query so that it has the view's columns, in its order and types."""
    columns = ", ".join(
        f"{'null' if column.comment_en == GONE_EN else _name(column.name)}::{column.type}"
        for column in observations.table.columns
    )
    return f"select {columns} from ({query}) as known"  # noqa: S608 - names of the contract


def comment(connection: Connection, views: list[View]) -> None:
    """Write the words of both languages on every view and column, where they differ."""
    there = dict(_comments(connection))
    for view in views:
        table = view.table
        target = sql.Identifier("marts", table.name)
        if there.get((table.name, "")) != both(table):
            connection.execute(
                sql.SQL("comment on view {} is {}").format(target, sql.Literal(both(table)))
            )
        for column in table.columns:
            if there.get((table.name, column.name)) != both(column):
                connection.execute(
                    sql.SQL("comment on column {} is {}").format(
                        sql.Identifier("marts", table.name, column.name), sql.Literal(both(column))
                    )
                )


def both(item: Table | Column) -> str:
    """Return an item's words: Indonesian first, English below."""
    return "\n".join(text for text in (item.comment_id, item.comment_en) if text)


def _comments(connection: Connection) -> Iterator[tuple[tuple[str, str], str]]:
    rows = connection.execute(
        "select c.relname, coalesce(a.attname, ''), d.description "
        "from pg_description d join pg_class c on c.oid = d.objoid "
        "and d.classoid = 'pg_class'::regclass "
        "left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid "
        "and d.objsubid > 0 where c.relnamespace = 'marts'::regnamespace"
    ).fetchall()
    for table, column, text in rows:
        yield (table, column), text


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
