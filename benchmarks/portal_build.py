"""What the portal costs: all of it, after one region changed, after nothing did.

The peer is the least that a site of so many pages can cost: its files copied, one by one, from
where they lie to a new folder, each flushed by nobody. What the build takes beyond that is reading
marts, drawing charts and writing pages.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

from benchmarks.bench import Bench, environment
from benchmarks.measure import Cost, run
from benchmarks.result import Measured, Versus
from lumbung.settings import ROOT

TITLE = "The portal"
CONTESTANTS = {
    "whole": "every chart drawn and every page written, with nothing kept from before",
    "one region changed": "the next build, after one rate of one regency changed in the marts",
    "nothing changed": "the next build of the same release",
    "copied": "the files of the finished site copied into another folder",
}
COPY = "import shutil, sys; shutil.copytree(sys.argv[1], sys.argv[2])"


def measure(bench: Bench) -> Measured:
    """Build from nothing, then after a change, then after none."""
    costs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    n_files = 0
    for _ in range(bench.rounds(2)):
        folder = bench.folder("portal")
        home = folder / "home"
        shutil.copytree(bench.home / "releases", home / "releases", symlinks=True)
        costs["whole"].append(build(home))
        site = (home / "portal" / "current").resolve()
        n_files = sum(path.is_file() for path in site.rglob("*"))
        costs["copied"].append(run([sys.executable, "-c", COPY, site, folder / "copied"]))
        change_one_region(home / "releases" / "current")
        costs["one region changed"].append(build(home))
        costs["nothing changed"].append(build(home))
    return Measured(
        costs,
        ratios=[
            Versus("one region changed", "whole"),
            Versus("nothing changed", "whole"),
            Versus("whole", "copied"),
        ],
        facts={"n_files": n_files},
    )


def build(home: Path) -> Cost:
    """Build the site of a home's current release."""
    return run([sys.executable, "-m", "portal", "build"], cwd=ROOT, env=environment(home))


def change_one_region(release: Path) -> None:
    """Raise one published rate of one regency by a tenth, in the file that the portal reads."""
    with duckdb.connect(str(release.resolve() / "warehouse.duckdb")) as connection:
        connection.execute(
            "update marts.unemployment set unemployment_rate_pct = unemployment_rate_pct + 0.1 "
            "where region_code = '3602' and survey_year = 2025 and survey_month = 8"
        )
