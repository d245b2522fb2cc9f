"""What dbt costs: `dbt build` of a release, against one plain DuckDB script of the same marts.

dbt builds as a release does, contracts, descriptions and data tests included. The script sends the
statements that dbt compiled to one connection (`plain_build.py`), once with the tests and once
without, and every mart is compared row by row.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bench import Bench
from benchmarks.measure import Cost, FailedError, here, interleaved, run
from benchmarks.result import Measured, Versus
from lumbung.settings import ROOT, Settings
from release import identity
from release.dbt_process import DbtProcess
from release.names import SCRATCH, WAREHOUSE

TITLE = "Building the marts"
CONTESTANTS = {
    "dbt build": "the process that a release starts: all models, seeds, contracts and data tests",
    "script with the tests": "the same statements and tests, sent to one connection",
    "script": "the same statements alone",
}
PLAIN = "plain.duckdb"
STATEMENTS = "statements.json"

Node = tuple[str, str, str]


def measure(bench: Bench) -> Measured:
    """Build the same inputs with dbt and with the script, in turns."""
    folder, nodes = prepared(bench)
    costs = interleaved(
        {
            "dbt build": lambda: here(
                partial(build_with_dbt, bench.settings, folder, bench.release), by_children=True
            ),
            "script with the tests": lambda: build_plainly(folder, nodes),
            "script": lambda: build_plainly(folder, [n for n in nodes if n[0] != "test"]),
        },
        bench.rounds(3),
    )
    differing = differences(folder / WAREHOUSE, folder / PLAIN)
    if differing:
        raise FailedError(f"dbt and the script differ in {', '.join(differing)}")
    kinds = [kind for kind, _, _ in nodes]
    return Measured(
        costs,
        ratios=[Versus("dbt build", "script with the tests"), Versus("dbt build", "script")],
        facts={f"n_{kind}s": kinds.count(kind) for kind in ("model", "seed", "test")}
        | {"marts_that_differ": differing},
    )


def prepared(bench: Bench) -> tuple[Path, list[Node]]:
    """Build a copy of the release's inputs once; return the folder and what dbt compiled."""
    folder = bench.folder("dbt")
    shutil.copytree(bench.release / "inputs", folder / "inputs")
    build_with_dbt(bench.settings, folder, bench.release)  # reads the project for all later ones
    return folder, compiled(folder / "dbt" / "run_results.json")


def build_with_dbt(loaded: Settings, folder: Path, release: Path) -> None:
    """Build as a release does, from the start of the process to its end."""
    for name in (WAREHOUSE, SCRATCH):
        (folder / name).unlink(missing_ok=True)
    said = json.loads((release / "candidate.json").read_text(encoding="utf-8"))
    with DbtProcess(loaded) as dbt:
        dbt.build(
            folder,
            {
                "LUMBUNG_BUILD_RELEASE_ID": release.name,
                "LUMBUNG_BUILD_CREATED_AT": identity.created_at(release.name).isoformat(),
                "LUMBUNG_BUILD_IS_SAMPLE": str(said["is_sample"]),
                "LUMBUNG_BUILD_REGION_EDITION": said["region_edition"],
            },
            meanwhile=lambda: None,
        )


def compiled(results: Path) -> list[Node]:
    """Return kind, table and SQL of every node, in the order in which dbt finished them."""
    nodes: list[dict[str, Any]] = json.loads(results.read_text(encoding="utf-8"))["results"]
    nodes.sort(key=lambda node: node["timing"][-1]["completed_at"] if node["timing"] else "")
    found = []
    for node in nodes:
        kind, _, name = node["unique_id"].partition(".")
        if kind in ("model", "seed", "test"):
            seed = f"intermediate.{name.rpartition('.')[2]}"
            table = _in_one_file(node["relation_name"] or seed)
            found.append((kind, table, _in_one_file(node["compiled_code"] or "")))
    return found


def _in_one_file(sql: str) -> str:
    return sql.replace('"warehouse".', "").replace('"scratch".', "")


def build_plainly(folder: Path, nodes: Sequence[Node]) -> Cost:
    """Send the nodes' statements to one connection in a new file, in a process of its own."""
    statements = as_statements(nodes, folder / SCRATCH)
    (folder / STATEMENTS).write_text(json.dumps(statements), encoding="utf-8")
    (folder / PLAIN).unlink(missing_ok=True)
    return run([sys.executable, ROOT / "benchmarks" / "plain_build.py", PLAIN], cwd=folder)


def as_statements(nodes: Sequence[Node], scratch: Path) -> list[str]:
    """Write nodes as SQL; a seed is read from its own CSV file, with the types that dbt gave it."""
    seeds = {path.stem: path for path in (ROOT / "dbt" / "seeds").rglob("*.csv")}
    said = [f"create schema {schema}" for schema in ("staging", "intermediate", "marts")]
    with duckdb.connect(str(scratch), read_only=True) as connection:
        for kind, table, sql in nodes:
            if kind == "test":
                said.append(f"select count(*) from ({sql})")  # noqa: S608 - dbt's own
            elif kind == "model":
                said.append(f"create table {table} as ({sql})")
            else:
                described = connection.execute(f"describe {table}").fetchall()
                types = ", ".join(f"'{row[0]}': '{row[1]}'" for row in described)
                path = seeds[table.rpartition(".")[2].strip('"')]
                said.append(
                    f"create table {table} as from read_csv('{path}', header = true, "
                    f"columns = {{{types}}}, quote = '\"', escape = '\"')"
                )
    return said


def differences(one: Path, other: Path, ignoring: Sequence[str] = ()) -> list[str]:
    """Return the marts whose rows are not the same in both files, some columns left out."""
    differing = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        names = connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = 'other' and table_schema = 'marts' order by table_name"
        ).fetchall()
        for (name,) in names:  # a contract has its own order of columns
            described = connection.execute(f"describe one.marts.{name}").fetchall()
            listed = ", ".join(f'"{row[0]}"' for row in described if row[0] not in ignoring)
            left, right = (f"select {listed} from {file}.marts.{name}" for file in ("one", "other"))  # noqa: S608
            (count,) = connection.execute(
                f"select count(*) from (({left} except all {right}) union all "  # noqa: S608
                f"({right} except all {left}))"
            ).fetchone() or (1,)
            if count:
                differing.append(name)
    return differing
