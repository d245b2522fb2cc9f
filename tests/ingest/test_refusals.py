"""What is refused is refused under its rule and with words that help, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.errors import ValueRejectedError
from ingest.numbers import Number, parse_number, place_value, to_storage
from ingest.periods import parse_date, parse_period, within
from ingest.regions import RegionRegister
from ingest.units import parse_unit, scale_to
from lumbung import settings


@pytest.fixture(scope="module")
def register() -> RegionRegister:
    return RegionRegister.load(settings.load().geography)


NUMBERS: list[tuple[str, str | None, str, str]] = [
    ("1.234", None, "ambiguous_number", "'1.234' may be 1234 or 1.234: declare `decimal`"),
    ("12,345", None, "ambiguous_number", "'12,345' may be 12345 or 12.345: declare `decimal`"),
    ("123.456", None, "ambiguous_number", "'123.456' may be 123456 or 123.456: declare `decimal`"),
    ("1,5", ".", "wrong_decimal_style", "'1,5' is no number with '.' as its decimal sign"),
    ("1.5", ",", "wrong_decimal_style", "'1.5' is no number with ',' as its decimal sign"),
    ("1.2.3", None, "not_a_number", "'1.2.3' is no number and no missing mark"),
    ("12.34,5.6", None, "not_a_number", "'12.34,5.6' is no number and no missing mark"),
    ("satu", ".", "not_a_number", "'satu' is no number and no missing mark"),
    ("-", None, "", ""),
    ("1e999", ".", "too_large", "the exponent of '1e999' is out of reach"),
    ("1" * 23, ".", "too_large", f"'{'1' * 23}' does not fit 22 digits before the point"),
    ("1.1234567", ".", "too_precise", "'1.1234567' has more than 6 decimals"),
    ("1,2,3", ",", "wrong_decimal_style", "'1,2,3' is no number with ',' as its decimal sign"),
    ("1.2.3", ".", "wrong_decimal_style", "'1.2.3' is no number with '.' as its decimal sign"),
    ("1 2", ".", "not_a_number", "'1 2' is no number and no missing mark"),
    ("(5", ".", "not_a_number", "'(5' is no number and no missing mark"),
    ("15)", ".", "not_a_number", "'15)' is no number and no missing mark"),
    ("7" * 65, ".", "overlong_number", "a number of 65 characters is refused"),
    ("1" + "0" * 22, ".", "too_large",
     f"'1{'0' * 22}' does not fit 22 digits before the point"),
    ("1e30", ".", "too_large", "'1e30' does not fit 22 digits before the point"),
    ("1e64", ".", "too_large", "'1e64' does not fit 22 digits before the point"),
    ("1e-65", ".", "too_large", "the exponent of '1e-65' is out of reach"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "decimal", "rule", "message"), NUMBERS)
def test_a_number_that_is_none_says_why(text, decimal, rule, message):
    if not rule:
        assert parse_number(text, decimal).value is None
        return
    with pytest.raises(ValueRejectedError) as refused:
        parse_number(text, decimal)
    assert (refused.value.rule, str(refused.value)) == (rule, message)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.234.567,8", None, "1234567.8"), ("1,234,567.8", None, "1234567.8"),
        ("1,5", None, "1.5"), ("1.5", None, "1.5"), ("0.123", None, "0.123"),
        ("0,123", None, "0.123"), ("1234.567", None, "1234.567"), ("7", None, "7"),
        ("1.123456", ".", "1.123456"), ("(5)", ".", "-5"), ("1,5E3", ",", "1500"),
        ("2.5e3", ".", "2500"), ("9" * 22, ".", "9" * 22),
    ],
)  # fmt: skip
def test_a_number_with_one_reading_is_read(text, decimal, value):
    assert parse_number(text, decimal).value == Decimal(value)


def test_nothing_is_no_number_where_it_is_no_missing_mark():
    with pytest.raises(ValueRejectedError) as refused:
        parse_number("", ".", missing=frozenset({"-"}))
    assert (refused.value.rule, str(refused.value)) == ("not_a_number", "'' holds no digits")


def test_the_longest_text_and_the_smallest_power_of_ten_are_still_read():
    assert parse_number(" " * 63 + "7").value == Decimal(7)
    assert parse_number("1e-64").value == 0


def test_a_note_beside_a_power_of_ten_is_kept():
    assert parse_number("1.5E+3*") == Number(Decimal(1500), "*")


def test_storage_rounds_half_to_even():
    assert to_storage(Decimal("0.0000005"), "x") == Decimal("0")
    assert to_storage(Decimal("0.0000015"), "x") == Decimal("0.000002")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.50", "0.01"), ("7", "1"), ("1200", "1"), ("0.125", "0.001"), ("1.5e3", "1")],
)
def test_a_printed_number_has_the_place_of_its_last_digit(text, expected):
    number = parse_number(text, ".")
    assert place_value(text, number.value) == Decimal(expected)


def test_a_value_in_tens_has_no_place_below_one():
    assert place_value("100", Decimal("1E+2")) == 1


PERIODS: list[tuple[Callable[[], Any], str, str]] = [
    (lambda: parse_date("17-08-2025"), "bad_date",
     "'17-08-2025' is no date of the form 2025-08-17"),
    (lambda: parse_period("2025-06-30/2025-01-01"), "unknown_period",
     "'2025-06-30/2025-01-01' ends before it begins"),
    (lambda: parse_period("2025-S3"), "unknown_period",
     "'2025-S3' is no period: 2026, 2025-S1, 2025-Q3, 2025-08, 2025-08-17, "
     "2025-01-01/2025-06-30 and undated are"),
    (lambda: parse_period("2025-01/2025-S3"), "unknown_period",
     "'2025-01/2025-S3' is no period: 2026, 2025-S1, 2025-Q3, 2025-08, 2025-08-17, "
     "2025-01-01/2025-06-30 and undated are"),
    (lambda: parse_period("2025-13"), "unknown_period", "'2025-13' has no such month"),
    (lambda: within(parse_period("undated"), None, date(2025, 1, 2)),
     "period_mismatch", "an undated figure has no first or last day"),
    (lambda: within(parse_period("undated"), date(2025, 1, 1), date(2025, 1, 2)),
     "period_mismatch", "an undated figure has no first or last day"),
    (lambda: within(parse_period("2025"), date(2025, 2, 1), date(2025, 1, 1)),
     "period_mismatch", "it begins on 2025-02-01, after its end on 2025-01-01"),
    (lambda: within(parse_period("2025-08"), date(2025, 8, 1), date(2025, 9, 1)),
     "period_mismatch", "2025-08-01 to 2025-09-01 leaves the period 2025-08"),
    (lambda: within(parse_period("2025-08"), date(2025, 7, 31), date(2025, 8, 31)),
     "period_mismatch", "2025-07-31 to 2025-08-31 leaves the period 2025-08"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "rule", "message"), PERIODS)
def test_a_period_that_is_none_says_why(ask, rule, message):
    with pytest.raises(ValueRejectedError) as refused:
        ask()
    assert (refused.value.rule, str(refused.value)) == (rule, message)


def test_a_day_that_the_calendar_lacks_is_a_bad_date():
    with pytest.raises(ValueRejectedError, match="'2025-02-30' is no date: ") as refused:
        parse_date("2025-02-30")
    assert refused.value.rule == "bad_date"


def test_the_first_and_the_last_year_are_read_and_no_other():
    assert parse_period("1900").start == date(1900, 1, 1)
    assert parse_period("2100").end == date(2100, 12, 31)
    for label in ("1899", "2101"):
        with pytest.raises(ValueRejectedError):
            parse_period(label)


def test_a_period_of_one_day_and_the_edges_of_a_period_are_in_it():
    assert parse_period("2025-08-17/2025-08-17").start == date(2025, 8, 17)
    whole = within(parse_period("2025-08"), date(2025, 8, 1), date(2025, 8, 31))
    assert (whole.start, whole.end) == (date(2025, 8, 1), date(2025, 8, 31))


@pytest.mark.parametrize(
    ("unit", "canonical"),
    [
        ("Rupiah per kapita per tahun", "idr_per_person_year"),
        ("Rp / orang / bulan", "idr_per_person"), ("rupiah per month", "idr_per_person"),
    ],
)  # fmt: skip
def test_per_is_read_however_it_is_spelt(unit, canonical):
    assert parse_unit(unit).unit == canonical


def test_units_that_do_not_fit_say_so():
    with pytest.raises(ValueRejectedError) as two:
        parse_unit("ribu juta rupiah")
    assert str(two.value) == "'ribu juta rupiah' names two scales: ribu and juta"
    with pytest.raises(ValueRejectedError) as other:
        scale_to("persen", "idr")
    assert str(other.value) == "'persen' measures percent, but the indicator is in idr"


REGIONS: list[tuple[Callable[[RegionRegister], Any], str, str]] = [
    (lambda r: r.region("9999"), "unknown_region",
     "no region has the BPS WebAPI code '9999' (four digits, as 3604)"),
    (lambda r: r.resolve_code("99.99", system="kemendagri"), "unknown_region",
     "no region has the kemendagri code '99.99'; codes are text with their dot "
     "and zeros (kemendagri 11.10, djpk 28.03, bps 3604)"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "rule", "message"), REGIONS)
def test_a_region_that_is_none_says_why(register, ask, rule, message):
    with pytest.raises(ValueRejectedError) as refused:
        ask(register)
    assert (refused.value.rule, str(refused.value)) == (rule, message)
