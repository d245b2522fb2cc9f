"""The ledger's two databases: a SQLite file in the home, or a PostgreSQL that workers share.

Both hold the same tables and are asked by the same statements, written as SQLite takes them.
Writers take turns in both: SQLite lets one write at a time, and in PostgreSQL a transaction that
writes waits for a lock first. So the ids of rows are in the order in which others see them, which
``ingest.past`` relies on.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import SecretStr

from ingest.errors import LandingError, UnreachableError
from ingest.redaction import redact

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool

#: How long to wait for another process that writes the ledger.
LOCK_SECONDS = 30

#: Where the tables lie in PostgreSQL, so that they mix with nobody else's.
SCHEMA = "lumbung_ledger"
#: The lock of whoever writes; any number that no other program takes.
_TURN = 0x4C756D62756E67
#: A worker whose machine vanished must not keep the others waiting, nor must one that hangs.
_SESSION = {
    "search_path": SCHEMA,
    "timezone": "UTC",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


class Cursor(Protocol):
    """What a statement found."""

    def fetchone(self) -> Any:
        """Return the next row, None where there is none."""

    def fetchall(self) -> list[Any]:
        """Return all rows."""

    def __iter__(self) -> Iterator[Any]:
        """Go through the rows."""


class Database(Protocol):
    """One transaction of the ledger."""

    def execute(self, statement: str, values: Any = ..., /) -> Cursor:
        """Carry out a statement with ``?`` or ``:name`` for values."""

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Any:
        """Carry out a statement once a row."""


class Ledger(Protocol):
    """A database with the ledger's tables. ``shown`` names it and holds no secret."""

    shown: str

    def exists(self) -> bool:
        """Tell whether there is anything to read."""

    def transaction(self) -> AbstractContextManager[Database]:
        """Open one transaction, creating or updating the tables on first use."""

    def copy_to(self, path: Path) -> None:
        """Make a SQLite file of all that stands in it at one moment."""


class SqliteLedger:
    """A ledger in a file."""

    def __init__(self, path: Path, migrations: Sequence[str]) -> None:
        self.path = path
        self.migrations = migrations
        self.shown = str(path)

    def exists(self) -> bool:
        """Tell whether the file is there."""
        return self.path.exists()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=LOCK_SECONDS)) as db:
            try:
                (version,) = db.execute("pragma user_version").fetchone()
                for number, script in enumerate(self.migrations[version:], version + 1):
                    db.executescript(
                        f"begin immediate; {script} pragma user_version = {number}; commit;"
                    )
                with db:
                    yield db
            except sqlite3.DatabaseError as error:
                raise LandingError(f"the ledger {self.shown} can't be used: {error}") from error

    def copy_to(self, path: Path) -> None:
        """Copy the file by SQLite's own means: a row that is just being written is not in it."""
        with (
            closing(sqlite3.connect(self.path, timeout=LOCK_SECONDS)) as source,
            closing(sqlite3.connect(path)) as target,
        ):
            source.backup(target)


class PostgresLedger:
    """A ledger in a PostgreSQL, in a schema of its own, made on first use."""

    shown = "in PostgreSQL (LUMBUNG_LEDGER_DSN)"

    def __init__(self, dsn: SecretStr, migrations: Sequence[str]) -> None:
        self.dsn = dsn
        self.migrations = migrations
        self._is_ready = False

    def exists(self) -> bool:
        """Tell that it is there: it is made when it is first asked."""
        return True

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """Return what libpq needs to connect. May hold a password."""
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        given = None
        with suppress(ProgrammingError):  # its message repeats the address, password and all
            given = conninfo_to_dict(self.dsn.get_secret_value())
        if given is None:
            raise LandingError(
                "LUMBUNG_LEDGER_DSN is no address of a PostgreSQL: write it as "
                "postgresql://user@host:5432/database, the password in a passfile"
            )
        ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
        options = f"{given.pop('options', '') or ''} {ours}".strip()
        return {"connect_timeout": 10, "application_name": "lumbung", **given, "options": options}

    @contextmanager
    def transaction(self) -> Iterator[_Transaction]:
        """Connect for one transaction."""
        import psycopg

        try:
            with psycopg.connect(**self.arguments) as db:
                self._make_ready(db)
                yield _Transaction(db)
        except psycopg.OperationalError as error:
            raise UnreachableError(
                f"the ledger {self.shown} can't be reached: {self.told(error)}"
            ) from None
        except psycopg.Error as error:
            raise LandingError(
                f"the ledger {self.shown} can't be used: {self.told(error)}"
            ) from None

    def pool(self, size: int) -> ConnectionPool[Any]:
        """Return open connections to the same schema, for what keeps its own tables there."""
        from psycopg_pool import ConnectionPool

        with self.transaction():
            pass  # makes the schema; raises in our own words where there is no server
        return ConnectionPool(
            kwargs=self.arguments, min_size=1, max_size=max(size, 1), open=True, name="lumbung-pace"
        )

    def copy_to(self, path: Path) -> None:
        """Write the rows of all tables, as they stand at one moment, into a new file."""
        with self.transaction() as here, SqliteLedger(path, self.migrations).transaction() as there:
            here.db.commit()
            here.db.execute("set transaction isolation level repeatable read")
            for table, columns in _tables(there):
                names, marks = ", ".join(columns), ", ".join("?" * len(columns))
                with here.db.cursor(name="copied") as rows:
                    rows.execute(f"select {names} from {table}".encode())  # noqa: S608 - our own names
                    there.executemany(f"insert into {table} ({names}) values ({marks})", rows)  # noqa: S608 - our own names

    def told(self, error: Exception) -> str:
        """Say what went wrong, in one line without a password."""
        password = self.arguments.get("password")
        lines = redact(f"{error}", [SecretStr(str(password)) if password else None]).splitlines()
        return " ".join(line.strip() for line in lines) or type(error).__name__

    def _make_ready(self, db: psycopg.Connection[Any]) -> None:
        """Create or update the tables, once a process; others wait meanwhile."""
        if self._is_ready:
            return
        if _version(db) < len(self.migrations):
            _Transaction(db).take_turn()
            version = _version(db)
            for number, script in enumerate(self.migrations[version:], version + 1):
                if number == 1:
                    db.execute(f"create schema if not exists {SCHEMA}".encode())
                    db.execute("create table version (version integer not null)")
                    db.execute("insert into version values (0)")
                db.execute(in_postgres(script).encode())
                db.execute("update version set version = %s", (number,))
            db.commit()
        self._is_ready = True


