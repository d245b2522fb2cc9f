"""Keeps every distinct reply byte for byte, and a ledger of who asked what, when.

Objects are addressed by the sha256 of their bytes and never overwritten. The ledger row is
written after the object is on the disk: a run killed between the two leaves an object nobody
points to, never a row that points to nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import local
from typing import Any, Literal

from pydantic import SecretStr

from ingest import leftovers, storage
from ingest.errors import LandingError
from ingest.ledger import Database, Ledger, PostgresLedger, SqliteLedger, insert
from ingest.protocol import Reply, Request
from ingest.storage import AnyPath
from ingest.tombstones import QuarantinedError, Tombstones
from lumbung.settings import Settings

Outcome = Literal["ok", "unchanged", "empty", "refused", "broken"]

#: From best to worst: what a run came to is the worst of what its parts came to.
SEVERITY: Sequence[Outcome] = ("unchanged", "ok", "empty", "refused", "broken")

_SCHEMA = """
create table if not exists fetches (
    fetch_id integer primary key,
    dataset_id text not null,
    partition text not null,
    url text not null,
    params text not null,
    fetched_at text not null,
    seen_on text not null,
    status integer not null,
    content_type text not null,
    etag text,
    last_modified text,
    size integer not null,
    sha256 text not null,
    connector_version text not null,
    is_sample integer not null,
    is_kept integer not null
);
create index if not exists fetches_by_snapshot on fetches (dataset_id, partition, sha256);
create table if not exists outcomes (
    outcome_id integer primary key,
    dataset_id text not null,
    partition text not null,
    attempted_at text not null,
    outcome text not null
        check (outcome in ('ok', 'unchanged', 'empty', 'refused', 'broken')),
    message text not null
);
create index if not exists outcomes_by_dataset on outcomes (dataset_id, outcome_id);
"""

#: What ``ingest.runs`` and ``ingest.hosts`` remember; the ledger's second version.
_SCHEMA_2 = """
create table if not exists runs (
    run_id integer primary key,
    scope text not null,
    started_at text not null,
    ended_at text
);
create index if not exists runs_by_scope on runs (scope, run_id);
create table if not exists parts (
    run_id integer not null,
    dataset_id text not null,
    partition text not null,
    fetch_id integer not null,
    is_told integer not null default 0,
    primary key (run_id, dataset_id, partition)
);
create table if not exists finished (
    run_id integer not null,
    dataset_id text not null,
    is_sample integer not null,
    is_whole integer not null,
    outcome text not null,
    message text not null,
    n_new integer not null,
    ended_at text not null,
    primary key (run_id, dataset_id)
);
create index if not exists finished_by_dataset on finished (dataset_id, is_sample, run_id);
create table if not exists hosts (
    host text primary key,
    n_blocks integer not null,
    blocked_at text not null
);
create table if not exists backfills (
    backfill text primary key,
    digest text not null,
    outcome text not null,
    message text not null,
    done_at text not null
);
"""

_MIGRATIONS = (_SCHEMA, _SCHEMA_2)

#: A partition is retired once a later run had all of its dataset and met it no more: BPS
#: sent a window in halves, or no longer lists its years.
_SNAPSHOTS = """
with last_whole as (
    select dataset_id, is_sample, max(run_id) as run_id, max(ended_at) as ended_at
    from finished where is_whole = 1 group by dataset_id, is_sample
)
select
    f.dataset_id, f.partition, f.sha256, f.is_sample,
    min(f.fetched_at), max(f.fetched_at), min(f.seen_on), max(f.fetch_id),
    case when w.run_id is not null and p.run_id is null then w.ended_at end
from fetches as f
left join last_whole as w using (dataset_id, is_sample)
left join parts as p
    on p.run_id = w.run_id and p.dataset_id = f.dataset_id and p.partition = f.partition
