"""Airflow's share of a refresh: the scheduled DAGs, against the same steps called directly.

Two homes stand at the same release. In each round the same figure changes for both; then nothing
does. `directly.py` calls the steps one after the other in one process.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.bench import Bench, environment
from benchmarks.copies import copy_tree
from benchmarks.measure import Cost, interleaved, run
from benchmarks.refresh import FIGURES, change_one_figure, refresh
from benchmarks.result import Measured, Versus

TITLE = "Airflow's share of a refresh"
CONTESTANTS = {
    "changed, with Airflow": "`make refresh` after one figure was corrected",
    "changed, directly": "the same steps called one after the other (`benchmarks/directly.py`)",
    "unchanged, with Airflow": "`make refresh` with nothing new",
    "unchanged, directly": "the same steps, which find nothing new",
}


def measure(bench: Bench) -> Measured:
    """Measure pairs of refreshes on two homes that began equal."""
    folder = bench.folder("airflow")
    tree = copy_tree(folder / "tree")
    homes = [folder / "with_airflow", folder / "directly"]
    directly(tree, homes[1])
    shutil.copytree(homes[1], homes[0], symlinks=True)
    refresh(tree, homes[0])  # makes Airflow's own database
    costs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    for _ in range(bench.rounds(2)):
        for state in ("changed", "unchanged"):
            if state == "changed":
                change_one_figure(tree / FIGURES)
            found = interleaved(
                {
                    f"{state}, with Airflow": lambda: refresh(tree, homes[0]),
                    f"{state}, directly": lambda: directly(tree, homes[1]),
                },
                1,
            )
            for name, runs in found.items():
                costs[name] += runs
    return Measured(
        costs,
        ratios=[
            Versus("changed, with Airflow", "changed, directly"),
            Versus("changed, with Airflow", "changed, directly", "cpu_seconds"),
            Versus("changed, with Airflow", "changed, directly", "peak_mib"),
            Versus("unchanged, with Airflow", "unchanged, directly"),
        ],
    )


def directly(tree: Path, home: Path) -> Cost:
    """Run the steps of a refresh without Airflow."""
    command = [sys.executable, "-m", "benchmarks.directly"]
    return run(command, cwd=tree, env=environment(home, tree))
