"""Reads the current release again and again until told to stop; prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from release import manifest
from release.files import sha256


def read_once(releases: Path) -> str:
    """Resolve the link once, as a reader does, and return the release that everything names."""
    folder = (releases / "current").resolve(strict=True)
    named = manifest.read(folder)
    for table in named.tables:
        if sha256(folder / "marts" / f"{table.name}.parquet") != table.sha256:
            raise AssertionError(f"{folder.name}: {table.name} is not what the manifest says")
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        found = connection.execute("select release_id from marts.publication").fetchall()
    if found != [(named.release_id,)] or named.release_id != folder.name:
        raise AssertionError(f"{folder.name}: the warehouse says {found}")
    return named.release_id


def main(releases: Path, stop: Path) -> None:
    seen: list[str] = []
    n_reads = 0
    while not stop.exists() or n_reads == 0:
        found = read_once(releases)
        n_reads += 1
        if not seen or seen[-1] != found:
            seen.append(found)
    sys.stdout.write(json.dumps({"seen": seen, "n_reads": n_reads}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
