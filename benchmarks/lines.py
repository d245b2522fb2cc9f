r"""The budget marts from made-up lines, by dbt and by their statements alone, in bounded memory.

    python -m benchmarks.lines --lines 1000000 10000000 100000000 \
        --out benchmarks/results/lines.json

Lines are written to Parquet in the form of `int_programmes__lines` (12 columns): 514 governments,
15 years, programmes and accounts, about twenty lines under each. dbt builds from them all models of
`program_spend` and `program_spend_by_theme`, contracts included, in a process held to DuckDB's
`--memory`: with what both take beside it, below 2 GiB; the rest spills to disk.
Against it stands one connection that sends the same statements to a file of its own. What else
these models read is the current release's (`--home`). Reading lines out of claims and the lineage
of each line are in neither: `benchmarks.scale` measures those.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import dbt_build, disk
from benchmarks.measure import Cost, run
from benchmarks.result import provenance
from benchmarks.scale_made import FIRST_BUDGET_YEAR, FUNCTIONS, regencies
from lumbung import settings
from lumbung.settings import ROOT
from release.dbt_process import QUIET
from release.names import WAREHOUSE

MODELS = (
    "int_programmes__grouped", "program_spend", "int_programmes__stages", "int_programmes__themes",
    "program_spend_by_theme",
)  # fmt: skip
MARTS = ("program_spend", "program_spend_by_theme")
#: Models and seeds that these models read beside the lines.
BESIDE = ("dim_region", "int_population__denominators", "int_labour__unemployed_years")
SEEDS = ("themes", "programme_themes", "government_functions")
LINES = "lines.parquet"
BUILT = WAREHOUSE  # whose name `dbt_build.compiled` takes out of the statements
PLAIN = "plain.duckdb"
LINES_A_PROGRAMME = 20
N_YEARS = 15
#: DuckDB's own share of 2 GiB: it takes up to 400 MB more than it is told, and dbt 200.
MEMORY = "1300MB"


def main() -> None:
    """Measure every size asked for and print or keep what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory", default=MEMORY)
    parser.add_argument("--home", type=Path, default=settings.load().home)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    words = " ".join(sys.argv[1:])
    where = provenance(f"python -m benchmarks.lines {words}")  # before: of an idle machine
    runs = []
    for count in options.lines:
        folder = Path(tempfile.mkdtemp(prefix="lumbung-lines-", dir=options.scratch))
        try:
            runs.append(measure(count, options.home, folder, options.memory))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    said = where | {"aim_ratio": 1.3, "runs": runs}
    text = json.dumps(said, indent=1, default=str) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text)


def measure(count: int, home: Path, folder: Path, memory: str) -> dict[str, Any]:
    """Build the budget marts from so many lines, both ways, and compare every row."""
    prepare(count, home, folder, memory)
    shutil.copy(folder / BUILT, folder / PLAIN)
    before = disk.taken_by(folder)
    with disk.watched(folder) as fullest:
        with_dbt = build_with_dbt(folder, memory)
    nodes = [n for n in dbt_build.compiled(folder / "dbt" / "run_results.json") if n[0] == "model"]
    alone = build_alone(folder, nodes, memory)
    differing = dbt_build.differences(folder / BUILT, folder / PLAIN)
    if differing:
        raise SystemExit(f"the two builds differ in {', '.join(differing)}")
    return {
        "n_lines": count,
        "seconds": round(with_dbt.seconds, 1),
        "cpu_seconds": round(with_dbt.cpu_seconds, 1),
        "peak_mib": round(with_dbt.peak_mib),
        "memory_limit": memory,
        "rows": rows(folder / BUILT),
        "dbt": asdict(with_dbt),
        "statements_alone": asdict(alone),
        "ratio": round(with_dbt.seconds / alone.seconds, 3),
        "bytes_of_lines": (folder / LINES).stat().st_size,
        "bytes_written_at_most": fullest.n_bytes - before,
    }


def rows(built: Path) -> dict[str, int]:
    """Return how many rows the two marts have."""
    with duckdb.connect(str(built), read_only=True) as connection:
        counted = {
            mart: connection.execute(f"select count(*) from marts.{mart}").fetchall()  # noqa: S608
            for mart in MARTS
        }
    return {mart: count for mart, ((count,),) in counted.items()}


