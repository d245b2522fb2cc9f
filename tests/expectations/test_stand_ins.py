"""Rows that stand for all are judged as all would be, and there are few of them."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from expectations import gates, runner
from expectations.results import CheckResult
from expectations.stand_ins import stand_ins
from expectations.suites import Check, Suite

PAGE_ROWS, N_ROWS = 4_096, 10_000
BROKEN = (1_017, N_ROWS - 3)
FRAME = {
    "name": "'r' || i", "stage": "case i % 3 when 0 then 'enacted' when 1 then 'observed' end",
    "code": "lpad((i % 514)::varchar, 4, '0')", "days": "(i % 900)::integer",
    "value": "(i / 7)::decimal(28, 6)", "most": "(i / 7 + 1)::decimal(28, 6)",
    "part": "i % 40", "whole": "i % 40 + i % 2", "nothing": "null::varchar",
    "unit": "'idr'", "its_unit": "case when i % 5 > 0 then 'idr' end",
}  # fmt: skip
MISSING = {"ignore_row_if": "either_value_is_missing"}
#: A check's type and words, and what a row would have to hold to break it.
CHECKS: dict[str, tuple[dict[str, Any], str]] = {
    "expect_column_values_to_not_be_null": ({"column": "name"}, "name: null"),
    "expect_column_values_to_be_null": ({"column": "nothing"}, "nothing: 'something'"),
    "expect_column_values_to_be_in_set": (
        {"column": "stage", "value_set": ["enacted", "observed"]}, "stage: 'said'"),
    "expect_column_values_to_not_be_in_set": (
        {"column": "stage", "value_set": ["said"]}, "stage: 'said'"),
    "expect_column_values_to_match_regex": (
        {"column": "code", "regex": "^[0-9]{4}$"}, "code: '36O4'"),
    "expect_column_values_to_not_match_regex": (
        {"column": "code", "regex": "x"}, "code: '36x4'"),
    "expect_column_values_to_be_between": (
        {"column": "days", "min_value": 0, "max_value": 899}, "days: -1"),
    "expect_column_pair_values_to_be_equal": (
        {"column_A": "unit", "column_B": "its_unit", **MISSING}, "its_unit: 'persons'"),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        {"column_A": "most", "column_B": "value", **MISSING}, "most: 0.000001"),
}  # fmt: skip
INTEGERS = {"column_A": "whole", "column_B": "part", "or_equal": True}


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "PAGE_ROWS", PAGE_ROWS)


def suite_of(broken: str = "") -> Suite:
    """Return a suite of every kind of check on a long frame, two rows of it broken."""
    column, _, value = broken.partition(": ")
    values = FRAME | (
        {column: f"case when i in {BROKEN} then {value} else {FRAME[column]} end"}
        if broken else {}
    )  # fmt: skip
    said = {"severity": "fail", "description": {"id": "x", "en": "x"}}
    checks = [
        {"rule": kind, "expectation": kind, "kwargs": words} for kind, (words, _) in CHECKS.items()
    ]
    pair = "expect_column_pair_values_a_to_be_greater_than_b"
    checks.append({"rule": "integers", "expectation": pair, "kwargs": INTEGERS})
    listed = ", ".join(f"{expression} as {name}" for name, expression in values.items())
    return Suite.model_validate({
        "suite": "long", "table": "numbers", "description": {"id": "x", "en": "x"},
        "columns": list(FRAME), "frame": f"select {listed} from range({N_ROWS}) as t(i)",
        "checks": [check | said for check in checks],
    })  # fmt: skip


def judged(suite: Suite) -> list[CheckResult]:
    with duckdb.connect() as connection:
        return gates._runner().run(connection, suite)


def test_where_all_is_well_every_row_counts_as_checked():
    checks = judged(suite_of())
    assert [check.rule for check in checks if not check.passed] == []
    assert {check.n_checked for check in checks} == {N_ROWS}


@pytest.mark.parametrize("kind", CHECKS)
def test_broken_rows_are_found_as_if_every_row_had_been_judged(
    kind: str, monkeypatch: pytest.MonkeyPatch
):
    suite = suite_of(CHECKS[kind][1])
    found = judged(suite)
    (check,) = [check for check in found if check.rule == kind]
    assert check.n_failed == 2
    assert [row["name"] for row in check.rows] == (
        [None, None] if "name" in CHECKS[kind][0].values() else [f"r{i}" for i in BROKEN]
    )
    monkeypatch.setattr(runner, "FEW", N_ROWS)
    assert judged(suite) == found


def test_integers_of_which_one_is_too_small():
    (check,) = [one for one in judged(suite_of("whole: -1")) if one.rule == "integers"]
    assert check.n_failed == 2


def test_what_is_missing_or_no_number_stands_for_itself():
    described = {"id": "x", "en": "x"}
    page = pa.table({"a": [1.0, float("nan"), 5.0, None, 5.0], "b": [2.0, 2.0, 2.0, None, None]})
    pair = Check(
        rule="pair", expectation="expect_column_pair_values_a_to_be_greater_than_b",
        kwargs={"column_A": "a", "column_B": "b"}, severity="fail", description=described,
    )  # fmt: skip
    chosen = stand_ins(page.append_column("n", pa.array(range(5))), [pair])
    assert chosen["n"].to_pylist() == [0, 1, 2, 3, 4]  # each way to be missing, both extremes


def test_few_stand_for_many():
    with duckdb.connect() as connection:
        frame = connection.execute(suite_of().sql).to_arrow_table()
    assert 514 < stand_ins(frame, suite_of().checks).num_rows < 600


def test_integers_whose_difference_is_beyond_a_machines_stand_each_for_itself():
    page = pa.table({"a": [2**62, -(2**62), 0], "b": [-(2**62), 2**62, 0]})
    check = Check(
        rule="pair", expectation="expect_column_pair_values_a_to_be_greater_than_b",
        kwargs={"column_A": "a", "column_B": "b"}, severity="fail",
        description={"id": "x", "en": "x"},
    )  # fmt: skip
    assert stand_ins(page, [check]).num_rows == 3
