"""The page on growth says what the results say, and nothing that was not measured."""

from __future__ import annotations

import math
from typing import Any

from benchmarks import growth
from benchmarks import growth_model as model
from benchmarks.growth_model import Line

COLD = "refresh from nothing"


def a_size(n_figures: int, seconds: float) -> dict[str, Any]:
    """Return a result of benchmarks.scale: ten bytes kept once, twenty a release."""
    return {
        "command": "python -m benchmarks.scale",
        "ratios": {"refresh / by hand": {"seconds": 2.5}},
        "rows": {"observations": n_figures},
        "costs": {
            COLD: {"seconds": seconds, "peak_mib": 1000.0}, "dbt build": {"seconds": seconds / 2},
        },
        "bytes": {
            "landing": 6 * n_figures, "observations": 4 * n_figures, "inputs": 5 * n_figures,
            "marts_parquet": 5 * n_figures, "warehouse": 10 * n_figures,
        },
    }  # fmt: skip


def lines(*runs: tuple[int, float], one_core: float = 0.0) -> dict[str, Any]:
    """Return a result of building the budget marts: 20 bytes a line read, 5 written."""
    found = [
        {
            "n_lines": n, "seconds": s, "peak_mib": 900.0,
            "bytes_of_lines": 20 * n, "bytes_written_at_most": 5 * n,
        }
        for n, s in runs
    ]  # fmt: skip
    said: dict[str, Any] = {"command": "python", "runs": found}
    if one_core:
        said["one_core"] = {"n_lines": max(runs)[0], "seconds": one_core, "peak_mib": 800.0}
    return said


TWO_SIZES = {"scale-small": a_size(100_000, 30.0), "scale-large": a_size(1_100_000, 130.0)}
# DuckDB: 9 s and 1 s a million. Spark: 30 s and 4 s a million; 38 s on two cores for two million,
# on one 46: the part that grows, 8 s and 16 s, is halved, so twice the workers halve it.
DUCKDB = lines((1_000_000, 10.0), (101_000_000, 110.0))
SPARK = lines((500_000, 32.0), (2_000_000, 38.0), one_core=46.0)
ALL = {**TWO_SIZES, "lines": DUCKDB, "spark": SPARK}


def section(text: str, title: str) -> str:
    """Return one section of the page."""
    (found,) = (part for part in text.split("\n## ") if part.startswith(title))
    return found


def test_the_page_in_docs_is_what_the_results_say() -> None:
    assert growth.PAGE.read_text(encoding="utf-8") == growth.page(growth.results())


def test_a_straight_line_goes_through_the_smallest_and_the_largest_size() -> None:
    line = Line.through([(1_100_000, 130.0), (100_000, 30.0), (600_000, 999.0)])
    assert (line.fixed_seconds, line.seconds_a_million) == (20.0, 100.0)
    assert line.at(168_000_000) == 16_820.0
    assert line.reaches(16_820.0) == 168_000_000


def test_landing_is_kept_once_and_a_release_as_often_as_releases_are_kept() -> None:
    found = model.refreshes(TWO_SIZES)
    assert found is not None
    assert found.bytes_a_figure(1) == 30
    assert found.bytes_a_figure(5) == 110


def test_villages_are_computed_from_what_was_measured() -> None:
    text = section(growth.page(ALL), "Villages")
    assert "| r0 + r x 168 | 4.7 h |" in text  # 20 + 16,800 s
    assert "| b0 + b x 168 | 2.3 h |" in text  # 10 + 8,400 s
    assert "| k1 x N | 5 GiB |" in text  # 30 x 168 million = 5.04e9
    assert "| k5 x N | 17 GiB |" in text
    assert "| s0 + b x 168 x s / d / 4^log2(g) | 2.3 h |" in text  # 30 + 8,400 x 4 / 4 s


def test_sipd_is_computed_from_what_was_measured() -> None:
    text = section(growth.page(ALL), "All SIPD")
    assert "| d0 + d x 1000 | 17 min |" in text  # 9 + 1,000 s
    assert "| s0 + s x 1000 / 1^log2(g) | 67 min |" in text  # 30 + 4,000 s
    assert "| s0 + s x 1000 / 16^log2(g) | 5 min |" in text  # 30 + 250 s
    assert "| l x N | 19 GiB |" in text
    assert "| w x N | 5 GiB |" in text
    assert "| r0 + r x 1000 | 27.8 h |" in text  # 20 + 100,000 s
    assert "DuckDB held 900 MiB at 101,000,000 lines" in text


def test_the_crossing_point_is_where_the_lines_meet() -> None:
    text = section(growth.page(ALL), "Where Spark")
    assert "| 1 worker | 4.00 s | never | - |" in text
    assert "| 4 workers | 1.00 s | never | - |" in text
    assert "| 16 workers | 0.25 s | 28.0 million lines | 37 s |" in text  # 21 / 0.75
    assert "**4.0 workers**" in text
    assert "**28,791 million lines** in 8 hours" in text  # (28,800 - 9) / 1


def test_a_gain_outside_its_bounds_is_noise() -> None:
    duckdb = Line(9.0, 1.0)
    for one_core, gain, needed in ((30.0, 1.0, math.inf), (62.0, 2.0, 4.0)):
        spark = model.on_spark(lines((500_000, 32.0), (2_000_000, 38.0), one_core=one_core))
        assert spark is not None
        assert spark.gain_of_doubling == gain
        assert spark.workers_to_match(duckdb) == needed
    text = growth.page({**ALL, "spark": lines((500_000, 32.0), (2_000_000, 38.0), one_core=30.0)})
    assert "no number of workers is enough" in text
    assert "Spark tidak menang" in text


def test_a_result_that_is_not_there_is_said_to_be_missing_and_the_rest_stands() -> None:
    text = growth.page({"lines": DUCKDB})
    assert "Refreshes at two sizes are not measured yet" in text
    assert "Budget marts on Spark: not measured yet" in text
    assert "they are missing on Spark" in text
    assert "| d0 + d x 1000 | 17 min |" in text
    assert "r0" not in text
    without = growth.page(TWO_SIZES)
    assert "they are missing on DuckDB and Spark" in without
    assert "On Spark: not measured yet" in section(without, "Villages")


def test_the_summary_is_in_indonesian_with_the_same_numbers() -> None:
    text = growth.page(ALL)
    assert "sekitar 4,7 jam" in text
    assert "sekitar 0,3 jam dengan DuckDB" in text
    assert "kira-kira 4 komputer" in text


def test_without_two_sizes_the_page_says_so_and_computes_nothing() -> None:
    text = growth.page({"scale-small": TWO_SIZES["scale-small"]})
    assert text == growth.page({})
    assert "not measured yet" in text
    assert "GiB" not in text