def prepare(count: int, home: Path, folder: Path, memory: str) -> None:
    """Write the lines as Parquet, and a file with all else that the models read."""
    release = home / "releases" / "current"
    shutil.copytree(release / "inputs", folder / "inputs", symlinks=False)
    # The very environment of the build that is measured: another would make dbt parse anew.
    environment = _environment(folder, memory)
    upstream = [f"+{name}" for name in (*BESIDE, *SEEDS)]
    untested = ["--exclude", "resource_type:test", "resource_type:unit_test"]
    run(_command(folder, ["build", "--select", *upstream, *untested]), cwd=folder, env=environment)
    with duckdb.connect(str(folder / BUILT)) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        path = str(folder / LINES).replace("'", "''")
        connection.execute(f"copy ({_lines_sql(count)}) to '{path}' (compression zstd)")
        connection.execute(
            f"create view intermediate.int_programmes__lines as from read_parquet('{path}')"
        )


def _lines_sql(count: int) -> str:
    """Return made-up lines, columns as int_programmes__lines has them."""
    codes = ", ".join(f"'{code}'" for code, _ in regencies(ROOT))
    functions = ", ".join(f"'{name}'" for name in FUNCTIONS)
    n_places, accounts = len(regencies(ROOT)), "['5101', '5102', '5105', '5202', '5204']"
    return f"""
        with numbered as (
            select
                i, i % {n_places} as place, (i // {n_places}) % {N_YEARS} as nth_year,
                i // ({n_places} * {N_YEARS} * {LINES_A_PROGRAMME}) as programme
            from range({count}) as series(i)
        )
        select
            [{codes}][place + 1] as region_code,
            cast({FIRST_BUDGET_YEAR} + nth_year as integer) as fiscal_year,
            'enacted' as stage,
            make_date({FIRST_BUDGET_YEAR} + nth_year, 12, 31) as period_end,
            [{functions}][(programme // 5) % {len(FUNCTIONS)} + 1] || '.' || (programme // 5)
                as program_code,
            'Program Rekaan ' || (programme // 5) as program_name,
            {accounts}[programme % 5 + 1] as account_code,
            'Belanja Rekaan ' || (programme % 5) as account_name,
            cast(null as varchar) as agency_name,
            cast(1000000 + (i * 7919) % 9999999937 as decimal(28, 6)) as value,
            false as has_conflict,
            md5(cast(i as varchar)) as obs_id,
            substr(program_code, 1, 4) as function_code,
            program_code like 'X.XX%' as is_support
        from numbered"""  # noqa: S608 - our own names


def build_with_dbt(folder: Path, memory: str) -> Cost:
    """Run the models as dbt does, from the start of its process to its end."""
    command = _command(folder, ["run", "--select", *MODELS])
    return run(command, cwd=folder, env=_environment(folder, memory))


def build_alone(folder: Path, nodes: list[dbt_build.Node], memory: str) -> Cost:
    """Send the same statements to one connection, in a process of its own."""
    said = [f"create or replace table {table} as ({sql})" for _, table, sql in nodes]
    script = (
        "import duckdb, json, sys\n"
        f"with duckdb.connect('{PLAIN}') as connection:\n"
        f"    connection.execute(\"set memory_limit = '{memory}'; set TimeZone = 'UTC'\")\n"
        "    connection.execute('set preserve_insertion_order = false')\n"
        "    connection.execute('create schema if not exists marts')\n"
        "    for statement in json.load(open('statements.json')):\n"
        "        connection.execute(statement)\n"
    )
    (folder / "statements.json").write_text(json.dumps(said), encoding="utf-8")
    return run([sys.executable, "-c", script], cwd=folder)


def _command(folder: Path, words: list[str]) -> list[str]:
    return [
        sys.executable, "-m", "dbt.cli.main", *words, "--project-dir", str(ROOT / "dbt"),
        "--profiles-dir", str(ROOT), "--target-path", str(folder / "dbt"),
    ]  # fmt: skip


def _environment(folder: Path, memory: str) -> dict[str, str]:
    told = {
        "LUMBUNG_INPUTS": str(folder / "inputs"), "LUMBUNG_DUCKDB": str(folder / BUILT),
        "LUMBUNG_BUILD_MEMORY": memory, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    return {**os.environ, **QUIET, **told}


if __name__ == "__main__":
    main()
