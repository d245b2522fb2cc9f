"""Canonical labels and their days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import PeriodError
from ingest.periods import Period, month, parse_period, within


@pytest.mark.parametrize(
    ("label", "start", "end"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2025-S1", "2025-01-01", "2025-06-30"),
        ("2025-S2", "2025-07-01", "2025-12-31"),
        ("2025-Q3", "2025-07-01", "2025-09-30"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-08-17", "2025-08-17", "2025-08-17"),
        ("2025-01-01/2025-06-30", "2025-01-01", "2025-06-30"),
        ("2020/2024", "2020-01-01", "2024-12-31"),
    ],
)
def test_a_label_has_a_first_and_a_last_day(label: str, start: str, end: str) -> None:
    assert parse_period(label) == Period(label, date.fromisoformat(start), date.fromisoformat(end))


def test_undated_has_no_days() -> None:
    assert parse_period("undated") == Period("undated", None, None)


@pytest.mark.parametrize(
    "label", ["", "25", "2025-13", "2025-00", "2025-S3", "2025-Q5", "2025-8", "1492", "2025/2024",
              "2025-draft", "Agustus 2025", "2025-08/"],
)  # fmt: skip
def test_anything_else_is_unknown(label: str) -> None:
    with pytest.raises(PeriodError) as caught:
        parse_period(label)
    assert caught.value.rule == "unknown_period"


def test_a_november_round_is_a_month_of_its_own() -> None:
    assert month(2025, 11).label == "2025-11"
    assert month(2025, 11).end == date(2025, 11, 30)


def test_stated_days_narrow_a_period_and_never_leave_it() -> None:
    last = date(2024, 12, 31)
    assert within(parse_period("2024"), last, last) == Period("2024", last, last)
    with pytest.raises(PeriodError, match="leaves the period"):
        within(parse_period("2024"), date(2023, 12, 1), last)
    with pytest.raises(PeriodError, match="after its end"):
        within(parse_period("2024"), last, date(2024, 1, 1))
    with pytest.raises(PeriodError):
        within(parse_period("undated"), last, None)


@given(st.text(max_size=24))
def test_no_text_raises_anything_but_a_period_error(label: str) -> None:
    try:
        rule = parse_period(label).label and ""
    except PeriodError as error:
        rule = error.rule
    assert rule in ("", "unknown_period", "bad_date")
