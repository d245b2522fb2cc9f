"""What dbt costs: `dbt build` of a release, against one plain DuckDB script of the same statements.

Builds the current release's inputs twice: with dbt as a release does (contracts, descriptions and
data tests included), then with a script that sends the very statements dbt compiled, tables and
tests alike, to one connection, and compares every table row by row. `--json` for machines. Run
`make refresh` first; LUMBUNG_HOME names another home.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import duckdb  # noqa: E402 - the root has to be found first

from lumbung import settings  # noqa: E402
from release import identity  # noqa: E402
from release.dbt_process import BUILT, DbtProcess  # noqa: E402
from release.store import Store  # noqa: E402

PLAIN = "plain.duckdb"


def main() -> None:
    """Measure both builds of the current release's inputs and print the ratio."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    as_json = options.parse_args().json
    loaded = settings.load()
    current = Store(loaded).current_folder()
    if current is None:
        raise SystemExit("there is no release to build again: run `make refresh` first")
    with tempfile.TemporaryDirectory(prefix="lumbung-dbt-bench-") as scratch:
        folder = Path(scratch)
        shutil.copytree(current / "inputs", folder / "inputs")
        build_with_dbt(loaded, folder, current.name)  # reads the project for both
        dbt_seconds = build_with_dbt(loaded, folder, current.name)
        statements = compiled(folder / "dbt" / "run_results.json")
        plain_seconds = build_plainly(folder, statements)
        differing = differences(folder)
    said = {
        "command": "python benchmarks/dbt_build.py --json",
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "load": round(os.getloadavg()[0], 1),
        "n_statements": len(statements),
        "dbt_seconds": round(dbt_seconds, 2),
        "plain_seconds": round(plain_seconds, 2),
        "ratio": round(dbt_seconds / plain_seconds, 2),
        "tables_that_differ": differing,
    }
    if as_json:
        print(json.dumps(said, indent=1))
    else:
        print(
            f"dbt {dbt_seconds:.1f} s, one plain script {plain_seconds:.1f} s: "
            f"{said['ratio']} times; {len(differing)} tables differ"
        )
    if differing:
        raise SystemExit(f"the two builds differ in {', '.join(differing)}")


def build_with_dbt(loaded: settings.Settings, folder: Path, release_id: str) -> float:
    """Build as a release does, from the start of the process to its end; return the seconds."""
    (folder / BUILT).unlink(missing_ok=True)
    started = time.monotonic()
    with DbtProcess(loaded, folder) as dbt:
        dbt.build(
            {
                "LUMBUNG_BUILD_RELEASE_ID": release_id,
                "LUMBUNG_BUILD_CREATED_AT": identity.created_at(release_id).isoformat(),
                "LUMBUNG_BUILD_IS_SAMPLE": "True",
                "LUMBUNG_BUILD_REGION_EDITION": "bench",
            },
            meanwhile=lambda: None,
        )
    return time.monotonic() - started


def compiled(results: Path) -> list[tuple[str, str, str]]:
    """Return kind, table and SQL of every node, in the order in which dbt finished them."""
    nodes: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    nodes.sort(key=lambda node: node["timing"][-1]["completed_at"] if node["timing"] else "")
    found = []
    for node in nodes:
        kind, _, name = node["unique_id"].partition(".")
        if kind in ("model", "seed", "test"):
            seed = f"intermediate.{name.rpartition('.')[2]}"
            table = (node["relation_name"] or seed).replace('"built".', "")
            found.append((kind, table, (node["compiled_code"] or "").replace('"built".', "")))
    return found


def build_plainly(folder: Path, statements: list[tuple[str, str, str]]) -> float:
    """Send the statements to one connection in a new file; return the seconds.

    Seeds are copied from dbt's file: a script would read the same CSV files.
    """
    started = time.monotonic()
    with duckdb.connect(str(folder / PLAIN)) as connection:
        connection.execute("set memory_limit = '400MB'; set TimeZone = 'UTC'")
        connection.execute(f"set file_search_path = '{folder}'")
        connection.execute(f"attach '{folder / BUILT}' as built (read_only)")
        for schema in ("staging", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        for kind, table, sql in statements:
            if kind == "test":
                connection.execute(f"select count(*) from ({sql})").fetchall()  # noqa: S608
            else:
                source = f"({sql})" if kind == "model" else f"from built.{table}"
                connection.execute(f"create table {table} as {source}")
    return time.monotonic() - started


def differences(folder: Path) -> list[str]:
    """Return the marts whose rows are not the same in both files."""
    differing = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder / BUILT}' as dbt (read_only)")
        connection.execute(f"attach '{folder / PLAIN}' as plain (read_only)")
        names = connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = 'plain' and table_schema = 'marts' order by table_name"
        ).fetchall()
        for (name,) in names:  # a contract has its own order of columns
            columns = [
                row[0] for row in connection.execute(f"describe dbt.marts.{name}").fetchall()
            ]
            listed = ", ".join(f'"{column}"' for column in columns)
            one, other = (f"select {listed} from {file}.marts.{name}" for file in ("dbt", "plain"))  # noqa: S608
            (count,) = connection.execute(
                f"select count(*) from (({one} except all {other}) union all "  # noqa: S608
                f"({other} except all {one}))"
            ).fetchone() or (1,)
            if count:
                differing.append(name)
    return differing


if __name__ == "__main__":
    main()
