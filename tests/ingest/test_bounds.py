"""A value on its bound is one; a value beyond it is refused in words that name the bound."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest import bounds
from ingest.errors import ValueRejectedError
from ingest.schema import Indicator

TEXT = {"id": "Tingkat", "en": "Rate"}


def indicator(minimum: str | None, maximum: str | None) -> Indicator:
    return Indicator.model_validate(
        {
            "indicator": "rate", "name": TEXT, "definition": TEXT, "unit": "percent",
            "theme": "labour", "minimum": minimum, "maximum": maximum,
        }
    )  # fmt: skip


@pytest.mark.parametrize("value", ["0", "0.01", "100", "99.9"])
def test_a_value_between_its_bounds_or_on_one_is_let_through(value: str) -> None:
    bounds.check(indicator("0", "100"), Decimal(value))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("-0.010", "rate is never below 0 percent; this is -0.01"),
        ("100.0100", "rate is never above 100 percent; this is 100.01"),
        ("2E+3", "rate is never above 100 percent; this is 2000"),
    ],
)
def test_a_value_beyond_a_bound_is_refused_and_told_plainly(value: str, message: str) -> None:
    with pytest.raises(ValueRejectedError) as refused:
        bounds.check(indicator("0", "100"), Decimal(value))
    assert (refused.value.rule, str(refused.value)) == ("out_of_bounds", message)


def test_a_bound_that_is_not_declared_bounds_nothing() -> None:
    bounds.check(indicator(None, "100"), Decimal("-1000000"))
    bounds.check(indicator("0", None), Decimal("1000000"))
    with pytest.raises(ValueRejectedError):
        bounds.check(indicator(None, "100"), Decimal("100.1"))
    with pytest.raises(ValueRejectedError):
        bounds.check(indicator("0", None), Decimal("-0.1"))
