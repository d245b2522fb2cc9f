"""Small counts are withheld, and nobody finds them by subtraction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ingest.small_counts import SMALL, withhold


def rows(values: list[int | None], **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "indicator_id": "job_placements", "region_code": "3604", "period_label": "2025",
            "stage": "observed", "breakdown": "village", "category": f"{at:03d}",
            "unit": "persons", "value": None if value is None else Decimal(value),
            "value_text": str(value), "obs_status": "A", "precision": None, "note": None, **fields,
        }
        for at, value in enumerate(values)
    ]  # fmt: skip


def shown(values: list[int | None], **fields: Any) -> list[int | None]:
    found = withhold(rows(values, **fields))
    return [None if row["value"] is None else int(row["value"]) for row in found]


def test_zero_and_five_are_shown_and_what_lies_between_is_not() -> None:
    assert shown([0, 5, 6]) == [0, 5, 6]
    assert shown([0, 1, 4, 9, 30]) == [0, None, None, None, 30]


def test_one_small_count_takes_the_next_smallest_with_it() -> None:
    assert shown([3, 50, 12]) == [None, 50, None]


def test_two_ones_would_betray_each_other_and_take_a_third() -> None:
    assert shown([1, 1, 8, 20]) == [None, None, None, 20]


def test_other_units_and_other_totals_are_left_alone() -> None:
    assert shown([1, 2], unit="units") == [1, 2]
    both = [*rows([3, 10]), *rows([3, 10], indicator_id="job_seekers_registered")]
    assert all(row["obs_status"] == "Q" for row in withhold(both))
    apart = [*rows([3, 10]), *rows([30, 10], period_label="2024")]
    assert [row["obs_status"] for row in withhold(apart)] == ["Q", "Q", "A", "A"]


def test_a_withheld_figure_keeps_no_trace_of_its_value() -> None:
    row = withhold(rows([3, 50], note="dari dinas"))[0]
    assert (row["value"], row["value_text"], row["precision"]) == (None, "", None)
    assert row["note"].startswith("dari dinas; Withheld")


@given(st.lists(st.none() | st.integers(0, 40), min_size=1, max_size=30))
def test_no_small_count_is_shown_or_can_be_worked_out_from_the_total(
    values: list[int | None],
) -> None:
    found = shown(values)
    assert not [value for value in found if value and value <= SMALL]
    hidden = [v for v, f in zip(values, found, strict=True) if v is not None and f is None]
    everything_is_hidden = not [value for value in found if value]
    if hidden and not everything_is_hidden:
        slack = sum(hidden) - len(hidden)  # each hidden count may be anything from 1 to slack + 1
        assert len(hidden) >= 2
        assert slack + 1 > SMALL
    assert [v for v, f in zip(values, found, strict=True) if f is not None] == [
        f for f in found if f is not None
    ]
