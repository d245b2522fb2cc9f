"""How a refresh grows: the real one, on as much made data as asked for, in a home thrown away.

    python -m benchmarks.scale --set national             60 indicators, one year of programme lines
    python -m benchmarks.scale --set national --years 15  the same with fifteen years of them
    python -m benchmarks.scale --set times --times 10     ten times the cited figures
    ... --set times --times 100 --memory 4GB --rounds 2   a hundred times; 1 GB is enough, slower
    python -m benchmarks.scale --set small                a little, to see that it works
    ... --out benchmarks/results/scale-national.json      keep the result

Makes the data (`benchmarks.scale_made`), then runs `python -m lumbung refresh` twice: from nothing,
and again with one programme line changed, where there is any. Memory is the sum of the high-water
marks of all living processes of the refresh, looked up twice a second. Against it stands one
hand-written script of requests and DuckDB (`benchmarks.by_hand`) that reads the same bytes into the
same marts, which are compared with the release's row by row, and switches the file: no landing, no
tests, no gates, no Parquet. Both take turns in every round, as a machine is not equally fast for
minutes on end; what is told is the middle. What the models' statements alone take stands beside
both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import by_hand_inputs, dbt_build, scale_made, steps
from benchmarks.by_hand_inputs import Script
from benchmarks.measure import Cost, FailedError, here, run
from benchmarks.result import provenance
from benchmarks.scale_made import Size
from lumbung import settings

NATIONAL_SECONDS, NATIONAL_MIB = 180, 2048
#: At a hundred times the cited figures.
LARGEST_TIMES, AIM_TIMES_BY_HAND = 100, 1.3
COLD, CHANGED = "refresh from nothing", "refresh with one line changed"
BY_HAND = "by hand"
ALONE = "models' statements alone"


def main() -> None:
    """Measure one size and print or keep what it came to."""
    options = arguments()
    words = " ".join(sys.argv[1:])
    where = provenance(f"python -m benchmarks.scale {words}")  # before: of an idle machine
    size = {
        "national": scale_made.national(options.years),
        "times": scale_made.times_the_cited(options.times),
        "small": Size(2, 1, 2000),
    }[options.set]
    os.environ["LUMBUNG_BUILD_MEMORY"] = options.memory  # of every contestant
    folder = Path(tempfile.mkdtemp(prefix="lumbung-scale-", dir=options.scratch))
    try:
        found = measure(size, folder, options.memory, options.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    said = where | {"set": options.set} | found
    said["aims"] = aims(options, found)
    text = json.dumps(said, indent=1, default=str) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text)


def aims(options: argparse.Namespace, found: dict[str, Any]) -> dict[str, Any]:
    """Hold what was measured to what this size is aimed at."""
    cold = found["costs"][COLD]
    if options.set == "national":
        return {
            "seconds": {"aim": NATIONAL_SECONDS, "met": cold["seconds"] <= NATIONAL_SECONDS},
            "peak_mib": {"aim": NATIONAL_MIB, "met": cold["peak_mib"] <= NATIONAL_MIB},
        }
    if options.set == "times" and options.times == LARGEST_TIMES:
        ratio = found["ratios"]["refresh / by hand"]["seconds"]
        return {"times_by_hand": {"aim": AIM_TIMES_BY_HAND, "met": ratio <= AIM_TIMES_BY_HAND}}
    return {}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=("national", "times", "small"), required=True)
    parser.add_argument("--years", type=int, default=1, help="years of programme lines")
    parser.add_argument("--times", type=int, default=10, help="times the cited figures")
    parser.add_argument("--rounds", type=int, default=1, help="of refresh and script, in turns")
    parser.add_argument("--memory", default="400MB", help="DuckDB's, while it builds")
    parser.add_argument("--scratch", type=Path, help="where to work; a few GB are needed")
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def measure(size: Size, folder: Path, memory: str, rounds: int = 1) -> dict[str, Any]:
    """Refresh made data of this size, cold and with one line changed, and build it by hand."""
    tree, home = folder / "tree", folder / "home"
    scale_made.copy_of_tree(tree, size)

    def refresh(home: Path) -> Cost:
        told = {**os.environ, "LUMBUNG_HOME": str(home), "PYTHONPATH": str(tree)}
        return run([sys.executable, "-m", "lumbung", "refresh"], cwd=tree, env=told)

    turns: dict[str, list[Cost]] = {COLD: [refresh(home)]}
    current = (home / "releases" / "current").resolve()
    script, once = built_again(current, home, folder / "again", tree, size)
    turns[BY_HAND] = [by_hand(script, folder / "by_hand")]
    for _ in range(rounds - 1):
        turns[COLD].append(refresh(folder / "another home"))
        shutil.rmtree(folder / "another home")
        turns[BY_HAND].append(by_hand(script, folder / "by_hand"))
    costs = {name: middle(found) for name, found in turns.items()} | once
    if size.n_line_years:
        change_one_line(tree)
        costs[CHANGED] = refresh(home)
    return {
        "size": {**asdict(size), "n_figures_made": size.n_figures},
        "build_memory": memory,
        "rows": rows_of(current / "warehouse.duckdb"),
        "bytes": bytes_of(home, current),
        "costs": {name: asdict(cost) for name, cost in costs.items()},
        "seconds_by_round": {n: [cost.seconds for cost in found] for n, found in turns.items()},
        "seconds_by_step": dict(zip((COLD, CHANGED), steps.of_refreshes(home), strict=False)),
        "ratios": {
            "refresh / by hand": ratio(costs[COLD], costs[BY_HAND]),
            f"refresh / {ALONE}": ratio(costs[COLD], costs[ALONE]),
        },
    }


def middle(costs: Sequence[Cost]) -> Cost:
    """Return the median seconds of several runs, and the most memory that any of them took."""
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        statistics.median(cost.cpu_seconds for cost in costs),
        max(cost.peak_mib for cost in costs),
    )


def ratio(one: Cost, other: Cost) -> dict[str, float]:
    """Return how many times as much one takes as the other, in time and in CPU."""
    return {
        "seconds": round(one.seconds / other.seconds, 2),
        "cpu_seconds": round(one.cpu_seconds / other.cpu_seconds, 2),
    }


def change_one_line(tree: Path) -> None:
    """Change one amount of the first year of programme lines, as a correction would."""
    path = tree / "ingest" / "bundled" / f"made_programmes_{scale_made.FIRST_BUDGET_YEAR}"
    lines = (path / "all.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    lines[1] = lines[1].rstrip("\n") + "1\n"
    (path / "all.csv").write_text("".join(lines), encoding="utf-8")


def built_again(
    release: Path, home: Path, scratch: Path, tree: Path, size: Size
) -> tuple[Script, dict[str, Cost]]:
    """Build the release's inputs with dbt and by dbt's statements alone; return the script too."""
    shutil.copytree(release / "inputs", scratch / "inputs")
    loaded = settings.load().model_copy(update={"home": home})
    with_dbt = here(partial(dbt_build.build_with_dbt, loaded, scratch, release), by_children=True)
    nodes = dbt_build.compiled(scratch / "dbt" / "run_results.json")
    script = by_hand_inputs.laid_out(scratch, nodes, scratch / "ready")
    script.bundled, script.made = tree / "ingest" / "bundled", made(size)
    alone = dbt_build.build_plainly(scratch, [node for node in nodes if node[0] != "test"])
    return script, {"dbt build": with_dbt, ALONE: alone}


def made(size: Size) -> tuple[str, ...]:
    """Say what was made as the hand-written script is told: indicators, years of lines."""
    first = scale_made.FIRST_BUDGET_YEAR
    years = range(first, first + size.n_line_years)
    return (str(size.n_indicators), *map(str, years))


def by_hand(script: Script, folder: Path) -> Cost:
    """Run the script once; raise FailedError where its marts are not the release's."""
    cost = script.run(folder)
    differing = script.differing()
    if differing:
        raise FailedError(f"the script's marts are others: {', '.join(differing)}")
    shutil.rmtree(folder)
    return cost


def rows_of(warehouse: Path) -> dict[str, int]:
    """Return the rows of the marts with more than ten thousand of them."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select table_name, estimated_size from duckdb_tables() where schema_name = 'marts' "
            "and estimated_size > 10000 order by estimated_size desc"
        ).fetchall()
    return dict(found)


def bytes_of(home: Path, release: Path) -> dict[str, int]:
    """Return what the home holds, by what it is for."""
    folders = {
        "landing": home / "landing", "observations": home / "observations",
        "inputs": release / "inputs", "marts_parquet": release / "marts",
    }  # fmt: skip
    sizes = {
        name: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for name, folder in folders.items()
    }
    return {**sizes, "warehouse": (release / "warehouse.duckdb").stat().st_size}


if __name__ == "__main__":
    main()
