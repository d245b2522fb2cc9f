"""How numbers, money, dates and periods are written in Indonesian and in English.

Every function takes the exact value and rounds last, half away from zero as a spreadsheet does,
so a reader who checks a figure sees the digits we print. A missing value is written ``t.a.``
(Indonesian) or ``n/a`` (English), never as a zero. Locale data is Babel's (CLDR).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from babel.dates import format_date
from babel.numbers import format_decimal, parse_decimal

Lang = Literal["id", "en"]
Number = Decimal | int | float

LANGS: tuple[Lang, ...] = ("id", "en")
LOCALES: dict[Lang, str] = {"id": "id_ID", "en": "en_GB"}
MISSING: dict[Lang, str] = {"id": "t.a.", "en": "n/a"}
MINUS = "\u2212"

_MILLION = Decimal(10) ** 6
_SCALES: tuple[tuple[Decimal, dict[Lang, str]], ...] = (
    (Decimal(10) ** 12, {"id": "triliun", "en": "trillion"}),
    (Decimal(10) ** 9, {"id": "miliar", "en": "billion"}),
    (_MILLION, {"id": "juta", "en": "million"}),
)
_HALVES: dict[Lang, tuple[str, str]] = {
    "id": ("semester I {year}", "semester II {year}"),
    "en": ("first half of {year}", "second half of {year}"),
}
_UNDATED: dict[Lang, str] = {"id": "tanpa tanggal", "en": "undated"}
_UNITS: dict[str, dict[Lang, str]] = {
    "persons": {"id": "orang", "en": "people"},
    "years": {"id": "tahun", "en": "years"},
    "units": {"id": "unit", "en": "units"},
    "km": {"id": "km", "en": "km"},
    "km2": {"id": "km²", "en": "km²"},
    "count": {"id": "", "en": ""},
    "index": {"id": "", "en": ""},
    "ratio": {"id": "", "en": ""},
}
_PER_PERSON: dict[str, dict[Lang, str]] = {
    "idr_per_person": {"id": "per orang", "en": "per person"},
    "idr_per_person_year": {"id": "per orang per tahun", "en": "per person a year"},
}


def number(value: Number | None, lang: Lang, places: int | None = None) -> str:
    """Write a plain number: 1.234,56 (id), 1,234.56 (en).

    ``places`` fixes the decimals; without it the value's own are kept, trailing zeros dropped.
    """
    if value is None:
        return MISSING[lang]
    exact = _exact(value)
    if places is None:
        exact = _stripped(exact)
        places = max(0, -_exponent(exact))
    rounded = _rounded(exact, places)
    pattern = "#,##0." + "0" * places if places else "#,##0"
    text = format_decimal(abs(rounded), format=pattern, locale=LOCALES[lang])
    return MINUS + text if rounded < 0 else text


def signed(value: Number | None, lang: Lang, places: int | None = None) -> str:
    """Write a change with its sign, +0,71 or −0,45; what rounds to nothing has no sign."""
    text = number(value, lang, places)
    if value is None or text.startswith(MINUS) or not re.search("[1-9]", text):
        return text
    return "+" + text


def percent(value: Number | None, lang: Lang, places: int | None = 2) -> str:
    """Write a rate given in percent: 6,69 persen (id), 6.69% (en)."""
    if value is None:
        return MISSING[lang]
    text = number(value, lang, places)
    return f"{text} persen" if lang == "id" else f"{text}%"


def percentage_points(value: Number | None, lang: Lang, places: int | None = 2) -> str:
    """Write a difference of rates: 0,71 poin persentase, 0.71 percentage points."""
    if value is None:
        return MISSING[lang]
    text = number(value, lang, places)
    if lang == "id":
        return f"{text} poin persentase"
    return f"{text} percentage point" + ("" if abs(_exact(value)) == 1 else "s")


def rupiah(value: Number | None, lang: Lang, significant: int = 3) -> str:
    """Write money shortly, to ``significant`` digits: Rp186 miliar, Rp1,86 triliun.

    Amounts below a million are written in full, since they are short already.
    """
    if value is None:
        return MISSING[lang]
    exact = _exact(value)
    if abs(exact) < _MILLION:
        return rupiah_exact(exact, lang)
    short = _significant(exact, significant)
    for scale, names in _SCALES:
        if abs(short) >= scale:
            return f"{_money(number(short / scale, lang))} {names[lang]}"
    raise AssertionError(f"{short} is below the smallest scale")  # pragma: no cover


def rupiah_exact(value: Number | None, lang: Lang) -> str:
    """Write money to the rupiah: Rp186.216.000.000 (id), Rp186,216,000,000 (en)."""
    if value is None:
        return MISSING[lang]
    return _money(number(value, lang, 0))


def persons(value: Number | None, lang: Lang) -> str:
    """Write a count of people: 17.660 orang, 17,660 people."""
    return quantity(value, "persons", lang)


def quantity(value: Number | None, unit: str, lang: Lang, places: int | None = None) -> str:
    """Write a value with its unit as the marts name it (percent, idr, persons, years, ...).

    ``places`` gives figures that stand side by side equally many decimals; amounts of money keep
    their own rule. An unknown unit is written as it is named: a reader sees it, nothing fails.
    """
    if value is None:
        return MISSING[lang]
    writers: dict[str, Callable[[], str]] = {
        "percent": lambda: percent(value, lang, places),
        "percentage_points": lambda: percentage_points(value, lang, places),
        "idr": lambda: rupiah(value, lang),
    }
    if unit in writers:
        return writers[unit]()
    if unit in _PER_PERSON:
        return f"{rupiah(value, lang)} {_PER_PERSON[unit][lang]}"
    word = _UNITS[unit][lang] if unit in _UNITS else unit
    if unit == "persons" and lang == "en" and value == 1:
        word = "person"
    return f"{number(value, lang, places)} {word}".rstrip()


def shared_places(values: Iterable[Number]) -> int:
    """Return how many decimals values that stand side by side get: the finest's, two at most."""
    return min(2, max((max(0, -_exponent(_stripped(_exact(one)))) for one in values), default=0))


