"""Rows that stand for all are judged as all would be, and there are few of them."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from expectations import gates, runner
from expectations.results import CheckResult
from expectations.stand_ins import stand_ins
from expectations.suites import Suite

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
    monkeypatch.setattr(runner, "PAGE_ROWS", N_ROWS)
    assert judged(suite) == found


def test_integers_of_which_one_is_too_small():
    (check,) = [one for one in judged(suite_of("whole: -1")) if one.rule == "integers"]
    assert check.n_failed == 2


PAIR = {
    "rule": "pair", "expectation": "expect_column_pair_values_a_to_be_greater_than_b",
    "kwargs": {"column_A": "a", "column_B": "b"}, "severity": "fail",
    "description": {"id": "x", "en": "x"},
}  # fmt: skip


def pair_of(rows: str, kind: str, order: str = "") -> Suite:
    """Return a suite of two columns of which the one is to be greater."""
    return Suite.model_validate({
        "suite": "pair", "table": "numbers", "description": {"id": "x", "en": "x"},
        "columns": ["a", "b"], "checks": [PAIR],
        "frame": f"select t.a::{kind} as a, t.b::{kind} as b from (values {rows}) as t (a, b)"
        f"\n{order}",
    })  # fmt: skip


def stand_for(suite: Suite) -> tuple[int, list[tuple[Any, ...]]]:
    with duckdb.connect() as connection:
        n_rows, _, rows = stand_ins(connection, suite, runner._types(connection, suite))
    return n_rows, list(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def test_what_is_missing_or_no_number_stands_for_itself():
    suite = pair_of("(1, 2), ('nan'::double, 2), (5, 2), (null, null), (5, null)", "double")
    n_rows, rows = stand_for(suite)
    assert n_rows == 5
    # the least and the greatest difference, and each way to be missing
    assert rows == [(-1.0, 0), (3.0, 0), (None, None), (None, 0), (0.0, None)]
    suite = pair_of("('inf'::double, 'inf'::double), ('inf'::double, 1)", "double")
    assert stand_for(suite)[1] == [(0.0, 0), (float("inf"), 0)]


def test_few_stand_for_many():
    n_rows, rows = stand_for(suite_of())
    assert (n_rows, len(rows)) == (N_ROWS, 514)


def test_integers_are_compared_exactly_beyond_what_a_float_or_a_machine_holds():
    exact = pair_of(f"({2**62}, {2**62 - 1}), ({2**62}, -{2**62})", "bigint")
    assert [check.n_failed for check in judged(exact)] == [0]
    broken = pair_of(f"({2**62}, {2**62}), ({2**62}, {-(2**62)})", "bigint")
    assert [check.n_failed for check in judged(broken)] == [1]


def test_a_check_of_which_only_the_stand_ins_fail_is_never_passed_over(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(runner, "_pages", lambda *_: iter(()))
    (check,) = judged(pair_of("(1, 2)", "integer"))
    assert (check.passed, check.error) == (False, "rows that stand for all fail, but no row does")


def test_of_an_empty_frame_nothing_fails():
    suite = pair_of("(1, 2)", "double", "limit 0")
    (check,) = judged(suite)
    assert (check.n_checked, check.passed) == (0, True)


def test_failing_rows_are_kept_in_the_order_that_the_frame_names(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(runner, "HELD", 10)
    rows = ", ".join(f"({-(at * 37 % 3_001)}, 0)" for at in range(3_001))
    suite = pair_of(rows, "integer", "order by t.a")
    assert (suite.order, suite.unordered_sql.endswith("\n")) == ("order by a", True)
    (check,) = judged(suite)
    assert check.n_failed == 3_001
    assert [row["a"] for row in check.rows] == list(range(-3_000, -2_000))


def test_an_order_that_ends_a_subquery_or_has_a_limit_stays():
    for frame in ("select a, b from (\norder by all)", "from x\norder by a limit 3"):
        suite = pair_of("(1, 2)", "integer").model_copy(update={"frame": frame})
        assert (suite.order, suite.unordered_sql) == ("", frame)
