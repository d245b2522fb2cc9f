"""The bounds of the possible: an unemployment rate of 106 percent is no figure."""

from __future__ import annotations

from decimal import Decimal

from ingest.errors import ValueRejectedError
from ingest.schema import Indicator


def check(indicator: Indicator, value: Decimal) -> None:
    """Raise ValueRejectedError ``out_of_bounds`` for a value the indicator can't have."""
    if indicator.minimum is not None and value < indicator.minimum:
        raise ValueRejectedError(
            "out_of_bounds",
            f"{indicator.indicator} is never below {indicator.minimum} {indicator.unit}; "
            f"this is {value.normalize():f}",
        )
    if indicator.maximum is not None and value > indicator.maximum:
        raise ValueRejectedError(
            "out_of_bounds",
            f"{indicator.indicator} is never above {indicator.maximum} {indicator.unit}; "
            f"this is {value.normalize():f}",
        )
