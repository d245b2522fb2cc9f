"""The bounds of the possible: an unemployment rate of 106 percent is no figure."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa

from ingest.errors import ValueRejectedError
from ingest.numbers import QUANTUM
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


def hold(indicator: Indicator, values: pa.Array) -> bool:
    """Tell whether ``check`` would let a whole DECIMAL column pass, as it mostly does.

    Reads the column's memory, 128 bits a value: a column without NULLs and without values
    beyond 64 bits is judged at once, of any other it says False and leaves it to ``check``.
    """
    if values.null_count or not len(values):
        return not len(values)
    halves = np.frombuffer(values.buffers()[1], "<i8")[2 * values.offset :][: 2 * len(values)]
    low, high = halves[0::2], halves[1::2]
    if not np.array_equal(high, low >> 63):
        return False
    least, most = indicator.minimum, indicator.maximum
    return (least is None or int(low.min()) * QUANTUM >= least) and (
        most is None or int(low.max()) * QUANTUM <= most
    )
