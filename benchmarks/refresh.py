"""What a refresh takes: cold, with one figure changed, with nothing new; and the same by hand.

The peer is one hand-written script of requests and DuckDB (`by_hand.py`), from the bytes of the
bundled files to a file switched with `os.replace`, without landing, audit, tests or a second
release. A refresh without news is held to what Airflow takes by itself for four tasks that do
nothing. Everything works on a copy of the tree and a home of its own.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks import by_hand_inputs, steps
from benchmarks.bench import Bench, environment
from benchmarks.copies import copy_tree
from benchmarks.measure import Cost, FailedError, run
from benchmarks.result import Beyond, Measured, Versus
from lumbung import airflow_home
from lumbung.settings import load

TITLE = "A refresh, whole"
CONTESTANTS = {
    "cold": "`make refresh` into an empty home: fetch, land, parse, dbt, both gates, publication",
    "one figure changed": "the next one, after one published rate was corrected",
    "nothing new": "the next one, with the same bytes",
    "by hand": "one script of requests and DuckDB: the same bytes, the same marts, `os.replace`; "
    "it keeps no landing, tests nothing, and finds the catalogue and the regions ready made",
    "Airflow alone": "`airflow dags test` of four tasks that do nothing",
}
#: Seconds that a refresh may take beyond the hand-written script, and one without news beyond
#: Airflow alone.
BEYOND_BY_HAND, BEYOND_AIRFLOW = 15, 2

FIGURES = Path("ingest/bundled/cited_labour/all.csv")
RATE, CORRECTED = b",10.61,", b",10.62,"
EMPTY_DAG = """
import pendulum
from airflow.sdk import chain, dag, task

@dag(schedule=None, start_date=pendulum.datetime(2025, 1, 1), catchup=False)
def nothing():
    @task
    def do_nothing():
        pass

    chain(*[do_nothing.override(task_id=f"nothing_{n}")() for n in range(4)])

nothing()
"""


def measure(bench: Bench) -> Measured:
    """Measure rounds of all five, each round in a home of its own."""
    script = by_hand_inputs.prepare(bench)
    measured = [one_round(bench, script) for _ in range(bench.rounds(2))]
    rounds = [costs for costs, _ in measured]
    differing = script.differing()
    if differing:
        raise FailedError(f"the script's marts are others: {', '.join(differing)}")
    costs = {name: [costs[name] for costs in rounds] for name in CONTESTANTS}
    return Measured(
        costs,
        ratios=[
            Versus("cold", "by hand"),
            Versus("one figure changed", "by hand"),
            Versus("one figure changed", "cold"),
            Versus("nothing new", "Airflow alone"),
            Versus("cold", "by hand", "peak_mib"),
        ],
        beyond=[
            Beyond("cold", "by hand", BEYOND_BY_HAND),
            Beyond("one figure changed", "by hand", BEYOND_BY_HAND),
            Beyond("nothing new", "Airflow alone", BEYOND_AIRFLOW),
        ],
        facts={
            "marts_that_differ": differing,
            **script.facts,
            "seconds_by_step": {
                f"{name}:": steps.middle(found[nth] for _, found in measured)
                for nth, name in enumerate(("cold", "one figure changed"))
            },
        },
    )


def one_round(
    bench: Bench, script: by_hand_inputs.Script
) -> tuple[dict[str, Cost], list[steps.Steps]]:
    """Measure each once: the script between ours, so that a slower machine slows both.

    Returns the costs, and where the time of the two refreshes went that published.
    """
    folder = bench.folder("round")
    tree, home = copy_tree(folder / "tree"), folder / "home"
    found = {"cold": refresh(tree, home), "by hand": script.run(folder / "by_hand")}
    change_one_figure(tree / FIGURES)
    found["one figure changed"] = refresh(tree, home)
    found["Airflow alone"] = airflow_alone(folder, home)
    found["nothing new"] = refresh(tree, home)
    return found, steps.of_refreshes(home)


def refresh(tree: Path, home: Path) -> Cost:
    """Run one refresh to its end."""
    return run([sys.executable, "-m", "lumbung", "refresh"], cwd=tree, env=environment(home, tree))


def airflow_alone(folder: Path, home: Path) -> Cost:
    """Run four tasks that do nothing, as `airflow dags test` does."""
    dags = folder / "dags"
    dags.mkdir(exist_ok=True)
    (dags / "nothing.py").write_text(EMPTY_DAG, encoding="utf-8")
    settings = load().model_copy(update={"home": home})
    told = {**airflow_home.environment(settings), "AIRFLOW__CORE__DAGS_FOLDER": str(dags)}
    command = [sys.executable, "-m", "airflow", "dags", "test", "nothing"]
    return run(command, cwd=folder, env={**os.environ, **told})


def change_one_figure(path: Path) -> None:
    """Change the last digit of one published rate, as a correction would, or change it back."""
    before = path.read_bytes()
    old, new = (RATE, CORRECTED) if RATE in before else (CORRECTED, RATE)
    after = before.replace(old, new, 1)
    if after == before:
        raise SystemExit(f"{path}: the figure to change is gone")
    path.write_bytes(after)
