"""Writes what the warehouse reads: selected snapshots, their rows, the catalogue, the regions.

This folder is the whole border between ingest and dbt. Its fingerprint says whether a build
could come out any different, and is cheap enough to ask before every build.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ingest import catalogue as catalogues
from ingest import corrections, freshness, small_counts, storage
from ingest.catalogue import Catalogue
from ingest.errors import IngestError, LandingError
from ingest.landing import LandedSnapshot, Landing
from ingest.observation import DECIMAL, OBSERVATIONS, REJECTED
from ingest.parsed import digest_of, observations_path, parser_of, rejected_path
from ingest.storage import AnyPath
from lumbung.settings import Settings

MOMENT = pa.timestamp("us", tz="UTC")

#: Rows are gathered to groups of about this size before they are written.
ROWS_PER_GROUP = 100_000


def _schema(text: str, **others: pa.DataType) -> pa.Schema:
    """Build a schema of text columns, then the others."""
    fields = [pa.field(name, pa.string()) for name in text.split()]
    return pa.schema(fields + [pa.field(name, kind) for name, kind in others.items()])


SNAPSHOTS = _schema(
    "dataset_id snapshot_id partition path",
    first_fetched_at=MOMENT,
    last_fetched_at=MOMENT,
    seen_on=pa.date32(),
    is_sample=pa.bool_(),
    retired_on=pa.date32(),
)
OUTCOMES = _schema("dataset_id partition outcome message", attempted_at=MOMENT)
FETCHES = _schema(
    "dataset_id partition url params content_type etag last_modified sha256 connector_version",
    fetched_at=MOMENT,
    seen_on=pa.date32(),
    status=pa.int32(),
    size=pa.int64(),
    is_sample=pa.bool_(),
    is_kept=pa.bool_(),
)
DATASETS = _schema("dataset_id protocol source_id title_id title_en cadence", is_live=pa.bool_())
INDICATORS = _schema(
    "indicator_id name_id name_en definition_id definition_en unit theme direction cadence licence",
    minimum=DECIMAL,
    maximum=DECIMAL,
)
SOURCES = _schema(
    "source_id name url kind provenance_tier licence", terms_known=pa.bool_(), is_live=pa.bool_()
)
FRESHNESS = _schema(
    "dataset_id last_outcome reason",
    last_fetched_at=MOMENT,
    last_changed_at=MOMENT,
    next_due_at=pa.date32(),
    is_late=pa.bool_(),
    is_failing=pa.bool_(),
)
DUE_DATES = _schema("dataset_id", next_due_at=pa.date32())

#: The geography files; every column is text but the dates.
GEOGRAPHY = ("regions", "region_codes", "region_lineage", "region_groupings")
DATE_COLUMNS = frozenset({"valid_from", "valid_to"})


@dataclass(frozen=True)
class Inputs:
    """What was written: its fingerprint, and the snapshots whose rows are in it."""

    fingerprint: str
    snapshots: tuple[LandedSnapshot, ...]


def select(settings: Settings, catalogue: Catalogue) -> list[LandedSnapshot]:
    """Return the snapshots that a build reads, in the order of dataset, partition and fetch.

    A dataset of a live connection reads live snapshots only, another one bundled ones only;
    all of them, since earlier ones are its vintages. A snapshot whose reply could not be
    parsed has no rows and is left out: it is an outcome, not a figure. Rows that are there and
    can't be read raise LandingError: leaving them out would lose figures.
    """
    return [snapshot for snapshot, _ in _select(settings, catalogue)]


def _select(settings: Settings, catalogue: Catalogue) -> list[tuple[LandedSnapshot, str]]:
    """Return the snapshots that a build reads, each with the fingerprint of its parser."""
    landed = Landing.of(settings).snapshots_by_dataset()
    found: list[LandedSnapshot] = []
    for dataset_id, dataset in sorted(catalogue.datasets.items()):
        is_live = settings.is_live(catalogue.source_of(dataset).connection)
        found += landed.get((dataset_id, not is_live), ())
    parsers = storage.many(_parser_of, (observations_path(settings, one) for one in found))
    return [(one, parser) for one, parser in zip(found, parsers, strict=True) if parser]


def live_without_rows(settings: Settings, datasets: Iterable[str]) -> list[str]:
    """Return those of the datasets that are live now, and of which nothing live could be read."""
    catalogue = catalogues.load(settings.catalog)
    read = {snapshot.dataset_id for snapshot in select(settings, catalogue)}
    return [
        name
        for name in sorted(set(datasets) & set(catalogue.datasets) - read)
        if settings.is_live(catalogue.source_of(catalogue.datasets[name]).connection)
    ]


def _parser_of(path: AnyPath) -> str | None:
    """Name the parser that wrote a snapshot's rows, None where they were never written."""
    parser = parser_of(path)
    if parser is None and storage.exists(path):
        raise LandingError(
            f"the rows in {path} can't be read: harvest the dataset again, which reads them anew "
            "from landing"
        )
    return parser


