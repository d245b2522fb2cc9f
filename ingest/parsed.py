"""Where the rows of a snapshot lie, and which parser wrote them.

A snapshot is parsed once. Its rows name the parser by a fingerprint, so that a change of
code, catalogue or geography shows as rows that have to be parsed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from ingest import storage
from ingest.catalogue import Catalogue
from ingest.landing import LandedSnapshot, write
from ingest.observation import ParseResult
from ingest.schema import Dataset
from ingest.storage import AnyPath
from lumbung.settings import ROOT, Settings

#: Parquet metadata: the fingerprint of the parser that wrote the file.
PARSER_KEY = b"lumbung_parser"

#: The modules of ingest that have no say in what a reply parses to. All others count, so
#: that a new one is never forgotten.
NOT_PARSING = frozenset(
    {"__main__", "corrections", "freshness", "harvest", "http", "inputs", "landing"}
    | {"drop", "drop_folder", "screen", "parse", "parsed", "past", "quarantine", "redaction"}
    | {"ledger", "parse_pool", "run", "storage", "tombstones", "transport"}
)


class ParserFingerprints:
    """Tells whether a snapshot would be parsed today as it was parsed then.

    Covers the parsing code, the dataset's own file, every indicator and source, and the
    geography: all that decides what rows come out of the same bytes.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        code = sorted((ROOT / "ingest" / "sources").rglob("*.py"))
        code += sorted(
            path for path in (ROOT / "ingest").glob("*.py") if path.stem not in NOT_PARSING
        )
        beside = (catalogue.folder, catalogue.folder / "corrections")
        shared = [path for path in catalogue.files if path.parent not in beside]
        shared.append(catalogue.folder / "sources.yml")
        geography = sorted(settings.geography.glob("*.csv"))
        self.common = digest_of(code, shared, geography)

    def of(self, dataset: Dataset) -> str:
        """Return the fingerprint of a dataset's parser."""
        own = self.catalogue.folder / f"{dataset.dataset}.yml"
        return hashlib.sha256((self.common + digest_of([own])).encode()).hexdigest()


def digest_of(*groups: Iterable[Path]) -> str:
    """Hash files by name and content; one that is not there counts as that."""
    total = hashlib.sha256()
    for path in (path for group in groups for path in group):
        body = path.read_bytes() if path.is_file() else b"(none)"
        total.update(f"{path.name}\0{hashlib.sha256(body).hexdigest()}\n".encode())
    return total.hexdigest()


def observations_path(settings: Settings, snapshot: LandedSnapshot) -> AnyPath:
    """Return where the rows of a snapshot lie.

    The partition is part of the path: one reply may answer two questions (a closed year's
    figures, asked for by month) and read differently for each.
    """
    partition = quote(snapshot.partition, safe="")
    folder = storage.observations(settings) / snapshot.dataset_id / partition
    return folder / f"{snapshot.snapshot_id}.observations.parquet"


def rejected_path(observations: AnyPath) -> AnyPath:
    """Return where the rejected items of the same snapshot lie."""
    return observations.with_name(observations.name.replace(".observations.", ".rejected."))


@dataclass(frozen=True)
class Files:
    """What a snapshot's two files are to hold: a tenth of what the rows take as columns."""

    observations: bytes
    rejected: bytes

    @classmethod
    def of(cls, result: ParseResult, fingerprint: str) -> Files:
        """Encode what a parser returned, and who that parser was."""
        rejected = result.rejected
        return cls(
            _parquet(result.observations, fingerprint),
            _parquet(rejected, fingerprint)
            if rejected.num_rows
            else _none(rejected.schema, fingerprint),
        )


def store(path: AnyPath, files: Files) -> None:
    """Write a snapshot's two files, each whole or not at all, the observations last.

    Where a power cut takes one away again, the snapshot is parsed again.
    """
    write(rejected_path(path), files.rejected, is_kept_for_good=False)
    write(path, files.observations, is_kept_for_good=False)


def parser_of(path: AnyPath) -> str | None:
    """Return the fingerprint of the parser that wrote a snapshot's files.

    None where one is missing, or can't be read: what a disk damaged is parsed again.
    """
    try:
        marks = [storage.metadata(one).metadata or {} for one in (path, rejected_path(path))]
    except (pa.ArrowInvalid, OSError):
        return None
    found = {mark.get(PARSER_KEY) for mark in marks}
    known = found.pop() if len(found) == 1 else None
    return known.decode() if known else None


def n_rows(path: AnyPath) -> int:
    """Count a file's rows; none where there is no file."""
    return int(storage.metadata(path).num_rows) if storage.exists(path) else 0


@lru_cache(maxsize=16)
def _none(schema: pa.Schema, fingerprint: str) -> bytes:
    """Return a file of no rows: most replies have nothing to reject."""
    return _parquet(schema.empty_table(), fingerprint)


def _parquet(table: pa.Table, fingerprint: str) -> bytes:
    sink = pa.BufferOutputStream()
    marked = table.replace_schema_metadata({PARSER_KEY: fingerprint.encode()})
    # without statistics: who reads these files reads all of them
    pq.write_table(marked, sink, compression="zstd", write_statistics=False)
    return bytes(sink.getvalue().to_pybytes())
