"""One text, one number, or a refusal that says why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import NumberError
from ingest.numbers import Number, parse_number, place_value


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("7.52", None, "7.52"),
        ("7,52", None, "7.52"),
        ("1.234,56", None, "1234.56"),
        ("1,234.56", None, "1234.56"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1.234.567", None, "1234567"),
        ("1,234,567", None, "1234567"),
        ("1234.567", None, "1234.567"),
        ("0.123", None, "0.123"),
        ("12 600,5", ",", "12600.5"),
        ("1\u202f234\u00a0567", None, "1234567"),
        ("−5", None, "-5"),
        ("–5,1", ",", "-5.1"),
        ("+5", None, "5"),
        ("(1.234)", ",", "-1234"),
        ("1.19E+15", None, "1190000000000000"),
        ("1.1925366672203E+15", ",", "1192536667220300"),
        ("  42\t", None, "42"),
        ("007", ",", "7"),
        ("9" * 22, None, "9" * 22),
        ("-0,32", ",", "-0.32"),
    ],
)
def test_a_printed_number_is_read(text: str, decimal: str | None, value: str) -> None:
    assert parse_number(text, decimal).value == Decimal(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["-", "–", "—", "…", "...", "NA", "n.a.", "t.a.", "", "  ", "N/A", "\u00a0-"]
)
def test_a_missing_mark_is_no_number_and_no_error(text: str) -> None:
    number = parse_number(text)
    assert number.value is None
    assert number.mark == text.strip("\u00a0 ")


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("7,52*", "*"), ("7,52 **", "**"), ("7,52*)", "*)"), ("7,52 r)", "r)"), ("7,52ᵃ", "ᵃ"),
        ("7,52¹", "¹"), ("7,52 1)", "1)"), ("7,52 e", "e"), ("7,52ʳ", "ʳ"), ("7,52 †", "†"),
    ],
)  # fmt: skip
def test_a_footnote_mark_is_kept_beside_the_number(text: str, mark: str) -> None:
    assert parse_number(text, ",") == Number(Decimal("7.52"), mark)


@pytest.mark.parametrize(
    ("text", "decimal", "rule"),
    [
        ("1.234", None, "ambiguous_number"),
        ("1,234", None, "ambiguous_number"),
        ("12,34", ".", "wrong_decimal_style"),
        ("1.23.456", ",", "wrong_decimal_style"),
        ("7.52", ",", "wrong_decimal_style"),
        ("7,521)", ",", "not_a_number"),
        ("Infinity", None, "not_a_number"),
        ("NaN", None, "not_a_number"),
        ("7..5", None, "not_a_number"),
        ("--5", None, "not_a_number"),
        ("-(5)", None, "not_a_number"),
        ("5 %", None, "not_a_number"),
        ("٣", None, "not_a_number"),
        ("0x10", None, "not_a_number"),
        ("1_000", None, "not_a_number"),
        ("()", None, "not_a_number"),
        ("9" * 23, None, "too_large"),
        ("1E+22", None, "too_large"),
        ("1E+999", None, "too_large"),
        ("0.1234567", None, "too_precise"),
        ("1" * 65, None, "overlong_number"),
    ],
)
def test_what_is_no_number_is_refused_by_rule(text: str, decimal: str | None, rule: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text, decimal)  # type: ignore[arg-type]
    assert caught.value.rule == rule


def test_scientific_notation_beyond_six_decimals_is_rounded_half_even_and_says_so() -> None:
    assert parse_number("1.2345675E+0") == Number(Decimal("1.234568"), is_rounded=True)
    assert parse_number("1.2345685E+0") == Number(Decimal("1.234568"), is_rounded=True)
    assert not parse_number("1.5E+3").is_rounded


def test_trailing_zeros_are_no_excess_precision() -> None:
    assert parse_number("7.5200000", ".").value == Decimal("7.52")


def test_the_place_value_is_that_of_the_last_printed_decimal() -> None:
    assert place_value("7,50", Decimal("7.50")) == Decimal("0.01")
    assert place_value("12600", Decimal("12600")) == Decimal(1)


def printed(value: Decimal, group: str, sign: str) -> str:
    """Write a number as people do: groups of three, a decimal sign."""
    english = f"{abs(value):,f}"
    text = english.replace(",", "\0").replace(".", sign).replace("\0", group)
    return ("-" if value < 0 else "") + text


def reading(text: str, decimal: str | None = None) -> Decimal | str | None:
    """Return what the parser makes of a text: a value, None for missing, or the rule."""
    try:
        return parse_number(text, decimal).value  # type: ignore[arg-type]
    except NumberError as error:
        return error.rule


NUMBERS = st.decimals(
    min_value=-(10**20), max_value=10**20, places=4, allow_nan=False, allow_infinity=False
)


@given(NUMBERS)
def test_a_number_printed_in_either_style_reads_back_as_itself(value: Decimal) -> None:
    assert parse_number(printed(value, ".", ","), ",").value == value
    assert parse_number(printed(value, ",", "."), ".").value == value
    assert parse_number(printed(value, "\u00a0", ","), ",").value == value


@given(NUMBERS)
def test_an_undeclared_style_is_read_right_or_refused_but_never_read_wrong(value: Decimal) -> None:
    for text in (printed(value, ".", ","), printed(value, ",", ".")):
        assert reading(text) in (value, "ambiguous_number")


@given(st.text(max_size=80), st.sampled_from([None, ",", "."]))
def test_no_text_raises_anything_but_a_number_error(text: str, decimal: str | None) -> None:
    found = reading(text, decimal)
    assert found is None or isinstance(found, str) or abs(found) < 10**22


@given(st.text(alphabet="0123456789.,-+()eE *r…", max_size=20))
def test_texts_made_of_number_parts_raise_nothing_else_either(text: str) -> None:
    assert reading(text) != ""


def test_digits_alone_are_no_number_where_a_table_declares_them_missing():
    assert parse_number("999", missing=frozenset({"999"})) == Number(None, mark="999")
