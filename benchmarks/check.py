"""Compares ratios with the committed baseline: one that got worse by over 25% is a regression.

A ratio says how much more ours takes than a peer's in the same run, so less is better and the
machine's own speed falls out. A ratio without a baseline, or a baseline without a ratio, is said
too: a benchmark that is silently no more measured can't get worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lumbung.settings import ROOT

BASELINE = ROOT / "benchmarks" / "baseline.json"
WORSE_BY = 1.25


def ratios_of(result: Mapping[str, Any]) -> dict[str, float]:
    """Return the medians of a result's ratios by their names."""
    return {name: float(ratio["median"]) for name, ratio in result["ratios"].items()}


def regressions(
    results: Mapping[str, Mapping[str, Any]], baseline: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Return a sentence for each ratio that got worse by over a quarter, or can't be compared.

    Both are keyed by benchmark; only benchmarks that were measured are compared.
    """
    said = []
    for benchmark, result in results.items():
        before, now = baseline.get(benchmark, {}), ratios_of(result)
        for name in sorted({*before, *now}):
            if name not in before:
                said.append(
                    f"{benchmark}: '{name}' has no baseline; measure one: make bench BASELINE=1"
                )
            elif name not in now:
                said.append(f"{benchmark}: '{name}' of the baseline was not measured")
            elif now[name] > before[name] * WORSE_BY:
                worse = 100 * (now[name] / before[name] - 1)
                said.append(
                    f"{benchmark}: '{name}' is {now[name]:.2f}, {worse:.0f}% worse than the "
                    f"baseline's {before[name]:.2f}; {100 * (WORSE_BY - 1):.0f}% are allowed"
                )
    return said