def fingerprint(settings: Settings) -> str:
    """Say in one hash what a build would read; times of fetches do not count.

    The order of a partition's snapshots does: a figure restated and then taken back has the
    same two snapshots, yet another current one.
    """
    catalogue = catalogues.load(settings.catalog)
    return _fingerprint(settings, catalogue, _select(settings, catalogue))


def _fingerprint(
    settings: Settings, catalogue: Catalogue, selected: Iterable[tuple[LandedSnapshot, str]]
) -> str:
    total = hashlib.sha256()
    for snapshot, parser in selected:
        parts = (
            snapshot.dataset_id,
            snapshot.partition,
            snapshot.snapshot_id,
            snapshot.seen_on.isoformat(),
            str(snapshot.is_sample),
            str(snapshot.retired_on),
            parser,
        )
        total.update("\0".join(parts).encode() + b"\n")
    live = sorted(
        name for name, source in catalogue.sources.items() if settings.is_live(source.connection)
    )
    total.update("\0".join(live).encode() + b"\n")
    geography = [settings.geography / f"{name}.csv" for name in GEOGRAPHY]
    total.update(digest_of(catalogue.files, geography).encode())
    return total.hexdigest()


def write(settings: Settings, folder: Path, now: datetime | None = None) -> Inputs:
    """Write every input file into ``folder``, the same bytes for the same inputs.

    Raises IngestError where a selected snapshot's rows have a form of an older version.
    """
    now = now or datetime.now(UTC)
    catalogue = catalogues.load(settings.catalog)
    landing = Landing.of(settings)
    selected = _select(settings, catalogue)
    snapshots = [snapshot for snapshot, _ in selected]
    folder.mkdir(parents=True, exist_ok=True)

    _write(folder, "snapshots", SNAPSHOTS, (_snapshot_row(s) for s in snapshots))
    known = catalogue.datasets
    attempts = (vars(a) for a in landing.attempts() if a.dataset_id in known)
    _write(folder, "fetch_outcomes", OUTCOMES, attempts)
    fetches = (_only(vars(f), FETCHES) for f in landing.fetches() if f.dataset_id in known)
    _write(folder, "fetches", FETCHES, fetches)
    _write(folder, "datasets", DATASETS, _dataset_rows(settings, catalogue))
    _write(folder, "indicators", INDICATORS, _indicator_rows(catalogue))
    _write(folder, "sources", SOURCES, _source_rows(settings, catalogue))
    _write(folder, "due_dates", DUE_DATES, _due_date_rows(catalogue, now))
    fresh = freshness.check(settings, now, catalogue)
    _write(folder, "freshness", FRESHNESS, (vars(f) for f in fresh))
    for name in GEOGRAPHY:
        _write_geography(settings.geography / f"{name}.csv", folder / f"{name}.parquet")

    files = [observations_path(settings, snapshot) for snapshot in _by_snapshot(snapshots)]
    read = _reader_of_rows(settings, catalogue, snapshots)
    _write_union(files, read, OBSERVATIONS, folder / "observations.parquet")
    rejected = [rejected_path(file) for file in files]
    _write_union(rejected, _rejects_of, REJECTED, folder / "rejected.parquet")
    current = _current_rows(settings, snapshots, read)
    corrected = corrections.check(catalogue, current, settings.geography)
    _write(folder, "corrections", corrections.SCHEMA, corrected)
    return Inputs(_fingerprint(settings, catalogue, selected), tuple(snapshots))


def _by_snapshot(snapshots: Iterable[LandedSnapshot]) -> list[LandedSnapshot]:
    """Sort by the order in which the rows stand in the union."""
    return sorted(snapshots, key=lambda s: (s.dataset_id, s.snapshot_id, s.partition))


def _reader_of_rows(
    settings: Settings, catalogue: Catalogue, snapshots: Sequence[LandedSnapshot]
) -> Callable[[AnyPath], pa.Table]:
    """Return what reads a file of observations: what one file withholds, each of them does."""
    small = {name for name, one in catalogue.datasets.items() if getattr(one, "below_regency", 0)}
    paths = {observations_path(settings, s) for s in snapshots if s.dataset_id in small}
    keys = small_counts.withheld_in(_rows_of(path, OBSERVATIONS) for path in sorted(paths, key=str))

    def read(path: AnyPath) -> pa.Table:
        table = _rows_of(path, OBSERVATIONS)
        return small_counts.withhold_again(table, keys) if keys and path in paths else table

    return read


def _rejects_of(path: AnyPath) -> pa.Table:
    return _rows_of(path, REJECTED)


