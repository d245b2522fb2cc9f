"""What reading a table costs: our parser of described tables against DuckDB's own `read_csv`.

A file of programme lines, in the form of the bundled one and as many years of it, is read into
observation columns with everything a refresh checks: regions, units, bounds, repeated rows. The
peer reads the same bytes into typed columns and knows nothing of what they mean.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import duckdb

from benchmarks.bench import Bench
from benchmarks.decode import known
from benchmarks.measure import here, interleaved
from benchmarks.result import Measured, Versus
from ingest import catalogue
from ingest.protocol import Snapshot
from ingest.sources import PROTOCOLS
from lumbung.settings import load

TITLE = "Reading a table"
CONTESTANTS = {
    "parse": "the `table` protocol: lines into observations, each checked and explained",
    "read_csv": "DuckDB's `read_csv` with the column types given, into memory",
}
DATASET = "programme_budget_2023"
TYPES = {"fiscal_year": "integer", "budget_idr": "decimal(28, 6)"}
YEARS = 54


def measure(bench: Bench) -> Measured:
    """Read the file with both, in turns."""
    path = bench.folder("tables") / "lines.csv"
    n_lines = write_lines(path, bench.n(YEARS, 4))
    read = catalogue.load(load().catalog)
    dataset, context, body = read.datasets[DATASET], known(), path.read_bytes()
    protocol, snapshot = PROTOCOLS[dataset.protocol], Snapshot(DATASET, "all", "0" * 64)
    found: list[int] = []

    def parse() -> None:
        result = protocol.parse(dataset, snapshot, body, context)
        found[:] = [result.observations.num_rows, result.rejected.num_rows]

    def read_csv() -> None:
        with duckdb.connect() as connection:
            types = ", ".join(f"'{name}': '{kind}'" for name, kind in TYPES.items())
            connection.execute(
                f"create table lines as from read_csv('{path}', types = {{{types}}})"
            )

    parse()  # indexes the register of regions, once in a process
    read_csv()
    costs = interleaved(
        {"parse": lambda: here(parse), "read_csv": lambda: here(read_csv)}, bench.rounds(5, quick=5)
    )
    return Measured(
        costs,
        ratios=[Versus("parse", "read_csv", "cpu_seconds")],
        facts={"n_lines": n_lines, "n_observations": found[0], "n_rejected": found[1],
               "n_bytes": len(body)},
    )  # fmt: skip


def write_lines(path: Path, n_years: int) -> int:
    """Write the bundled lines once for each year; return how many lines there are."""
    bundled = load().bundled / DATASET / "all.csv"
    header, *lines = csv.reader(io.StringIO(bundled.read_text(encoding="utf-8")))
    year = header.index("fiscal_year")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number in range(n_years):
            for line in lines:
                writer.writerow([*line[:year], str(2023 - number), *line[year + 1 :]])
    return len(lines) * n_years
