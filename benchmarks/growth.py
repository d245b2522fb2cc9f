"""Computes what larger sizes cost, from measured constants, and writes docs/growth.md.

    python -m benchmarks.growth            write the page
    python -m benchmarks.growth --check    exit with 1 where the page is not what the results say

The constants are those of the results in benchmarks/results: `scale-*.json` (benchmarks.scale, at
least two sizes), `lines.json` (budget lines on one machine) and `spark.json` (the same on Spark).
What has no result is said to be not measured yet: nothing is taken from anywhere else. The
arithmetic is growth_model's; here are the words.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks import growth_model as model
from benchmarks.growth_model import KEPT_RELEASES, Budgets, Line, OnSpark, Refreshes, Result
from benchmarks.growth_tables import NOT_YET, constants, gib, hours, measured, wanted, workers
from benchmarks.result import RESULTS
from lumbung.settings import ROOT

PAGE = ROOT / "docs" / "growth.md"
COMMAND = "python -m benchmarks.growth"
VILLAGE_FIGURES = 84_000 * 20 * 100
BUDGET_LINES = 10**9
#: Machines like the one that was measured.
WORKERS = (1, 4, 16)
#: What one machine may take for a build: from the evening to the morning.
NIGHT_HOURS = 8
INTRO = (
    f"Written by `{COMMAND}` from `benchmarks/results/`; a test holds the page to them. "
    "**Measured** is what stands in the first section. All else is **computed**: straight lines "
    "through measured sizes, drawn on to sizes that nobody here has built. Hours are those of the "
    "machine that was measured (two cores), alone or as each worker of a cluster."
)  # fmt: skip


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
    """Return the page as text; what a missing result would say is said to be missing."""
    refreshes = model.refreshes(found)
    duckdb = model.budgets(found.get("lines"))
    spark = model.on_spark(found.get("spark"))
    parts = [
        ["# Growth: what larger sizes would cost", INTRO],
        summary(refreshes, duckdb, spark),
        ["## Measured", *measured(found)],
        ["## The constants", constants(refreshes, duckdb, spark)],
        ["## Villages: 84,000 villages x 20 years x 100 indicators",
         *villages(refreshes, duckdb, spark)],
        ["## All SIPD budget lines: 10^9", *sipd(refreshes, duckdb, spark)],
        ["## Where Spark is quicker", *crossings(duckdb, spark)],
        ["## What this leaves out", left_out()],
    ]  # fmt: skip
    return "\n\n".join(text for part in parts for text in part if text) + "\n"


def summary(
    refreshes: Refreshes | None, duckdb: Budgets | None, spark: OnSpark | None
) -> list[str]:
    """Say in Indonesian what the page comes to."""
    said = ["Halaman ini memperkirakan, bukan mengukur, biaya data yang jauh lebih besar."]
    if refreshes:
        said.append(
            f"Semua desa (168 juta angka) dari nol di satu komputer ini: sekitar "
            f"{indonesian(refreshes.whole.at(VILLAGE_FIGURES) / 3600)} jam."
        )
    if duckdb:
        said.append(
            "Tabel anggaran dari satu miliar baris SIPD: sekitar "
            f"{indonesian(duckdb.line.at(BUDGET_LINES) / 3600)} jam dengan DuckDB di satu komputer."
        )
    if duckdb and spark:
        needed = spark.workers_to_match(duckdb.line)
        said.append(
            f"Spark baru menang dengan kira-kira {math.ceil(needed)} komputer seperti ini."
            if math.isfinite(needed)
            else "Spark tidak menang, berapa pun komputernya."
        )
    return [f"*{' '.join(said)}*"]


def indonesian(number: float) -> str:
    """Write a number with a comma before its decimals."""
    return f"{number:.1f}".replace(".", ",")


def villages(
    refreshes: Refreshes | None, duckdb: Budgets | None, spark: OnSpark | None
) -> list[str]:
    """Return what all villages would cost."""
    if refreshes is None:
        return [f"Refreshes at two sizes are {NOT_YET}."]
    n, millions = VILLAGE_FIGURES, VILLAGE_FIGURES / 1e6
    rows = [
        f"N = {n:,} figures.\n",
        "| what | formula | comes to |",
        "|---|---|---:|",
        f"| refresh from nothing, one machine | r0 + r x {millions:.0f} | "
        f"{hours(refreshes.whole.at(n))} |",
        f"| of that dbt's build | b0 + b x {millions:.0f} | {hours(refreshes.build.at(n))} |",
        *storage(refreshes, n),
    ]
    if duckdb and spark:
        times = spark.budgets.line.seconds_a_million / duckdb.line.seconds_a_million
        for count in WORKERS:
            share = spark.with_workers(count)
            ratio = share.seconds_a_million / duckdb.line.seconds_a_million
            took = share.fixed_seconds + refreshes.build.seconds_a_million * ratio * millions
            rows.append(
                f"| dbt's build on Spark, {workers(count)} | s0 + b x {millions:.0f} x s / d / "
                f"{count}^log2(g) | {hours(took)} |"
            )
        note = (
            f"Spark takes s / d = {times:.1f} times DuckDB's seconds a line for the budget marts; "
            "that the other marts behave alike is an assumption. Reading and checking replies is "
            "not Spark's: it stays with Airflow's workers, each with datasets of its own. "
            "A worker's memory is what it is told, as below."
        )
    else:
        note = f"On Spark: {NOT_YET} (`{wanted('spark')}`)."
    return ["\n".join(rows), memory_of(refreshes), note]


def storage(refreshes: Refreshes, count: int) -> list[str]:
    """Return the rows of a table on what a home of so many figures holds."""
    return [
        f"| disk, {releases} | k{n} x N | {gib(refreshes.bytes_a_figure(n) * count)} |"
        for n, releases in ((1, "one release"), (KEPT_RELEASES, f"{KEPT_RELEASES} releases"))
    ]


def memory_of(refreshes: Refreshes) -> str:
    """Say what is known of memory."""
    peak = refreshes.largest["costs"][model.COLD]["peak_mib"]
    return (
        f"Memory: {peak:,.0f} MiB at {model.figures_in(refreshes.largest):,} figures, the largest "
        "size measured. What sorts and joins need over `LUMBUNG_BUILD_MEMORY` goes to disk; what a "
        "reply needs while it is read grows with the reply, not with the collection. At N figures "
        "it is not measured."
    )


def sipd(refreshes: Refreshes | None, duckdb: Budgets | None, spark: OnSpark | None) -> list[str]:
    """Return what all budget lines would cost: as marts, and as figures with all that ours have."""
    n, millions = BUDGET_LINES, BUDGET_LINES / 1e6
    rows = [
        f"N = {n:,} lines.\n", "| what | formula | comes to |", "|---|---|---:|",
    ]  # fmt: skip
    if duckdb:
        rows += [
            f"| budget marts, DuckDB on one machine | d0 + d x {millions:.0f} | "
            f"{hours(duckdb.line.at(n))} |",
            f"| the lines as Parquet | l x N | {gib(duckdb.bytes_a_line('bytes_of_lines') * n)} |",
            "| written at most while DuckDB builds | w x N | "
            f"{gib(duckdb.bytes_a_line('bytes_written_at_most') * n)} |",
        ]
    if spark:
        rows += [
            f"| budget marts, Spark, {workers(count)} | s0 + s x {millions:.0f} / "
            f"{count}^log2(g) | {hours(spark.with_workers(count).at(n))} |"
            for count in WORKERS
        ]
        written = spark.budgets.bytes_a_line("bytes_written_at_most") * n
        rows.append(f"| written at most while Spark builds, all workers | v x N | {gib(written)} |")
    if refreshes:
        rows.append(
            "| every line through a whole refresh, with lineage, one machine | "
            f"r0 + r x {millions:.0f} | {hours(refreshes.whole.at(n))} |"
        )
        rows += storage(refreshes, n)
    missing = [
        f"{engine} {NOT_YET} (`{wanted(name)}`)"
        for name, engine, one in (("lines", "DuckDB", duckdb), ("spark", "Spark", spark))
        if one is None
    ]
    said = [f"Budget marts: {', '.join(missing)}."] if missing else []
    return ["\n".join(rows) if len(rows) > 3 else "", *said, memory_of_lines(duckdb, spark)]


def memory_of_lines(duckdb: Budgets | None, spark: OnSpark | None) -> str:
    """Say what memory the budget marts took."""
    said = [
        f"{engine} held {one.largest['peak_mib']:,.0f} MiB at {one.largest['n_lines']:,} lines"
        for engine, one in (("DuckDB", duckdb), ("Spark", spark.budgets if spark else None))
        if one
    ]
    if not said:
        return ""
    return (
        f"Memory: {'; '.join(said)}. Both are told how much they may take, and write the rest to "
        "disk: memory does not grow with the lines, the bytes written do."
    )


def crossings(duckdb: Budgets | None, spark: OnSpark | None) -> list[str]:
    """Say from how many budget lines, and how many workers, on Spark is the quicker."""
    if duckdb is None or spark is None:
        missing = " and ".join(
            name for name, one in (("DuckDB", duckdb), ("Spark", spark)) if one is None
        )
        return [
            f"The crossing point is {NOT_YET}: it needs the budget marts at two sizes on both "
            f"engines, and they are missing on {missing}."
        ]
    rows = [
        "N* = (s0 - d0) / (d - s / n^log2(g)) million lines, where the two lines meet.\n",
        "| Spark with | a million lines | quicker from | which takes both |",
        "|---|---:|---:|---:|",
    ]
    for count in (*WORKERS, 64):
        line = spark.with_workers(count)
        at = model.crossing(duckdb.line, line)
        met = (
            ("never", "-")
            if at is None
            else (f"{at / 1e6:,.1f} million lines", hours(duckdb.line.at(at)))
        )
        rows.append(f"| {workers(count)} | {line.seconds_a_million:.2f} s | {met[0]} | {met[1]} |")
    return ["\n".join(rows), workers_needed(duckdb.line, spark), night(duckdb.line)]


def workers_needed(duckdb: Line, spark: OnSpark) -> str:
    """Say from how many workers on Spark can win at all."""
    needed = spark.workers_to_match(duckdb)
    if not math.isfinite(needed):
        return "A second core gained Spark nothing here, so no number of workers is enough."
    return (
        "A line costs as much on both with (s / d)^(1 / log2(g)) = "
        f"**{needed:.1f} workers**; with fewer, Spark never catches up."
    )


def night(duckdb: Line) -> str:
    """Say how many lines one machine builds in a night."""
    lines = duckdb.reaches(NIGHT_HOURS * 3600)
    return (
        f"One machine builds ({NIGHT_HOURS} x 3,600 - d0) / d = **{lines / 1e6:,.0f} million "
        f"lines** in {NIGHT_HOURS} hours. Until then Spark is worth its machines for storage and "
        "writers that several share, not for time."
    )


def left_out() -> str:
    """Return what the straight lines don't know."""
    return "\n".join(
        [
            "- Sorts and groups over what no longer fits memory are merged in more rounds: hours "
            "bend upwards, by the logarithm of the size. Only measured sizes show how far.",
            "- A cluster's network and its shared storage: g was measured between cores of one "
            "machine, so real workers gain less.",
            "- Starting, watching and paying for a cluster.",
            "- Harvest: how fast an office answers. `make bench ONLY=ingest` measures ours.",
            "- `lines.json` and `spark.json` begin at lines that were read, and end at the marts; "
            "the lineage of each line is in the row of the whole refresh only.",
        ]
    )


if __name__ == "__main__":
    main()
