"""Units as printed, scaled into the indicator's own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ingest.errors import UnitError
from ingest.units import convert, parse_unit


@pytest.mark.parametrize(
    ("unit", "to", "one_is"),
    [
        ("%", "percent", "1"), ("Persen", "percent", "1"), ("percent", "percent", "1"),
        ("persons", "persons", "1"), ("Jiwa", "persons", "1"), ("orang", "persons", "1"),
        ("Ribu Jiwa", "persons", "1000"), ("thousand persons", "persons", "1000"),
        ("voters", "persons", "1"), ("children", "persons", "1"),
        ("IDR", "idr", "1"), ("Rp", "idr", "1"), ("rupiah", "idr", "1"),
        ("Rp juta", "idr", "1000000"), ("Juta Rupiah", "idr", "1000000"),
        ("rupiah (miliar)", "idr", "1000000000"), ("billion IDR", "idr", "1000000000"),
        ("triliun rupiah", "idr", "1000000000000"), ("Rp. Milyar", "idr", "1000000000"),
        ("thousand IDR/person/year", "idr_per_person_year", "1000"),
        ("IDR/month", "idr_per_person", "1"), ("IDR/capita/month", "idr_per_person", "1"),
        ("rupiah/kapita/bulan", "idr_per_person", "1"),
        ("Ribu Rupiah/Orang/Tahun", "idr_per_person_year", "1000"),
        ("males per 100 females", "ratio", "0.01"),
        ("index 2022=100", "index", "1"), ("indeks", "index", "1"),
        ("TPS", "units", "1"), ("classrooms", "units", "1"),
        ("villages and kelurahan", "units", "1"), ("votes", "count", "1"),
        ("families", "count", "1"), ("years", "years", "1"), ("Tahun", "years", "1"),
        ("km<sup>2</sup>", "km2", "1"), ("km", "km", "1"), ("  Persen\u00a0", "percent", "1"),
    ],
)  # fmt: skip
def test_a_printed_unit_has_a_canonical_one_and_a_scale(unit: str, to: str, one_is: str) -> None:
    assert convert(Decimal(1), unit, to) == Decimal(one_is)


def test_scaling_is_exact() -> None:
    assert convert(Decimal("12.60"), "million IDR", "idr") == Decimal("12600000")
    assert convert(Decimal("106"), "males per 100 females", "ratio") == Decimal("1.06")


@pytest.mark.parametrize("unit", ["bananas", "", "IDR/banana", "ribu juta rupiah", "persons/year"])
def test_a_unit_nobody_described_is_refused(unit: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(unit)
    assert caught.value.rule == "unknown_unit"


@pytest.mark.parametrize(
    ("unit", "to"), [("persons", "percent"), ("IDR", "idr_per_person"), ("%", "ratio")]
)
def test_a_unit_of_another_dimension_is_refused(unit: str, to: str) -> None:
    with pytest.raises(UnitError) as caught:
        convert(Decimal(1), unit, to)
    assert caught.value.rule == "incompatible_unit"
