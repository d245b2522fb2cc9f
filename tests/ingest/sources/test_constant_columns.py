"""Columns that say the same in every row, short, long and too long for Arrow's strings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from ingest.observation import DECIMAL
from ingest.sources import constant_columns
from ingest.sources.constant_columns import KEPT, same, unkept

VALUES = (
    ("indicator_id", "unemployment_rate"), ("claimant", None), ("precision", Decimal("0.01")),
    ("is_derived", False), ("period_start", date(2025, 8, 1)), ("series_version", ""),
)  # fmt: skip


@pytest.mark.parametrize("n", [0, 1, 7, 8, 1000, KEPT, KEPT + 1])
def test_each_column_has_its_value_in_every_row_and_its_own_type(n: int) -> None:
    columns = same(VALUES, n)
    assert [len(column) for column in columns] == [n] * len(VALUES)
    assert [str(column.type) for column in columns] == [
        "string", "string", str(DECIMAL), "bool", "date32[day]", "string",
    ]  # fmt: skip
    for column, (_, value) in zip(columns, VALUES, strict=True):
        column.validate(full=True)
        assert set(column.to_pylist()) <= {value}


def test_columns_of_other_values_are_not_mixed_up_with_those_that_are_kept() -> None:
    same(VALUES, 5)
    (other,) = same((("indicator_id", "poverty_rate"),), 5)
    assert other.to_pylist() == ["poverty_rate"] * 5


def test_a_text_with_letters_of_several_bytes_is_laid_out_whole() -> None:
    column = unkept("source_name", "Bank Dunia – é", 3)
    column.validate(full=True)
    assert column.to_pylist() == ["Bank Dunia – é"] * 3


@pytest.mark.parametrize("longest", [14, 15, 16])
def test_a_column_beyond_what_its_type_can_count_is_made_in_another_way(
    longest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constant_columns, "LONGEST", longest)
    column = unkept("source_id", "bps-é", 3)
    assert column.type == pa.string()
    assert column.to_pylist() == ["bps-é"] * 3
