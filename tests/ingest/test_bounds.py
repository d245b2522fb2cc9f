"""A value on its bound is one; a value beyond it is refused in words that name the bound."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import bounds
from ingest.errors import ValueRejectedError
from ingest.observation import DECIMAL
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


LIMITS = st.sampled_from([None, "-9000000000001", "-5", "0", "100", "9000000000001"])
#: Around zero and the bounds, and on both sides of what 64 bits hold (9.2e12, six decimals).
MILLIONTHS = (
    st.integers(-(10**8), 10**9)
    | st.integers(-(2**63) - 9, -(2**63) + 9)
    | st.integers(2**63 - 9, 2**63 + 9)
    | st.integers(2**64 - 9, 2**64 + 9)
    | st.integers(-(10**27), 10**27)
)


@settings(deadline=None)
@given(LIMITS, LIMITS, st.lists(st.none() | MILLIONTHS.map(lambda n: Decimal(n).scaleb(-6))))
def test_a_column_holds_where_each_of_its_values_would_be_let_through(
    minimum: str | None, maximum: str | None, values: list[Decimal | None]
) -> None:
    known = indicator(minimum, maximum)
    refused = [value for value in values if value is not None and is_refused(known, value)]
    is_plain = all(value is not None and abs(value) < 9 * 10**12 for value in values)
    column = pa.array([Decimal(7), *values], DECIMAL).slice(1)
    assert not (bounds.hold(known, column) and refused)
    if is_plain:
        assert bounds.hold(known, column) == (not refused)


def is_refused(known: Indicator, value: Decimal) -> bool:
    try:
        bounds.check(known, value)
    except ValueRejectedError:
        return True
    return False


@pytest.mark.parametrize(
    ("limits", "values", "holds"),
    [
        (("0", "100"), ["0", "100", "7.5"], True), (("-5", "-1"), ["-5", "-1"], True),
        ((None, "100"), ["-7", "100"], True), (("0", None), ["0", "5000000000000"], True),
        ((None, None), ["-1", "1"], True), (("0", "100"), ["-0.000001", "5"], False),
        (("0", "100"), ["5", "100.000001"], False), (("0", None), ["10000000000000"], False),
        (("0", "100"), ["5", None], False), (("0", "100"), [], True),
    ],
)  # fmt: skip
def test_a_column_within_its_bounds_is_judged_at_once(
    limits: tuple[str | None, str | None], values: list[str | None], holds: bool
) -> None:
    column = pa.array([value and Decimal(value) for value in values], DECIMAL)
    assert bounds.hold(indicator(*limits), column) is holds
    assert (
        bounds.hold(indicator(*limits), pa.concat_arrays([column, column])[len(values) :]) is holds
    )
