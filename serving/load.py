"""Rows of a release into its slot: sorted by DuckDB, copied by ADBC, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable

import adbc_driver_postgresql.dbapi
import duckdb

from lumbung.settings import Settings
from serving import access, store
from serving.access import Role
from serving.brief_locks import Connection
from serving.errors import ServingError
from serving.shape import Mart, Shape

ROWS_AT_A_TIME = 50_000


def load(settings: Settings, role: Role, connection: Connection, shape: Shape, slot: int) -> None:
    """Copy every mart of a release into an empty slot; killed anywhere, no row of it stays.

    Raises ServingError where a table holds another number of rows than the manifest says.
    """
    names = {mart: _stored_names(connection, shape.marts[mart]) for mart in shape.marts}
    with (
        adbc_driver_postgresql.dbapi.connect(access.conninfo(settings, role)) as copier,
        duckdb.connect() as reader,
    ):
        reader.execute("set threads = 1")  # readers on this machine go first
        for mart in shape.marts.values():
            try:
                n_rows = _copy(copier, reader, mart, names[mart.table.name], slot)
            except adbc_driver_postgresql.dbapi.Error as error:
                connection.execute("select 1")  # raises where it is PostgreSQL that is gone
                raise ServingError(
                    f"{mart.table.name}: PostgreSQL refused the rows of {shape.release_id}: "
                    f"{error}; nothing was switched"
                ) from None
            if n_rows != mart.n_rows:
                raise ServingError(
                    f"{mart.table.name}: {n_rows} rows arrived in PostgreSQL, the manifest of "
                    f"{shape.release_id} says {mart.n_rows}; nothing was switched"
                )
        copier.commit()


def measure(connection: Connection, marts: Iterable[Mart], slot: int) -> None:
    """Let PostgreSQL count what was loaded, so that its plans fit, and mark its pages as whole."""
    for mart in marts:
        name = store.slot_name(mart.table.name, slot)
        connection.execute(f'vacuum (freeze, analyze) store."{name}"'.encode())


def _stored_names(connection: Connection, mart: Mart) -> dict[str, str]:
    existing = store.columns_of(connection, "store", mart.table.name)
    return {column.name: store.physical(existing, column) for column in mart.table.columns}


def _copy(
    copier: adbc_driver_postgresql.dbapi.Connection,
    reader: duckdb.DuckDBPyConnection,
    mart: Mart,
    names: dict[str, str],
    slot: int,
) -> int:
    rows = reader.execute(_query(mart, names, slot), [str(mart.path)])
    with copier.cursor() as cursor:
        return int(
            cursor.adbc_ingest(
                store.slot_name(mart.table.name, slot),
                rows.to_arrow_reader(ROWS_AT_A_TIME),
                mode="append",
                db_schema_name="store",
            )
        )


def _query(mart: Mart, names: dict[str, str], slot: int) -> str:
    columns = ", ".join(f'"{name}" as "{stored}"' for name, stored in names.items())
    order = ", ".join(f'"{name}"' for name in mart.order)
    return (
        f'select {slot}::smallint as "{store.SLOT_COLUMN}", {columns} '  # noqa: S608 - our names
        f"from read_parquet(?){f' order by {order}' if order else ''}"
    )
