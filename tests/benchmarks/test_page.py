"""The page says what the committed results say, and nothing that no command measured."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from benchmarks import check, page, result
from benchmarks.suite import MODULES

#: A benchmark's name is the file of its result.
COMMITTED = [name for name in MODULES if (result.RESULTS / f"{name}.json").exists()]


def test_the_page_is_written_from_the_results():
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "run: python -m benchmarks --page"


@pytest.mark.parametrize("name", MODULES)
def test_each_benchmark_says_what_its_contestants_do(name: str):
    module = import_module(MODULES[name])
    assert module.TITLE
    assert all(module.CONTESTANTS.values())
    assert f"## {module.TITLE}\n" in page.page()


def test_committed_results_name_their_command_and_where_they_are_from():
    for name in COMMITTED:
        is_whole(name)


def is_whole(name: str) -> None:
    found = result.read(result.RESULTS / f"{name}.json")
    assert found["command"] == f"make bench ONLY={name}"
    assert not found["is_quick"], "quick runs are for comparing, not for the page"
    assert len(found["commit"]) == 40
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["duckdb"]
    assert list(found["contestants"]) == list(import_module(MODULES[name]).CONTESTANTS)


def test_the_baseline_holds_ratios_of_benchmarks_that_there_are():
    if not check.BASELINE.exists():
        return
    kept = json.loads(check.BASELINE.read_text(encoding="utf-8"))
    assert set(kept) <= {"full", "quick"}
    for sized in kept.values():
        assert set(sized) <= set(MODULES)
        assert all(value > 0 for ratios in sized.values() for value in ratios.values())


def test_a_section_shows_medians_aims_and_where_they_are_from():
    spread = {"median": 2.345, "low": 2.0, "high": 3.0}
    cost = {"seconds": spread, "cpu_seconds": spread, "peak_mib": spread}
    found = {
        "command": "make bench ONLY=decode", "commit": "c0ffee" * 7, "is_changed_since": False,
        "measured_at": "2026-11-22T10:00:00+00:00", "repetitions": 3,
        "machine": {"cores": 2, "processor": "slow", "memory_gib": 4, "load_1_minute_before": 0.1},
        "versions": {"python": "3.11.7", "duckdb": "1.5.5"},
        "contestants": dict.fromkeys(import_module(MODULES["decode"]).CONTESTANTS, cost),
        "ratios": {"a / b, cpu_seconds": {"measure": "cpu_seconds", **spread, "aim": 3.0}},
        "differences": {"a - b": {**spread, "aim": 15}, "c - d": {**spread, "aim": 2}},
        "facts": {"n_cells": 1234567, "marts_that_differ": []},
    }  # fmt: skip
    said = page.section(found, import_module(MODULES["decode"]))
    assert "| a / b | CPU | **2.35** | 2.00 to 3.00 | 3 |" in said
    assert "| a - b, seconds | time | **2.3 s** | 2.0 to 3.0 | 15 s |" in said
    assert "| c - d, seconds | time | **2.3 s** | 2.0 to 3.0 | 2 s, missed |" in said
    assert "`make bench ONLY=decode`" in said
    assert "commit c0ffeec0ff; 2 cores (slow)" in said
    assert "n_cells: 1,234,567; marts_that_differ: none." in said
