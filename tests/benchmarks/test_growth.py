"""The page on growth says what the results say, and nothing that was not measured."""

from __future__ import annotations

from typing import Any

from benchmarks import growth

COLD = growth.COLD


def a_size(n_figures: int, seconds: float) -> dict[str, Any]:
    """Return a result of benchmarks.scale: ten bytes kept once, twenty a release."""
    return {
        "command": "python -m benchmarks.scale",
        "machine": {"load_1_minute_before": 0.5},
        "rows": {"observations": n_figures},
        "costs": {COLD: {"seconds": seconds, "peak_mib": 1000.0}},
        "bytes": {
            "landing": 6 * n_figures, "observations": 4 * n_figures, "inputs": 5 * n_figures,
            "marts_parquet": 5 * n_figures, "warehouse": 10 * n_figures,
        },
    }  # fmt: skip


def lines(*runs: tuple[int, float]) -> dict[str, Any]:
    """Return a result of building the budget marts at some sizes."""
    found = [{"n_lines": n, "seconds": s, "peak_mib": 1.0} for n, s in runs]
    return {"command": "python", "runs": found}


TWO_SIZES = {"scale-small": a_size(100_000, 30.0), "scale-large": a_size(1_100_000, 130.0)}


def test_the_page_in_docs_is_what_the_results_say() -> None:
    assert growth.PAGE.read_text(encoding="utf-8") == growth.page(growth.results())


def test_a_straight_line_goes_through_the_smallest_and_the_largest_size() -> None:
    line = growth.Line.through([(1_100_000, 130.0), (100_000, 30.0)])
    assert (line.fixed_seconds, line.seconds_a_million) == (20.0, 100.0)
    assert line.at(168_000_000) == 16_820.0


def test_landing_is_kept_once_and_a_release_as_often_as_releases_are_kept() -> None:
    assert growth.bytes_a_figure(a_size(1_000, 1.0), 1) == 30
    assert growth.bytes_a_figure(a_size(1_000, 1.0), 5) == 110


def test_villages_are_computed_from_what_was_measured() -> None:
    text = growth.page(TWO_SIZES)
    assert "| 168,000,000 | 4.7 h | 5 GiB | 17 GiB | not measured yet |" in text
    assert "Budget marts from lines, Spark: not measured yet." in text
    assert "DuckDB and Spark lacks them" in text


def test_the_crossing_point_is_where_the_lines_meet() -> None:
    duck, spark = lines((10**6, 1.0), (10**8, 100.0)), lines((10**6, 30.5), (10**8, 80.0))
    (said,) = growth.crossing({"lines": duck, "spark": spark})
    assert said == "Spark is faster from 60.0 million budget lines on."
    (said,) = growth.crossing({"lines": duck, "spark": lines((10**6, 8.0), (10**8, 800.0))})
    assert "from 8.0 times these cores on" in said


def test_without_two_sizes_the_page_says_so_and_computes_nothing() -> None:
    text = growth.page({"scale-small": TWO_SIZES["scale-small"]})
    assert "not measured yet" in text
    assert "GiB" not in text
