"""Makes PostgreSQL serve the current release: load it where it is not there, then switch.

The release's files decide what is current; PostgreSQL follows, forwards and back. Killed
anywhere, readers have the old release whole or the new one, and the next run completes it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.types.json import Jsonb

from lumbung.settings import Settings
from release.errors import ReleaseError
from release.store import Store
from serving import access, contract, load, schemas, shape, store, views
from serving.access import Role
from serving.brief_locks import Connection, change
from serving.errors import ServingError, UnreachableError
from serving.shape import Shape
from serving.store import Stored

#: How long a publication waits for another one.
TURN = "15min"


@dataclass(frozen=True)
class Published:
    """What a publication did. ``before`` is what PostgreSQL served until then."""

    release_id: str
    before: str | None
    is_loaded: bool
    seconds: float

    @property
    def is_unchanged(self) -> bool:
        """Tell whether PostgreSQL served this release already."""
        return self.before == self.release_id


def publish(settings: Settings) -> Published:
    """Make the current release of the home PostgreSQL's current release too.

    Does nothing where it is already. Raises UnreachableError where PostgreSQL does not answer,
    ServingError where there is no release or it can't be served: what was served stays.
    """
    started = time.monotonic()
    files = Store(settings)
    if files.current() is None:
        raise ServingError("nothing is published yet; run: make refresh")
    try:
        role = schemas.prepare(settings)
        with access.connect(settings, role) as connection, _turn(settings, role):
            # Read inside the turn: somebody may have published or rolled back while we waited.
            wanted = files.current() or ""
            _put_away(connection, files)
            before = _current(connection)
            is_loaded = False
            if before is None or before.release_id != wanted:
                is_loaded = _follow(settings, role, connection, files, wanted)
                _put_away(connection, files)
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        said = " ".join(str(error).split())
        raise UnreachableError(
            f"PostgreSQL broke the publication off: {said}. Readers keep the release they "
            "had; when it is back, run: python -m serving publish"
        ) from None
    seconds = time.monotonic() - started
    return Published(wanted, before.release_id if before else None, is_loaded, seconds)


def served(settings: Settings) -> str | None:
    """Return the release that readers see, None before the first; as a reader sees it."""
    with access.connect(settings, "reader") as connection:
        try:
            row = connection.execute("select release_id from marts.publication").fetchone()
        except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege,
                psycopg.errors.InvalidSchemaName):  # fmt: skip
            return None
    return str(row[0]) if row else None


def _follow(
    settings: Settings, role: Role, connection: Connection, files: Store, wanted: str
) -> bool:
    """Load a release where it is not there, and switch to it; tell whether it was loaded."""
    try:
        files.verify(wanted)
    except ReleaseError as error:
        raise ServingError(f"{error}. PostgreSQL serves what it served before") from None
    release = shape.of_release(files.folder(wanted), contract.read(settings))
    slots = {stored.release_id: stored.slot for stored in store.releases(connection)}
    is_loaded = wanted not in slots
    if is_loaded:
        slots[wanted] = _load(settings, role, connection, release)
    _switch(connection, release, slots[wanted])
    return is_loaded


def _load(settings: Settings, role: Role, connection: Connection, release: Shape) -> int:
    slot = store.free_slot(connection)
    for mart in release.marts.values():
        store.make_room(connection, mart.table, slot)
    load.load(settings, role, connection, release, slot)
    load.measure(connection, release.marts.values(), slot)
    connection.execute(
        "insert into ctl.loaded (release_id, slot, columns) values (%s, %s, %s)",
        (release.release_id, slot, Jsonb(_columns(release))),
    )
    return slot


def _columns(release: Shape) -> dict[str, dict[str, str]]:
    return {
        name: {column.name: column.type for column in mart.table.columns}
        for name, mart in release.marts.items()
    }


def _switch(connection: Connection, release: Shape, slot: int) -> None:
    """Show readers another slot, in one transaction; views only where their columns change."""
    before = _current(connection)
    wanted = views.wanted(connection, release, before.columns if before else {})
    to_change = views.changed(connection, wanted)
    gone = views.leftover(connection, wanted)
    observations = next((v for v in wanted if v.table.name == "observations"), None)

    def work() -> None:
        connection.execute(
            "insert into ctl.current (slot) values (%s) on conflict (is_only) "
            "do update set slot = excluded.slot, switched_at = clock_timestamp()",
            (slot,),
        )
        connection.execute(
            "update ctl.loaded set used_at = clock_timestamp() where slot = %s", (slot,)
        )
        views.comment(connection, [view for view in wanted if view not in to_change])
        views.apply(connection, to_change, gone)
        views.comment(connection, to_change)
        if observations and release.as_of:
            views.tell_past(connection, release.as_of, observations)

    change(connection, f"switching to {release.release_id}", work)


def _put_away(connection: Connection, files: Store) -> None:
    """Put away what is older than the few releases kept, and what the home keeps no more."""
    loaded = store.releases(connection)
    there = set(files.ids())
    surplus = [r for r in loaded if not r.is_current and r.release_id not in there]
    kept = [r for r in loaded if r not in surplus]
    old = [r for r in kept if not r.is_current][: max(0, len(kept) - store.KEPT)]
    for release in (*surplus, *old):
        store.put_away(connection, release)


def _current(connection: Connection) -> Stored | None:
    return next((release for release in store.releases(connection) if release.is_current), None)


@contextmanager
def _turn(settings: Settings, role: Role) -> Iterator[None]:
    """Let one publication at a time at a server; the turn falls with the session that holds it."""
    with access.connect(settings, role) as holder, holder.transaction():
        holder.execute(f"set local lock_timeout = '{TURN}'".encode())
        try:
            # A table that readers have no right to: an advisory lock anybody could take.
            holder.execute("lock table ctl.gate in exclusive mode")
        except psycopg.errors.LockNotAvailable:
            raise ServingError(
                f"another publication has been running for {TURN}: see pg_stat_activity"
            ) from None
        yield