def _write_union(
    files: Sequence[AnyPath], read: Callable[[AnyPath], pa.Table], schema: pa.Schema, target: Path
) -> None:
    """Join the files' rows, sorted by locator within each, in groups of bounded size.

    The next rows are read while a group is written: both are Arrow's work, and take as long.
    """
    with (
        pq.ParquetWriter(target, schema, compression="zstd") as writer,
        ThreadPoolExecutor(1, "inputs") as aside,  # done before the file is closed, whatever comes
    ):
        writing: Future[None] | None = None
        waiting: list[pa.Table] = []
        n_rows = 0
        for path in files:
            waiting.append(read(path))
            n_rows += waiting[-1].num_rows
            if n_rows >= ROWS_PER_GROUP:
                if writing:
                    writing.result()
                writing = aside.submit(writer.write_table, pa.concat_tables(waiting))
                waiting, n_rows = [], 0
        if writing:
            writing.result()
        if waiting:
            writer.write_table(pa.concat_tables(waiting))


def _current_rows(
    settings: Settings, snapshots: Sequence[LandedSnapshot], read: Callable[[AnyPath], pa.Table]
) -> corrections.CurrentRows:
    """Return a reader of the rows that a dataset's sources carry now, None where it has none.

    The latest snapshot of each partition, as the warehouse picks it: an older one keeps what
    was corrected since, and a correction is about what still stands.
    """
    latest: dict[tuple[str, str], LandedSnapshot] = {}
    by_name = sorted(snapshots, key=lambda s: s.snapshot_id, reverse=True)
    for snapshot in sorted(by_name, key=lambda s: (s.last_fetched_at, s.first_fetched_at)):
        if snapshot.retired_on is None:
            latest[snapshot.dataset_id, snapshot.partition] = snapshot

    def rows(dataset_id: str) -> pa.Table | None:
        own = [snapshot for (name, _), snapshot in latest.items() if name == dataset_id]
        if not own:
            return None
        paths = (observations_path(settings, snapshot) for snapshot in _by_snapshot(own))
        return pa.concat_tables(read(path) for path in paths)

    return rows


def _rows_of(path: AnyPath, schema: pa.Schema) -> pa.Table:
    table = storage.table(path).replace_schema_metadata(None)
    if table.schema != schema:
        raise IngestError(
            f"{path} has the columns of an older version and its reply could not be parsed "
            "again; run `python -m ingest run` and read its message"
        )
    return table if _is_sorted(table["locator"]) else table.sort_by("locator")


def _is_sorted(column: pa.ChunkedArray) -> bool:
    """Tell whether texts stand in order already: sorting a table costs as much as reading it."""
    before, after = column.slice(0, max(0, len(column) - 1)), column.slice(1)
    return pc.all(pc.less_equal(before, after)).as_py() is not False


def _write(folder: Path, name: str, schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    table = pa.Table.from_pylist(list(rows), schema=schema)
    pq.write_table(table, folder / f"{name}.parquet", compression="zstd")


def _write_geography(source: Path, target: Path) -> None:
    """Copy a geography CSV: text columns, dates where they are dates, nothing as NULL."""
    with source.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    kinds = {name: pa.date32() if name in DATE_COLUMNS else pa.string() for name in header}
    options = pa_csv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True)
    pq.write_table(pa_csv.read_csv(source, convert_options=options), target, compression="zstd")


def _only(row: Mapping[str, Any], schema: pa.Schema) -> dict[str, Any]:
    return {name: row[name] for name in schema.names}


def _snapshot_row(snapshot: LandedSnapshot) -> dict[str, Any]:
    path = Path("landing", "objects", snapshot.snapshot_id[:2], snapshot.snapshot_id)
    return _only({**vars(snapshot), "path": path.as_posix()}, SNAPSHOTS)


def _dataset_rows(settings: Settings, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for _, dataset in sorted(catalogue.datasets.items()):
        yield {
            "dataset_id": dataset.dataset,
            "protocol": dataset.protocol,
            "source_id": dataset.source,
            "title_id": dataset.title.id,
            "title_en": dataset.title.en,
            "cadence": dataset.cadence,
            "is_live": settings.is_live(catalogue.source_of(dataset).connection),
        }


def _indicator_rows(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for _, indicator in sorted(catalogue.indicators.items()):
        yield {
            "indicator_id": indicator.indicator,
            "name_id": indicator.name.id,
            "name_en": indicator.name.en,
            "definition_id": indicator.definition.id,
            "definition_en": indicator.definition.en,
            "unit": indicator.unit,
            "theme": indicator.theme,
            "direction": indicator.direction,
            "cadence": indicator.cadence,
            "licence": None,
            "minimum": indicator.minimum,
            "maximum": indicator.maximum,
        }


def _source_rows(settings: Settings, catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    for _, source in sorted(catalogue.sources.items()):
        yield {
            "source_id": source.source,
            "name": source.name,
            "url": source.url,
            "kind": source.kind,
            "provenance_tier": source.provenance_tier,
            "licence": source.licence,
            "terms_known": source.terms_known,
            "is_live": settings.is_live(source.connection),
        }


def _due_date_rows(catalogue: Catalogue, now: datetime) -> Iterator[dict[str, Any]]:
    for _, dataset in sorted(catalogue.datasets.items()):
        cadence = catalogue.cadences[dataset.cadence]
        yield {
            "dataset_id": dataset.dataset,
            "next_due_at": freshness.next_due(cadence, now.date()),
        }
