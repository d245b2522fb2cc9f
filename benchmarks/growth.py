"""Computes what larger sizes cost, from measured constants, and writes docs/growth.md.

    python -m benchmarks.growth            write the page
    python -m benchmarks.growth --check    exit with 1 where the page is not what the results say

The constants are those of the results in benchmarks/results: `scale-*.json` (benchmarks.scale, at
least two sizes) and, once they are there, `lines.json` (budget lines on one machine) and
`spark.json` (the same on Spark). What has no result is said to be not measured yet: nothing is
taken from anywhere else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.result import RESULTS
from lumbung.settings import ROOT

PAGE = ROOT / "docs" / "growth.md"
COMMAND = "python -m benchmarks.growth"
#: Whole releases that are kept: the setting's default.
KEPT_RELEASES = 5
COLD = "refresh from nothing"
NOT_YET = "not measured yet"
#: What lines.json and spark.json hold: seconds and rows of one build of the budget marts.
LINES = ("n_lines", "seconds", "peak_mib")

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A size that somebody may ask about."""

    name: str
    how: str
    n_figures: int


CASES = (
    Case("Villages", "84,000 villages x 20 years x 100 indicators", 84_000 * 20 * 100),
    Case("All SIPD budget lines", "10^9 lines", 10**9),
)


@dataclass(frozen=True)
class Line:
    """Seconds as a fixed part and a part for every figure."""

    fixed_seconds: float
    seconds_a_million: float

    @classmethod
    def through(cls, points: Sequence[tuple[int, float]]) -> Line:
        """Lay a line through the smallest and the largest of (figures, seconds)."""
        (n_low, low), (n_high, high) = min(points), max(points)
        slope = (high - low) / (n_high - n_low)
        return cls(low - slope * n_low, slope * 1e6)

    def at(self, n_figures: int) -> float:
        """Return the seconds for so many figures."""
        return self.fixed_seconds + self.seconds_a_million * n_figures / 1e6


def main() -> None:
    """Write the page, or say whether it is up to date."""
    text = page(results())
    if "--check" in sys.argv[1:]:
        if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
            raise SystemExit(f"docs/growth.md is not what the results say: run {COMMAND}")
        return
    PAGE.write_text(text, encoding="utf-8")


def results(folder: Path = RESULTS) -> dict[str, Result]:
    """Read the results that the page rests on, by file name without its ending."""
    wanted = [*sorted(folder.glob("scale-*.json")), folder / "lines.json", folder / "spark.json"]
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in wanted if path.is_file()
    }


def page(found: Mapping[str, Result]) -> str:
    """Return the page as text; without two sizes of `scale-*.json` it computes nothing."""
    sizes = [one for name, one in found.items() if name.startswith("scale-")]
    if len({figures_in(one) for one in sizes}) < 2:
        return (
            f"# Growth: what larger sizes would cost\n\nRefreshes at two sizes are {NOT_YET}: "
            "`python -m benchmarks.scale --set national --out "
            "benchmarks/results/scale-national.json` and another size, then "
            f"`{COMMAND}`.\n"
        )
    points = [(figures_in(one), one["costs"][COLD]["seconds"]) for one in sizes]
    line = Line.through(points)
    largest = max(sizes, key=figures_in)
    return "\n".join(
        [
            "# Growth: what larger sizes would cost",
            "",
            f"Written by `{COMMAND}` from `benchmarks/results/`; a test holds the page to them. "
            "Everything below the first table is computed, not measured: straight lines through "
            "measured sizes, which sorting that spills to disk will bend upwards.",
            "",
            "## Measured",
            "",
            *measured(found),
            "",
            f"A refresh from nothing is {line.fixed_seconds:.0f} s and {line.seconds_a_million:.0f}"
            f" s for each million figures; {bytes_a_figure(largest, 1):.0f} bytes a figure with "
            f"one release, {bytes_a_figure(largest, KEPT_RELEASES):.0f} with the "
            f"{KEPT_RELEASES} that are kept.",
            "",
            "## Computed",
            "",
            *computed(found, line, largest),
            "",
            "## Where one machine ends",
            "",
            *crossing(found),
            "",
        ]
    )


def figures_in(one: Result) -> int:
    """Return how many observations a result's release held."""
    return int(one["rows"]["observations"])


