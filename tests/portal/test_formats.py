"""Numbers, money, dates and periods read right in both languages, and can be read back."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import formats
from portal.formats import Lang

langs = st.sampled_from(formats.LANGS)
rupiahs = st.integers(min_value=-(10**16), max_value=10**16)
decimals = st.decimals(min_value=-(10**9), max_value=10**9, places=6)


@pytest.mark.parametrize(
    ("value", "places", "indonesian", "english"),
    [
        (Decimal("1234.56"), None, "1.234,56", "1,234.56"),
        (Decimal("6.6900"), None, "6,69", "6.69"),
        (Decimal("6.6900"), 1, "6,7", "6.7"),
        (Decimal("0.125"), 2, "0,13", "0.13"),
        (Decimal("-0.45"), 2, "−0,45", "−0.45"),
        (Decimal("-0.001"), 2, "0,00", "0.00"),
        (3000, None, "3.000", "3,000"),
        (0, None, "0", "0"),
        (None, 2, "t.a.", "n/a"),
    ],
)
def test_plain_numbers(
    value: Decimal | int | None, places: int | None, indonesian: str, english: str
) -> None:
    assert formats.number(value, "id", places) == indonesian
    assert formats.number(value, "en", places) == english


def test_a_change_shows_its_sign_and_none_where_it_rounds_to_nothing() -> None:
    assert formats.signed(Decimal("0.71"), "id", 2) == "+0,71"
    assert formats.signed(Decimal("-0.71"), "id", 2) == "−0,71"
    assert formats.signed(Decimal("0.001"), "id", 2) == "0,00"
    assert formats.signed(None, "en") == "n/a"


def test_rates_and_points_are_different_words() -> None:
    assert formats.percent(Decimal("6.69"), "id") == "6,69 persen"
    assert formats.percent(Decimal("6.69"), "en") == "6.69%"
    assert formats.percentage_points(Decimal("0.71"), "id") == "0,71 poin persentase"
    assert formats.percentage_points(Decimal("0.71"), "en") == "0.71 percentage points"
    assert formats.percentage_points(1, "en", 0) == "1 percentage point"


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (186_000_000_000, "Rp186 miliar", "Rp186 billion"),
        (554_234_000_000, "Rp554 miliar", "Rp554 billion"),
        (1_861_000_000_000, "Rp1,86 triliun", "Rp1.86 trillion"),
        (1_500_000_000_000, "Rp1,5 triliun", "Rp1.5 trillion"),
        (999_600_000_000, "Rp1 triliun", "Rp1 trillion"),
        (999_600_000, "Rp1 miliar", "Rp1 billion"),
        (1_000_000, "Rp1 juta", "Rp1 million"),
        (987_654, "Rp987.654", "Rp987,654"),
        (-186_200_000_000, "−Rp186 miliar", "−Rp186 billion"),
        (1_234_000_000_000_000, "Rp1.230 triliun", "Rp1,230 trillion"),
        (0, "Rp0", "Rp0"),
        (None, "t.a.", "n/a"),
    ],
)
def test_money_is_short_to_three_digits(value: int | None, indonesian: str, english: str) -> None:
    assert formats.rupiah(value, "id") == indonesian
    assert formats.rupiah(value, "en") == english


def test_money_to_the_rupiah_and_to_more_digits() -> None:
    assert formats.rupiah_exact(186_216_000_001, "id") == "Rp186.216.000.001"
    assert formats.rupiah_exact(186_216_000_001, "en") == "Rp186,216,000,001"
    assert formats.rupiah(780_520_000_000, "id", significant=5) == "Rp780,52 miliar"


def test_dates_and_months() -> None:
    assert formats.date(datetime.date(2025, 8, 15), "id") == "15 Agustus 2025"
    assert formats.date(datetime.date(2025, 8, 15), "en") == "15 August 2025"
    assert formats.month(2025, 11, "id") == "November 2025"
    assert formats.month_name(2, "id") == "Februari"
    assert formats.date(None, "id") == "t.a."


@pytest.mark.parametrize(
    ("label", "indonesian", "english"),
    [
        ("2025-08", "Agustus 2025", "August 2025"),
        ("2023", "2023", "2023"),
        ("2021-01-01/2021-03-31", "Januari–Maret 2021", "January–March 2021"),
        ("2021-01-01/2021-01-31", "Januari 2021", "January 2021"),
        (
            "2021-01-01/2021-03-15",
            "1 Januari 2021 – 15 Maret 2021",
            "1 January 2021 – 15 March 2021",
        ),
        ("2025-01/2025-12", "Januari–Desember 2025", "January–December 2025"),
        ("2024-11/2025-02", "November 2024 – Februari 2025", "November 2024 – February 2025"),
        ("2016/2021", "2016–2021", "2016–2021"),
        ("2023-S1", "semester I 2023", "first half of 2023"),
        ("2025-S2", "semester II 2025", "second half of 2025"),
        ("undated", "tanpa tanggal", "undated"),
        ("2025-13", "2025-13", "2025-13"),
        (None, "t.a.", "n/a"),
    ],
)
def test_period_labels(label: str | None, indonesian: str, english: str) -> None:
    assert formats.period(label, "id") == indonesian
    assert formats.period(label, "en") == english


@pytest.mark.parametrize(
    ("value", "unit", "indonesian", "english"),
    [
        (Decimal("6.6900"), "percent", "6,69 persen", "6.69%"),
        (17660, "persons", "17.660 orang", "17,660 people"),
        (1, "persons", "1 orang", "1 person"),
        (Decimal("71.5"), "years", "71,5 tahun", "71.5 years"),
        (20_500_000, "idr_per_person", "Rp20,5 juta per orang", "Rp20.5 million per person"),
        (Decimal("0.363"), "index", "0,363", "0.363"),
        (3, "bushels", "3 bushels", "3 bushels"),
        (None, "percent", "t.a.", "n/a"),
    ],
)
def test_a_value_is_written_by_its_unit(
    value: Decimal | int | None, unit: str, indonesian: str, english: str
) -> None:
    assert formats.quantity(value, unit, "id") == indonesian
    assert formats.quantity(value, unit, "en") == english


def test_what_is_no_number_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="missing value is None"):
        formats.number(float("nan"), "id")


@given(decimals, langs)
def test_every_number_can_be_read_back(value: Decimal, lang: Lang) -> None:
    assert formats.parse_number(formats.number(value, lang), lang) == value
    assert formats.parse_number(formats.signed(value, lang), lang) == value


@given(decimals, st.integers(min_value=0, max_value=5), langs)
def test_rounding_moves_a_number_by_half_a_last_digit_at_most(
    value: Decimal, places: int, lang: Lang
) -> None:
    shown = formats.parse_number(formats.number(value, lang, places), lang)
    assert abs(shown - value) <= Decimal(1).scaleb(-places) / 2


@given(rupiahs, langs)
def test_money_to_the_rupiah_can_be_read_back(value: int, lang: Lang) -> None:
    text = formats.rupiah_exact(value, lang).replace("Rp", "")
    assert formats.parse_number(text, lang) == value


@given(rupiahs, langs)
def test_short_money_is_within_half_a_percent_and_never_scaled_wrongly(
    value: int, lang: Lang
) -> None:
    text = formats.rupiah(value, lang).replace("Rp", "")
    amount, _, word = text.partition(" ")
    exponent = {"": 0, "juta": 6, "million": 6, "miliar": 9, "billion": 9}.get(word, 12)
    shown = formats.parse_number(amount, lang) * 10**exponent
    assert abs(shown - value) <= abs(value) * Decimal("0.005")
    if word and exponent < 12:
        assert 1 <= abs(formats.parse_number(amount, lang)) < 1000


@given(st.dates(min_value=datetime.date(1000, 1, 1)), langs)
def test_a_day_as_a_label_and_as_a_date_read_the_same(day: datetime.date, lang: Lang) -> None:
    assert formats.period(day.isoformat(), lang) == formats.date(day, lang)
