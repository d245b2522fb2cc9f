"""What the portal costs: all of it, after one region changed, after nothing did.

The peer draws the very same charts with vl-convert on every core and writes nothing: what a site
with these charts costs at least. What the build takes beyond it is reading marts, describing charts
and writing pages and downloads.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import vl_convert

from benchmarks.bench import Bench, environment
from benchmarks.measure import Cost, run
from benchmarks.result import Measured, Versus
from lumbung.settings import ROOT
from portal import library, site
from portal.charts import draw
from portal.marts import Marts

TITLE = "The portal"
CONTESTANTS = {
    "whole": "every chart drawn and every page written, with nothing kept from before",
    "one region changed": "the next build, after one rate of one regency changed in the marts",
    "nothing changed": "the next build of the same release",
    "charts alone": "the same charts drawn with vl-convert on every core, and dropped",
}

DRAWER = ROOT / "benchmarks" / "charts_alone.py"


def measure(bench: Bench) -> Measured:
    """Build from nothing, then after a change, then after none."""
    costs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    n_files, drawn = 0, charts(bench)
    specs = bench.folder("charts") / "specs.json"
    specs.write_text(json.dumps(drawn), encoding="utf-8")
    for _ in range(bench.rounds(1)):
        folder = bench.folder("portal")
        home = folder / "home"
        shutil.copytree(bench.home / "releases", home / "releases", symlinks=True)
        costs["whole"].append(build(home))
        built = (home / "portal" / "current").resolve()
        n_files = sum(path.is_file() for path in built.rglob("*"))
        costs["charts alone"].append(run([sys.executable, DRAWER, specs], cwd=ROOT))
        change_one_region(home / "releases" / "current")
        costs["one region changed"].append(build(home))
        costs["nothing changed"].append(build(home))
    return Measured(
        costs,
        ratios=[
            Versus("whole", "charts alone"),
            Versus("one region changed", "charts alone"),
            Versus("nothing changed", "charts alone"),
            Versus("one region changed", "whole"),
        ],
        facts={"n_files": n_files, "n_charts": len(drawn)},
    )


def charts(bench: Bench) -> list[Any]:
    """Return the specifications of all charts of the release's site, described but not drawn."""
    found: list[Any] = []

    def kept(spec: Any) -> str:
        found.append(spec if isinstance(spec, dict) else json.loads(spec))
        return "<svg></svg>"

    with Marts(bench.release) as marts, patch.object(vl_convert, "vegalite_to_svg", kept):
        pages = list(site.pages(library.read(marts)))
        for drawing in {d for page in pages for d in page.drawings.values()}:
            draw(drawing)
    return found


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