where f.is_kept = 1 and (cast(:dataset_id as text) is null or f.dataset_id = :dataset_id)
group by f.dataset_id, f.partition, f.sha256, f.is_sample, w.run_id, w.ended_at, p.run_id
order by f.dataset_id, f.partition, max(f.fetch_id)
"""


@dataclass(frozen=True)
class Fetch:
    """One ledger row: a question that was answered."""

    fetch_id: int
    dataset_id: str
    partition: str
    url: str
    params: str
    fetched_at: datetime
    seen_on: date
    status: int
    content_type: str
    etag: str | None
    last_modified: str | None
    size: int
    sha256: str
    connector_version: str
    is_sample: bool
    is_kept: bool


@dataclass(frozen=True)
class Attempt:
    """What became of one partition in one run."""

    dataset_id: str
    partition: str
    attempted_at: datetime
    outcome: Outcome
    message: str


@dataclass(frozen=True)
class LandedSnapshot:
    """A distinct kept reply to one question, and when it was had.

    ``order`` is the last fetch. ``retired_on`` is the day on which the source, asked for all
    of the dataset, had that question's answer no more.
    """

    dataset_id: str
    partition: str
    snapshot_id: str
    is_sample: bool
    first_fetched_at: datetime
    last_fetched_at: datetime
    seen_on: date
    order: int
    retired_on: date | None = None


class Landing:
    """The landing zone of one home folder, or of all that share one.

    ``objects`` is the folder of objects and tombstones where that is not ``folder`` itself;
    ``dsn`` the PostgreSQL of the ledger where that is no file in ``folder``.
    """

    def __init__(
        self, folder: Path, objects: AnyPath | None = None, dsn: SecretStr | None = None
    ) -> None:
        self.folder = folder
        self.objects = folder if objects is None else objects
        self.ledger = folder / "ledger.sqlite"
        self.database: Ledger = (
            SqliteLedger(self.ledger, _MIGRATIONS)
            if dsn is None
            else PostgresLedger(dsn, _MIGRATIONS)
        )
        self._open = local()

    @classmethod
    def of(cls, settings: Settings) -> Landing:
        """Return the landing zone that the settings name."""
        return cls(settings.landing, storage.landing(settings), settings.ledger_dsn)

    # -- objects ----------------------------------------------------------------------

    @property
    def tombstones(self) -> Tombstones:
        """What must never land again."""
        return Tombstones(self.objects)

    def path_of(self, snapshot_id: str) -> AnyPath:
        """Return where the object of a snapshot lies."""
        return self.objects / "objects" / snapshot_id[:2] / snapshot_id

    def read(self, snapshot_id: str) -> bytes:
        """Return an object's bytes; raise LandingError where they are not what landed."""
        path = self.path_of(snapshot_id)
        try:
            body = storage.read(path)
        except OSError as error:
            said = error.strerror or "it is not there"
            raise LandingError(
                f"landing object {snapshot_id} can't be read ({said}); fetch its "
                "dataset again, or restore the file from a copy of the landing folder"
            ) from None
        if hashlib.sha256(body).hexdigest() != snapshot_id:
            raise LandingError(
                f"landing object {snapshot_id} is damaged: its bytes no longer have that sha256; "
                f"delete {path} and fetch its dataset again"
            )
        return body

    def store(self, body: bytes) -> str:
        """Put bytes on the disk for good and return their sha256.

        An object that is there and whole is left alone; a damaged one is mended by its own
        bytes, which have just come again.
        """
        snapshot_id = hashlib.sha256(body).hexdigest()
        if self.tombstones.has(snapshot_id):
            raise QuarantinedError(
                f"the reply {snapshot_id} was quarantined and is not taken again; "
                f"{self.tombstones.path} says by whom and why"
            )
        path = self.path_of(snapshot_id)
        if not _holds(path, body):
            write(path, body)
        return snapshot_id

    # -- ledger -----------------------------------------------------------------------

    def land(self, dataset_id: str, request: Request, reply: Reply, version: str) -> int:
        """Store a reply and enter it in the ledger, not kept yet; return its fetch id.

        A reply becomes a snapshot only by ``keep``: error answers land too, as evidence,
        and must never be taken for figures.
        """
        snapshot_id = self.store(reply.body)
        row = {
            "dataset_id": dataset_id,
            "partition": request.partition,
            "url": reply.url,
            "params": json.dumps(dict(request.params), sort_keys=True, ensure_ascii=False),
            "fetched_at": stamp(reply.fetched_at),
            "seen_on": reply.seen_on.isoformat(),
            "status": reply.status,
            "content_type": reply.content_type,
            "etag": reply.etag,
            "last_modified": reply.last_modified,
            "size": len(reply.body),
            "sha256": snapshot_id,
            "connector_version": version,
            "is_sample": int(reply.is_sample),
            "is_kept": 0,
        }
        with self.transaction() as db:
            return insert(db, "fetches", row, key="fetch_id")

    def keep(self, fetch_id: int) -> bool:
        """Make a landed reply a snapshot; tell whether these bytes are new for its partition."""
        with self.transaction() as db:
            # first: whoever writes has the turn, and sees what all others have kept
            db.execute("update fetches set is_kept = 1 where fetch_id = ?", (fetch_id,))
            (known,) = db.execute(
                "select count(*) from fetches as one join fetches as other"
                " using (dataset_id, partition, sha256, is_sample)"
                " where one.fetch_id = ? and other.is_kept = 1 and other.fetch_id <> one.fetch_id",
                (fetch_id,),
            ).fetchone()
            return not known

    def record(self, attempts: Iterable[Attempt]) -> None:
        """Enter the outcomes of partitions, all or none."""
        with self.transaction() as db:
            db.executemany(
                "insert into outcomes (dataset_id, partition, attempted_at, outcome, message)"
                " values (?, ?, ?, ?, ?)",
                [
                    (a.dataset_id, a.partition, stamp(a.attempted_at), a.outcome, a.message)
                    for a in attempts
                ],
            )

    def fetches(self, dataset_id: str | None = None) -> Iterator[Fetch]:
        """Yield the ledger's fetches, oldest first."""
        query = (
            "select * from fetches"
            " where cast(:dataset_id as text) is null or dataset_id = :dataset_id order by fetch_id"
        )
        for row in self._rows(query, dataset_id):
            yield _fetch(row)

    def fetch(self, fetch_id: int) -> Fetch:
        """Return one row of the ledger."""
        with self.transaction() as db:
            row = db.execute("select * from fetches where fetch_id = ?", (fetch_id,)).fetchone()
        if row is None:
            raise LandingError(f"the ledger {self.database.shown} has no fetch {fetch_id}")
        return _fetch(row)

    def last_kept(self, dataset_id: str, partition: str, is_sample: bool) -> Fetch | None:
        """Return the latest kept answer to a question, None where there is none."""
        if not self.database.exists():
            return None
        with self.transaction() as db:
            row = db.execute(
                "select * from fetches where dataset_id = ? and partition = ? and is_sample = ?"
                " and is_kept = 1 order by fetch_id desc limit 1",
                (dataset_id, partition, int(is_sample)),
            ).fetchone()
        return _fetch(row) if row else None

    def attempts(self, dataset_id: str | None = None) -> Iterator[Attempt]:
        """Yield the outcomes of all partitions tried, oldest first."""
        query = (
            "select dataset_id, partition, attempted_at, outcome, message from outcomes"
            " where cast(:dataset_id as text) is null or dataset_id = :dataset_id"
            " order by outcome_id"
        )
        for row in self._rows(query, dataset_id):
            yield Attempt(row[0], row[1], datetime.fromisoformat(row[2]), row[3], row[4])

    def snapshots(
        self, dataset_id: str | None = None, is_sample: bool | None = None
    ) -> list[LandedSnapshot]:
        """Return every distinct kept reply; within a partition the latest had comes last.

        ``is_sample`` picks bundled or live ones: the two are never mixed.
        """
        found = [
            LandedSnapshot(
                dataset_id=row[0],
                partition=row[1],
                snapshot_id=row[2],
                is_sample=bool(row[3]),
                first_fetched_at=datetime.fromisoformat(row[4]),
                last_fetched_at=datetime.fromisoformat(row[5]),
                seen_on=date.fromisoformat(row[6]),
                order=row[7],
                retired_on=datetime.fromisoformat(row[8]).date() if row[8] else None,
            )
            for row in self._rows(_SNAPSHOTS, dataset_id)
        ]
        return [one for one in found if is_sample is None or one.is_sample is is_sample]

    def snapshots_by_dataset(self) -> dict[tuple[str, bool], list[LandedSnapshot]]:
        """Return the snapshots of every dataset by its name and whether they are bundled ones."""
        found: dict[tuple[str, bool], list[LandedSnapshot]] = {}
        for one in self.snapshots():
            found.setdefault((one.dataset_id, one.is_sample), []).append(one)
        return found

    def _rows(self, query: str, dataset_id: str | None) -> list[tuple[Any, ...]]:
        if not self.database.exists():
            return []
        with self.transaction() as db:
            return db.execute(query, {"dataset_id": dataset_id}).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[Database]:
        """Open the ledger for one transaction, creating or updating it on first use.

        Inside another one of the same thread it is part of that: forcing the disk costs more
        than all else that a table asks of us.
        """
        inside = getattr(self._open, "db", None)
        if inside is not None:
            yield inside
            return
        with self.database.transaction() as db:
            self._open.db = db
            try:
                yield db
            finally:
                self._open.db = None


