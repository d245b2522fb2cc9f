"""Writes docs/benchmarks.md from the committed results: no number without its command.

``make bench`` writes it after measuring; ``python -m benchmarks --page`` writes it alone, and a
test holds the committed page to what this writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from benchmarks import result
from lumbung.settings import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
HEAD = """# What it costs
Written by `make bench` from `benchmarks/results/*.json`; don't edit it. Ratios are what counts: all
contestants of a table ran in turns on one machine, so its speed falls out. Each ratio is worked out
round by round; its median stands there, with the least and the most. Less is better.

`make bench` measures all of it in about a quarter of an hour, `make bench ONLY={first}` one part,
and `make bench CHECK=1` holds every ratio to `benchmarks/baseline.json`: over 25% worse, twice in a
row, and it fails with words (`QUICK=1`: small sizes, in a few minutes). Nothing else should run on
the machine meanwhile.

CPU seconds are of the process and all it started, PostgreSQL's included where it works; memory is
the sum of the high-water marks of its processes, looked up twice a second.
"""
MEASURES = {"seconds": "time", "cpu_seconds": "CPU", "peak_mib": "memory"}


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def page() -> str:
    """Return the whole page as Markdown."""
    from benchmarks.suite import MODULES

    parts = [HEAD.replace("{first}", next(iter(MODULES)))]
    for name, module in MODULES.items():
        path = result.RESULTS / f"{name}.json"
        if path.exists():
            parts.append(section(result.read(path), import_module(module)))
        else:
            title = import_module(module).TITLE
            parts.append(f"## {title}\nNot measured yet: `make bench ONLY={name}`.\n")
    return "\n".join(parts)


def section(found: Mapping[str, Any], module: Any) -> str:
    """Return one benchmark: contestants, ratios, differences, and where it is from."""
    lines = [f"## {module.TITLE}", f"`{found['command']}`", ""]
    lines += ["| contestant | seconds | CPU seconds | peak MiB | what it does |",
              "|---|--:|--:|--:|---|"]  # fmt: skip
    for name, cost in found["contestants"].items():
        cells = " | ".join(said(cost[measure]) for measure in MEASURES)
        lines.append(f"| {name} | {cells} | {module.CONTESTANTS[name]} |")
    lines += ["", "| ratio | of | median | least to most | aim |", "|---|---|--:|--:|--:|"]
    for name, ratio in found["ratios"].items():
        lines.append(
            f"| {_named(name)} | {MEASURES[ratio['measure']]} | **{ratio['median']:.2f}** "
            f"| {ratio['low']:.2f} to {ratio['high']:.2f} | {aim(ratio)} |"
        )
    for name, difference in found["differences"].items():
        lines.append(
            f"| {name}, seconds | time | **{difference['median']:.1f} s** "
            f"| {difference['low']:.1f} to {difference['high']:.1f} | {aim(difference, ' s')} |"
        )
    return "\n".join([*lines, "", origin(found), ""])


def aim(value: Mapping[str, Any], unit: str = "") -> str:
    """Write what was aimed at, and say where it was missed."""
    if value["aim"] is None:
        return ""
    return f"{value['aim']:g}{unit}" + (", missed" if value["median"] > value["aim"] else "")


def _named(name: str) -> str:
    """Drop the measure's own name from a ratio's: it has a column."""
    for measure in MEASURES:
        name = name.removesuffix(f", {measure}")
    return name


def said(spread: Mapping[str, float]) -> str:
    """Write a median with as many places as say something."""
    value = spread["median"]
    return f"{value:.3f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def origin(found: Mapping[str, Any]) -> str:
    """Say where, when and of what the numbers are."""
    machine, versions = found["machine"], found["versions"]
    facts = "; ".join(f"{name}: {_fact(value)}" for name, value in found["facts"].items())
    named = ", ".join(
        f"{name} {versions[name]}" for name in ("duckdb", "dbt-core", "apache-airflow")
        if name in versions
    )  # fmt: skip
    changed = " with changes on top" if found["is_changed_since"] else ""
    return (
        f"{found['repetitions']} rounds on {found['measured_at'][:10]}, commit "
        f"{found['commit'][:10]}{changed}; {machine['cores']} cores ({machine['processor']}), "
        f"{machine['memory_gib']} GiB, load before {machine['load_1_minute_before']}; Python "
        f"{versions['python']}, {named}." + (f" {facts}." if facts else "")
    )


def _fact(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_fact(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return f"{value:,}" if isinstance(value, int) else str(value)
