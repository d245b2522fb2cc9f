"""The one number parser: a printed text becomes a Decimal, a missing mark, or a NumberError.

A text that could be two different numbers is refused, never guessed: ``1.234`` is one
thousand in Jakarta and one and a bit in London, so it needs a declared decimal style.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Literal

from ingest.errors import NumberError

Style = Literal[",", "."]

DECIMALS = 6
QUANTUM = Decimal(1).scaleb(-DECIMALS)
LIMIT = Decimal(10) ** (28 - DECIMALS)
LONGEST = 64
#: Digits before the point, so many of which always fit.
WHOLE = 28 - DECIMALS

#: What statistical tables print where they have no figure, compared in lower case.
MISSING_MARKS = frozenset(
    {"", "-", "–", "—", "--", "…", "...", "..", "na", "n.a.", "n.a", "n/a", "t.a.", "t.a", "t/a"}
)

_MINUS = str.maketrans({"−": "-", "‒": "-", "–": "-", "﹣": "-", "－": "-"})
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\t", " "))

# A footnote mark is never a plain digit that touches the number: "7,521)" has no one reading.
_NOTE = re.compile(
    r"(?P<number>.*[0-9)])"
    r"(?:\s*(?P<touching>\*+\)?|[A-Za-z]{1,2}\)|[ᵃ-ᵿᶛ-ᶿʰ-ʸ⁰¹²³⁴-⁹ⁿªº†‡]+\)?)"
    r"|\s+(?P<apart>[0-9]{1,2}\)|[rpeRPE]))",
    re.DOTALL,
)
_SCIENTIFIC = re.compile(r"(?P<mantissa>[0-9]+(?:[.,][0-9]+)?)[eE](?P<exponent>[+-]?[0-9]{1,3})")
_PLAIN = re.compile(r"[0-9][0-9., ]*")
_GROUPS = {
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+"),
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+"),
    " ": re.compile(r"[0-9]{1,3}(?: [0-9]{3})+"),
}


@dataclass(frozen=True)
class Number:
    """What a text says.

    ``value`` is None where the text is a missing mark. ``mark`` is that missing mark or the
    footnote mark beside the digits. ``is_rounded`` tells that scientific notation held more
    than six decimals and was rounded half-even.
    """

    value: Decimal | None
    mark: str = ""
    is_rounded: bool = False


def parse_number(
    text: str, decimal: Style | None = None, missing: frozenset[str] = MISSING_MARKS
) -> Number:
    """Read one printed number.

    ``decimal`` is the declared decimal sign; without it only texts with a single possible
    reading are accepted. Raises NumberError, and nothing else, with one of the rules
    ``not_a_number``, ``ambiguous_number``, ``wrong_decimal_style``, ``too_precise``,
    ``too_large``, ``overlong_number``.
    """
    if len(text) > LONGEST:
        raise NumberError("overlong_number", f"a number of {len(text)} characters is refused")
    tidy = text.translate(_SPACES).strip()
    if tidy.lower() in missing:
        return Number(None, mark=tidy)
    if len(tidy) <= WHOLE and tidy.isascii() and tidy.isdigit():  # as most sums of money are
        return Number(Decimal(tidy))
    body, mark = _without_note(tidy)
    sign, digits = _without_sign(body, text)
    if scientific := _SCIENTIFIC.fullmatch(digits):
        return _from_scientific(scientific, sign, mark, text)
    if not _PLAIN.fullmatch(digits):
        raise NumberError("not_a_number", f"'{text}' is no number and no missing mark")
    value = sign * Decimal(_canonical(digits, decimal, text))
    return Number(_fitting(value, text), mark)


def place_value(text: str, value: Decimal) -> Decimal:
    """Return the place value of the last decimal printed in ``text`` (1 where none is)."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0 or _SCIENTIFIC.search(text):
        return Decimal(1)
    return Decimal(1).scaleb(exponent)


def to_storage(value: Decimal, text: str) -> Decimal:
    """Round a computed value half-even to what the warehouse stores; refuse one too large."""
    if not value.is_finite() or abs(value) >= LIMIT:
        raise NumberError("too_large", f"'{text}' does not fit 22 digits before the point")
    return value.quantize(QUANTUM, ROUND_HALF_EVEN)


def _without_note(text: str) -> tuple[str, str]:
    found = _NOTE.fullmatch(text)
    if found is None:
        return text, ""
    return found["number"], (found["touching"] or found["apart"])


def _without_sign(body: str, text: str) -> tuple[int, str]:
    """Take off a sign or the brackets that accountants write for a negative figure."""
    body = body.translate(_MINUS)
    if body.startswith("(") and body.endswith(")"):
        return -1, body[1:-1].strip()
    if body[:1] in ("-", "+"):
        return (-1 if body[0] == "-" else 1), body[1:]
    if not body:
        raise NumberError("not_a_number", f"'{text}' holds no digits")
    return 1, body


def _from_scientific(found: re.Match[str], sign: int, mark: str, text: str) -> Number:
    """Read ``1.19E+15``. Its separator is a decimal sign in every locale."""
    exponent = int(found["exponent"])
    if abs(exponent) > LONGEST:
        raise NumberError("too_large", f"the exponent of '{text}' is out of reach")
    value = sign * Decimal(found["mantissa"].replace(",", ".")).scaleb(exponent)
    stored = to_storage(value, text)
    return Number(stored, mark, is_rounded=stored != value)


def _fitting(value: Decimal, text: str) -> Decimal:
    if abs(value) >= LIMIT:
        raise NumberError("too_large", f"'{text}' does not fit 22 digits before the point")
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -DECIMALS:
        raise NumberError("too_precise", f"'{text}' has more than {DECIMALS} decimals")
    return value


def _canonical(digits: str, decimal: Style | None, text: str) -> str:
    """Turn printed digits into Python's form, knowing or finding out the decimal sign."""
    sign = decimal or _only_reading(digits, text)
    whole, separator, fraction = digits.partition(sign)
    if separator and not fraction.isdigit():
        raise _misread(digits, sign, text, declared=decimal is not None)
    group = "," if sign == "." else "."
    for mark in (group, " "):
        if mark in whole:
            if not _GROUPS[mark].fullmatch(whole):
                raise _misread(digits, sign, text, declared=decimal is not None)
            whole = whole.replace(mark, "")
    return f"{whole}.{fraction}" if separator else whole


def _only_reading(digits: str, text: str) -> Style:
    """Find the decimal sign of an undeclared text, or raise ``ambiguous_number``."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return "." if digits.rindex(".") > digits.rindex(",") else ","
    if points + commas == 0:
        return "."
    used: Style = "." if points else ","
    other: Style = "," if points else "."
    if points + commas > 1:
        return other
    whole, _, fraction = digits.partition(used)
    could_be_group = len(fraction) == 3 and len(whole) <= 3 and not whole.startswith("0")
    if could_be_group:
        raise NumberError(
            "ambiguous_number",
            f"'{text}' may be {whole + fraction} or {whole}.{fraction}: declare `decimal`",
        )
    return used


def _misread(digits: str, sign: str, text: str, *, declared: bool) -> NumberError:
    if declared and ("." in digits or "," in digits):
        return NumberError(
            "wrong_decimal_style", f"'{text}' is no number with '{sign}' as its decimal sign"
        )
    return NumberError("not_a_number", f"'{text}' is no number and no missing mark")
