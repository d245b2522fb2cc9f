"""The tables of docs/growth.md that repeat results: what was measured, and constants out of it.

Also how the page writes numbers; what the constants come to at other sizes is growth's.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks import growth_model as model
from benchmarks.growth_model import KEPT_RELEASES, Budgets, Line, OnSpark, Refreshes, Result

NOT_YET = "not measured yet"


def measured(found: Mapping[str, Result]) -> list[str]:
    """Return the tables of what was measured, with commands."""
    if model.refreshes(found) is None:
        refreshed = (
            f"Refreshes at two sizes are {NOT_YET} (`python -m benchmarks.scale --set national "
            "--out benchmarks/results/scale-national.json`, and another size)."
        )
    else:
        sizes = [one for name, one in found.items() if name.startswith("scale-")]
        rows = [
            "| refresh from nothing | seconds | of that dbt | times a hand-written script | memory "
            "| command |",
            "|---:|---:|---:|---:|---:|---|",
        ]
        rows += [refresh(one) for one in sorted(sizes, key=model.figures_in)]
        refreshed = "\n".join(rows)
    return [refreshed, budget_lines(found)]


def refresh(one: Result) -> str:
    """Return the row of one size of benchmarks.scale."""
    cost, build = one["costs"][model.COLD], one["costs"][model.BUILD]
    by_hand = one["ratios"]["refresh / by hand"]["seconds"]
    return (
        f"| {model.figures_in(one):,} figures | {cost['seconds']:.0f} | {build['seconds']:.0f} | "
        f"{by_hand:.2f} | {cost['peak_mib']:,.0f} MiB | "
        f"`{one['command']}` |"
    )


def budget_lines(found: Mapping[str, Result]) -> str:
    """Return what building the budget marts took on one machine and on Spark."""
    rows = [
        "| budget marts | engine | seconds | memory | disk while it builds | command |",
        "|---:|---|---:|---:|---:|---|",
    ]
    said = []
    for name, engine in (("lines", "DuckDB"), ("spark", "Spark")):
        one = found.get(name)
        if one is None:
            said.append(f"Budget marts on {engine}: {NOT_YET} (`{wanted(name)}`).")
            continue
        rows += [
            f"| {run['n_lines']:,} lines | {engine} | {run['seconds']:.0f} | "
            f"{run['peak_mib']:,.0f} MiB | {run['bytes_written_at_most'] / 2**20:,.0f} MiB | "
            f"`{one['command']}` |"
            for run in one["runs"]
        ]
        if name == "spark" and "one_core" in one:
            alone = one["one_core"]
            rows.append(
                f"| {alone['n_lines']:,} lines | Spark on one core | {alone['seconds']:.0f} | "
                f"{alone['peak_mib']:,.0f} MiB | | `{one['command']}` |"
            )
    table = ["\n".join(rows)] if len(rows) > 2 else []
    return "\n\n".join([*table, *said])


def wanted(name: str) -> str:
    """Return the command that makes a result."""
    module = "benchmarks.spark_lines" if name == "spark" else "benchmarks.lines"
    return f"python -m {module} --out benchmarks/results/{name}.json"


def constants(refreshes: Refreshes | None, duckdb: Budgets | None, spark: OnSpark | None) -> str:
    """Return the table of constants: name, value, and the result that each comes from."""
    rows = ["| | constant | value | from |", "|---|---|---:|---|"]
    if refreshes:
        whole, build = refreshes.whole, refreshes.build
        source = "`scale-*.json`, line through the smallest and the largest"
        rows += [
            f"| r0, r | refresh from nothing: fixed, and a million figures | {seconds(whole)} | "
            f"{source} |",
            f"| b0, b | of that the build by dbt | {seconds(build)} | {source} |",
            f"| k1, k5 | bytes a figure with one release, with {KEPT_RELEASES} | "
            f"{refreshes.bytes_a_figure(1):,.0f}, {refreshes.bytes_a_figure(KEPT_RELEASES):,.0f} | "
            "`scale-*.json`, `bytes` of the largest |",
        ]
    if duckdb:
        rows += [
            f"| d0, d | budget marts on DuckDB: fixed, and a million lines | "
            f"{seconds(duckdb.line)} | `lines.json`, line through the smallest and the largest |",
            f"| l, w | bytes a line: its Parquet; written at most while building | "
            f"{duckdb.bytes_a_line('bytes_of_lines'):.1f}, "
            f"{duckdb.bytes_a_line('bytes_written_at_most'):.1f} | `lines.json`, the largest |",
        ]
    if spark:
        rows += [
            f"| s0, s | budget marts on Spark in one process | {seconds(spark.budgets.line)} | "
            "`spark.json`, line through the smallest and the largest |",
            f"| g | what twice the cores gain: (one core - s0) / (two cores - s0) | "
            f"{spark.gain_of_doubling:.2f} | `spark.json`, the largest and `one_core` |",
            f"| v | written at most while building, bytes a line | "
            f"{spark.budgets.bytes_a_line('bytes_written_at_most'):.1f} | `spark.json`, the "
            "largest |",
        ]
    if len(rows) == 2:
        return f"None: sizes are {NOT_YET}."
    return "\n".join(rows)


def seconds(line: Line) -> str:
    """Write a line's two parts."""
    return f"{line.fixed_seconds:.1f} s, {line.seconds_a_million:.2f} s"


def hours(took: float) -> str:
    """Write seconds as people say them."""
    if took < 120:
        return f"{took:.0f} s"
    return f"{took / 60:.0f} min" if took < 7200 else f"{took / 3600:.1f} h"


def gib(n_bytes: float) -> str:
    """Write bytes as GiB."""
    return f"{n_bytes / 2**30:,.0f} GiB"


def workers(count: int) -> str:
    """Write a number of workers."""
    return "1 worker" if count == 1 else f"{count} workers"