class _Transaction:
    """A transaction in PostgreSQL that takes SQLite's statements."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self.db = db
        self.has_turn = False

    def execute(self, statement: str, values: Any = (), /) -> Cursor:
        """Carry out a statement; one that writes waits for its turn first."""
        if not statement.lstrip().lower().startswith(("select", "with")):
            self.take_turn()
            if statement == "begin immediate":
                return self.db.cursor()
        return self.db.execute(_placed(statement), values or None)

    def executemany(self, statement: str, rows: Iterable[Any], /) -> Cursor:
        """Carry out a statement once a row."""
        self.take_turn()
        cursor = self.db.cursor()
        cursor.executemany(_placed(statement), list(rows))
        return cursor

    def take_turn(self) -> None:
        """Wait until no other transaction writes; the turn ends with this one."""
        if not self.has_turn:
            self.db.execute("select pg_advisory_xact_lock(%s)", (_TURN,))
            self.has_turn = True


def insert(db: Database, table: str, row: Mapping[str, Any], key: str) -> int:
    """Insert a row, and return the number that the database gave it as its ``key``."""
    marks = ", ".join(f":{column}" for column in row)
    statement = f"insert into {table} ({', '.join(row)}) values ({marks})"  # noqa: S608 - our own names
    if isinstance(db, sqlite3.Connection):
        return int(db.execute(statement, dict(row)).lastrowid or 0)
    return int(db.execute(f"{statement} returning {key}", dict(row)).fetchone()[0])


def _tables(db: sqlite3.Connection) -> list[tuple[str, list[str]]]:
    """Return the tables of a ledger, and the columns of each."""
    names = db.execute("select name from sqlite_master where type = 'table' order by name")
    return [
        (name, [row[1] for row in db.execute(f"pragma table_info({name})")])
        for (name,) in names.fetchall()
    ]


def in_postgres(script: str) -> str:
    """Write a schema as PostgreSQL takes it: numbers given by it, text in the order of bytes."""
    script = re.sub(
        r"(\w+) integer primary key",
        r"\1 bigint generated by default as identity primary key",
        script,
    )
    script = re.sub(r"(\w+) integer\b", r"\1 bigint", script)
    return re.sub(r"(\w+) text\b", r'\1 text collate "C"', script)


@lru_cache(maxsize=256)
def _placed(statement: str) -> bytes:
    """Put psycopg's places for values where SQLite's stand."""
    return re.sub(r":(\w+)", r"%(\1)s", statement.replace("?", "%s")).encode()


def _version(db: psycopg.Connection[Any]) -> int:
    """Return how many migrations were carried out; none where there are no tables."""
    # Asked of the catalogue's own tables: by name, it would remember that there was none before it
    # waited for the one who made it.
    asked = "select 1 from pg_catalog.pg_tables where schemaname = %s and tablename = 'version'"
    if db.execute(asked, (SCHEMA,)).fetchone() is None:
        return 0
    row = db.execute("select version from version").fetchone()
    return int(row[0]) if row else 0
