"""The arithmetic of docs/growth.md: constants out of results, and what they come to at other sizes.

Seconds are straight lines through the smallest and the largest size that was measured; bytes are
those of the largest size, a figure or a line each. On Spark the part that grows with the lines is
divided by what the second core was measured to gain, once for each doubling of the workers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Whole releases that are kept: the setting's default.
KEPT_RELEASES = 5
COLD, BUILD = "refresh from nothing", "dbt build"

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """Seconds as a fixed part and a part for every million figures or lines."""

    fixed_seconds: float
    seconds_a_million: float

    @classmethod
    def through(cls, points: Sequence[tuple[int, float]]) -> Line:
        """Lay a line through the smallest and the largest of (number, seconds)."""
        (n_low, low), (n_high, high) = min(points), max(points)
        slope = (high - low) / (n_high - n_low)
        return cls(low - slope * n_low, slope * 1e6)

    def at(self, count: float) -> float:
        """Return the seconds for so many."""
        return self.fixed_seconds + self.seconds_a_million * count / 1e6

    def reaches(self, seconds: float) -> float:
        """Return how many are done in these seconds."""
        return (seconds - self.fixed_seconds) / self.seconds_a_million * 1e6


@dataclass(frozen=True)
class Refreshes:
    """What refreshes of several sizes say: seconds by figures, bytes and memory of the largest."""

    whole: Line
    build: Line
    largest: Result

    def bytes_a_figure(self, n_releases: int) -> float:
        """Return bytes a figure: landing and rows once, a release's files each time."""
        sizes = self.largest["bytes"]
        release = sizes["inputs"] + sizes["marts_parquet"] + sizes["warehouse"]
        once = sizes["landing"] + sizes["observations"]
        return float((once + n_releases * release) / figures_in(self.largest))


@dataclass(frozen=True)
class Budgets:
    """What builds of the budget marts say, on one engine."""

    line: Line
    largest: Result

    def bytes_a_line(self, key: str) -> float:
        """Return one of the byte counts of the largest size, a line."""
        return float(self.largest[key] / self.largest["n_lines"])


@dataclass(frozen=True)
class OnSpark:
    """Spark's constants: its line in one process, and what one core more gains."""

    budgets: Budgets
    gain_of_doubling: float

    def with_workers(self, n_workers: int) -> Line:
        """Return the line for so many workers, each as large as the machine that was measured."""
        alone = self.budgets.line
        share = n_workers ** -math.log2(self.gain_of_doubling)
        return Line(alone.fixed_seconds, alone.seconds_a_million * share)

    def workers_to_match(self, other: Line) -> float:
        """Return the workers from which a line more costs no more than on the other engine."""
        times = self.budgets.line.seconds_a_million / other.seconds_a_million
        if times <= 1:
            return 1.0
        gain = math.log2(self.gain_of_doubling)
        return float(times ** (1 / gain)) if gain > 0 else math.inf


def refreshes(found: Mapping[str, Result]) -> Refreshes | None:
    """Read the results of benchmarks.scale; None where there are not two sizes."""
    sizes = [one for name, one in found.items() if name.startswith("scale-")]
    if len({figures_in(one) for one in sizes}) < 2:
        return None

    def line(cost: str) -> Line:
        return Line.through([(figures_in(one), one["costs"][cost]["seconds"]) for one in sizes])

    return Refreshes(line(COLD), line(BUILD), max(sizes, key=figures_in))


def budgets(found: Result | None) -> Budgets | None:
    """Read lines.json or spark.json; None where there are not two sizes."""
    runs = found["runs"] if found else []
    if len({run["n_lines"] for run in runs}) < 2:
        return None
    line = Line.through([(run["n_lines"], run["seconds"]) for run in runs])
    return Budgets(line, max(runs, key=lambda run: run["n_lines"]))


def on_spark(found: Result | None) -> OnSpark | None:
    """Read spark.json with its build on one core; None where either is missing.

    The gain lies between 1 (a second core gains nothing) and 2 (it halves the work): what lies
    outside was noise.
    """
    known = budgets(found)
    if known is None or not found or "one_core" not in found:
        return None
    fixed = known.line.fixed_seconds
    gain = (found["one_core"]["seconds"] - fixed) / (known.largest["seconds"] - fixed)
    return OnSpark(known, min(max(gain, 1.0), 2.0))


def crossing(one: Line, other: Line) -> float | None:
    """Return from how many lines on ``other`` is the quicker; None where it never is."""
    gained = one.seconds_a_million - other.seconds_a_million
    if gained <= 0:
        return None
    return max((other.fixed_seconds - one.fixed_seconds) / gained * 1e6, 0.0)


def figures_in(one: Result) -> int:
    """Return how many observations a result's release held."""
    return int(one["rows"]["observations"])