def _fetch(row: Sequence[Any]) -> Fetch:
    """Make a Fetch of a row of the ledger."""
    return Fetch(
        fetch_id=row[0],
        dataset_id=row[1],
        partition=row[2],
        url=row[3],
        params=row[4],
        fetched_at=datetime.fromisoformat(row[5]),
        seen_on=date.fromisoformat(row[6]),
        status=row[7],
        content_type=row[8],
        etag=row[9],
        last_modified=row[10],
        size=row[11],
        sha256=row[12],
        connector_version=row[13],
        is_sample=bool(row[14]),
        is_kept=bool(row[15]),
    )


def write(path: AnyPath, body: bytes, is_kept_for_good: bool = True) -> None:
    """Write a whole file or none, on a disk or in a store."""
    if isinstance(path, Path):
        write_atomically(path, body, is_kept_for_good)
    else:
        storage.put(path, body)


def _holds(path: AnyPath, body: bytes) -> bool:
    """Tell whether a file is there with these very bytes."""
    try:
        return storage.read(path) == body
    except FileNotFoundError:
        return False


def write_atomically(path: Path, body: bytes, is_kept_for_good: bool = True) -> None:
    """Write a whole file or none: a temporary neighbour, forced to the disk, then renamed.

    What can be made again is whole too, but nobody waits until a power cut can't take it away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=leftovers.PREFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            leftovers.hold(file.fileno())
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
            Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if is_kept_for_good:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def stamp(moment: datetime) -> str:
    """Write a moment in UTC such that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