def date(value: datetime.date | None, lang: Lang) -> str:
    """Write a day: 15 Agustus 2025, 15 August 2025."""
    if value is None:
        return MISSING[lang]
    return str(format_date(value, "d MMMM y", locale=LOCALES[lang]))


def month_name(month: int, lang: Lang) -> str:
    """Write a month's name by its number, 1 to 12: Agustus, August."""
    return str(format_date(datetime.date(2000, month, 1), "LLLL", locale=LOCALES[lang]))


def month(year: int, month_number: int, lang: Lang) -> str:
    """Write a month of a year: Agustus 2025, August 2025."""
    return f"{month_name(month_number, lang)} {year}"


def half_year(year: int, half: int, lang: Lang) -> str:
    """Write half a year: semester II 2025, second half of 2025."""
    return _HALVES[lang][half - 1].format(year=year)


def period(label: str | None, lang: Lang) -> str:
    """Write a period label of the marts: 2025-08, 2023, 2021-01-01/2021-03-31, 2023-S1, ...

    A label of an unknown form is returned as it is.
    """
    if label is None:
        return MISSING[lang]
    if label == "undated":
        return _UNDATED[lang]
    first, slash, last = label.partition("/")
    if slash:
        return _range(first, last, lang)
    if found := re.fullmatch(r"(\d{4})-S([12])", label):
        return half_year(int(found[1]), int(found[2]), lang)
    parts = _date_parts(label)
    return label if parts is None else _date_text(parts, lang)


def parse_number(text: str, lang: Lang) -> Decimal:
    """Read a number that ``number`` or ``signed`` wrote; raises Babel's NumberFormatError."""
    bare = text.strip().replace(MINUS, "-").removeprefix("+")
    return parse_decimal(bare, locale=LOCALES[lang], strict=False)


def _money(text: str) -> str:
    return f"{MINUS}Rp{text[1:]}" if text.startswith(MINUS) else f"Rp{text}"


def _exact(value: Number) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} is no number that can be shown; a missing value is None")
    return exact


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - finite, see _exact
    return exponent


def _stripped(value: Decimal) -> Decimal:
    stripped = value.normalize()
    return stripped.quantize(Decimal(1)) if _exponent(stripped) > 0 else stripped


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _significant(value: Decimal, digits: int) -> Decimal:
    if not value:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding=ROUND_HALF_UP)


def _date_parts(label: str) -> tuple[int, ...] | None:
    """Return (year,), (year, month) or (year, month, day), or None for anything else."""
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", label):
        return None
    parts = tuple(int(part) for part in label.split("-"))
    try:
        datetime.date(*(*parts, 1, 1)[:3])
    except ValueError:
        return None
    return parts


def _date_text(parts: tuple[int, ...], lang: Lang) -> str:
    if len(parts) == 3:
        return date(datetime.date(*parts), lang)
    return month(*parts, lang) if len(parts) == 2 else str(parts[0])


def _range(first: str, last: str, lang: Lang) -> str:
    """Write a range, naming the year once, and whole months as months."""
    start, end = _date_parts(first), _date_parts(last)
    if start is None or end is None:
        return f"{first}/{last}"
    if len(start) == len(end) == 3 and _whole_months(start, end):
        start, end = start[:2], end[:2]
    if len(start) == len(end) == 2 and start[0] == end[0]:
        if start == end:
            return month(*start, lang)
        return f"{month_name(start[1], lang)}–{month(*end, lang)}"
    dash = "–" if len(start) == len(end) == 1 else " – "
    return f"{_date_text(start, lang)}{dash}{_date_text(end, lang)}"


def _whole_months(start: tuple[int, ...], end: tuple[int, ...]) -> bool:
    after = datetime.date(*end) + datetime.timedelta(days=1)
    return start[2] == 1 and after.day == 1