def bytes_a_figure(one: Result, n_releases: int) -> float:
    """Return the bytes that a figure takes: landing and rows once, a release's files each time."""
    sizes = one["bytes"]
    release = sizes["inputs"] + sizes["marts_parquet"] + sizes["warehouse"]
    total = sizes["landing"] + sizes["observations"] + n_releases * release
    return float(total / figures_in(one))


def measured(found: Mapping[str, Result]) -> list[str]:
    """Return the table of what was measured, with commands and the load of the machine."""
    rows = ["| figures | refresh from nothing | memory | load before | command |"]
    rows.append("|---:|---:|---:|---:|---|")
    for name, one in sorted(found.items()):
        if not name.startswith("scale-"):
            continue
        cost, load = one["costs"][COLD], one["machine"]["load_1_minute_before"]
        rows.append(
            f"| {figures_in(one):,} | {cost['seconds']:.0f} s | {cost['peak_mib']:,.0f} MiB | "
            f"{load} | `{one['command']}` |"
        )
    rows += ["", *budget_lines(found)]
    return [*rows, "", "A load above 2 on these two cores means that the seconds are too many."]


def budget_lines(found: Mapping[str, Result]) -> list[str]:
    """Say what building the budget marts alone took on one machine and on Spark."""
    said = []
    for name, where in (("lines", "DuckDB on one machine"), ("spark", "Spark")):
        one = found.get(name)
        if one is None:
            said.append(f"- Budget marts from lines, {where}: {NOT_YET}.")
            continue
        for run in one["runs"]:
            n_lines, seconds, peak_mib = (run[key] for key in LINES)
            said.append(
                f"- Budget marts from {n_lines:,} lines, {where}: {seconds:.0f} s, "
                f"{peak_mib:,.0f} MiB (`{one['command']}`)."
            )
    return said


def computed(found: Mapping[str, Result], line: Line, largest: Result) -> list[str]:
    """Return the table of larger sizes."""
    rows = [
        "| what | figures | refresh from nothing, one machine | disk, one release | "
        f"disk, {KEPT_RELEASES} releases | Spark |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    spark = line_of(found.get("spark"))
    for case in CASES:
        one, kept = (
            case.n_figures * bytes_a_figure(largest, n) / 2**30 for n in (1, KEPT_RELEASES)
        )
        on_spark = f"{spark.at(case.n_figures) / 3600:.1f} h" if spark else NOT_YET
        rows.append(
            f"| {case.name}: {case.how} | {case.n_figures:,} | "
            f"{line.at(case.n_figures) / 3600:.1f} h | {one:,.0f} GiB | {kept:,.0f} GiB | "
            f"{on_spark} |"
        )
    peak = largest["costs"][COLD]["peak_mib"]
    memory = (
        f"Memory at the largest size measured was {peak:,.0f} MiB. What sorts and joins need over "
        "`LUMBUNG_BUILD_MEMORY` goes to disk; what a reply needs while it is read grows with the "
        "reply, not with the collection. Memory at the sizes above is not measured."
    )
    return [*rows, "", memory]


def line_of(one: Result | None) -> Line | None:
    """Return the line through the runs of a result; None where there are not two sizes."""
    points = [(run["n_lines"], run["seconds"]) for run in one["runs"]] if one else []
    return Line.through(points) if len(set(points)) > 1 else None


def crossing(found: Mapping[str, Result]) -> list[str]:
    """Say from how many budget lines on Spark is faster, where both are measured."""
    alone, spark = line_of(found.get("lines")), line_of(found.get("spark"))
    if alone is None or spark is None:
        missing = " and ".join(
            where for where, one in (("DuckDB", alone), ("Spark", spark)) if one is None
        )
        return [
            f"The crossing point is {NOT_YET}: it needs the budget marts at two sizes on both "
            f"engines, and {missing} lacks them."
        ]
    gained = alone.seconds_a_million - spark.seconds_a_million
    if gained <= 0:
        return [
            "On this machine there is none: Spark takes "
            f"{spark.seconds_a_million:.2f} s for each million lines, DuckDB "
            f"{alone.seconds_a_million:.2f} s. Spark pays where several machines share the work: "
            f"from {spark.seconds_a_million / alone.seconds_a_million:.1f} times these cores on."
        ]
    at = (spark.fixed_seconds - alone.fixed_seconds) / gained
    return [f"Spark is faster from {at:,.1f} million budget lines on."]


if __name__ == "__main__":
    main()
