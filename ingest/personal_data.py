"""Finds personal data by its structure, and never repeats it: only kind and place are told.

Looked for: population numbers (NIK, and family card numbers, which are built alike), phone
numbers and e-mail addresses. A NIK is sixteen digits that begin with the code of a regency and
a district in it, followed by a day of birth (plus 40 for women); sixteen other digits, such as
a total in rupiah, are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Literal

from ingest import office_files
from ingest.errors import IngestError
from ingest.office_files import Text

Kind = Literal["nik", "phone", "email"]

LENGTH = 16
#: No personal datum looked for here is shorter (a@b.id).
SHORTEST = 6
#: Groups of digits with at most one separator between them: "3604 0501-0190 0001".
#: No comma: in delimited text it stands between cells, and neighbours are no number.
_RUN = re.compile(r"\d(?:[ ./_'\-]?\d)*")
_SCIENTIFIC = re.compile(r"(?<![\w.])\d(?:[.,]\d+)?[eE]\+?15(?!\d)")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?")
_SEPARATOR = r"[ .\-/]{0,2}"
# Mobile numbers begin with 08 and two more digits that belong together; dates, as 08.12.2024,
# do not. After +62 any number is one to call. A bare 62 needs words or marks around it, since
# a cell of digits alone may be an amount.
_MOBILE = re.compile(rf"(?<!\d)(?<!\d[.,/\-])08\d{{2}}(?:{_SEPARATOR}\d){{5,9}}(?!\d)")
_ABROAD = re.compile(rf"\+{_SEPARATOR}62(?:{_SEPARATOR}[()]{{0,2}}\d){{7,13}}")
_LANDLINE = re.compile(r"\(0\d{2,3}\)[ \-]?\d{3,4}[ \-]?\d{2,5}(?!\d)")
_BARE = re.compile(rf"(?<!\d)(?<!\d[.,/\-])62{_SEPARATOR}8\d{{2}}(?:{_SEPARATOR}\d){{6,9}}(?!\d)")
_EMAIL = re.compile(r"[\w.%+\-]+@[\w\-]+(?:\.[\w\-]+)+")
_IDENTIFIER = re.compile(r"\{[0-9A-Fa-f\-]{36}\}")


@dataclass(frozen=True, order=True)
class Place:
    """Where personal data stands, and of what kind; what it says is kept nowhere."""

    sheet: str
    cell: str
    kind: Kind


class PersonalDataError(IngestError):
    """A file holds personal data: it is refused before a byte of it is stored."""

    def __init__(self, places: list[Place]) -> None:
        shown = ", ".join(f"{p.sheet}!{p.cell} ({p.kind})" for p in places[:5])
        more = f" and {len(places) - 5} more places" if len(places) > 5 else ""
        super().__init__(
            f"personal data in {shown}{more}; nothing was stored. Take it out at its source"
        )
        self.places = places


def kinds_in(text: str, districts: frozenset[str], *, is_number: bool = False) -> set[Kind]:
    """Return the kinds of personal data in a text.

    ``districts`` are the Kemendagri codes of regencies as four digits. ``is_number`` says
    that the text is the value of a numeric cell, which holds no phone number.
    """
    found: set[Kind] = set()
    if len(text) < SHORTEST:
        return found
    tidy = _plain(text)
    if any(_is_nik(digits, districts) for digits in _sixteens(tidy)):
        found.add("nik")
    if not is_number and _holds_phone(tidy):
        found.add("phone")
    if "@" in tidy and _EMAIL.search(tidy):
        found.add("email")
    return found


def nik_prefixes(codes: Iterable[str]) -> frozenset[str]:
    """Return the Kemendagri codes of regencies, past ones too, as the first digits of a NIK."""
    plain = (code.replace(".", "") for code in codes)
    return frozenset(code for code in plain if len(code) == 4)


def in_workbook(body: bytes, districts: frozenset[str]) -> list[Place]:
    """Return every place with personal data: any sheet, comment, property, header, name.

    Raises as ``office_files.judge`` does for a file that must not be opened.
    """
    finder = _Finder(districts)
    office_files.judge(body, strict=False, tell=finder.take)
    return finder.places()


def in_text(text: str, districts: frozenset[str]) -> list[Place]:
    """Return the lines of a text file that hold personal data."""
    return sorted(
        Place("file", f"line {number}", kind)
        for number, line in enumerate(text.splitlines(), start=1)
        for kind in kinds_in(line, districts)
    )


def in_file(body: bytes, districts: frozenset[str]) -> list[Place]:
    """Return the places of a file's personal data, whether it is a workbook or text."""
    if office_files.is_workbook(body):
        return in_workbook(body, districts)
    return in_text(body.decode("utf-16" if body[:2] in _UTF16 else "latin-1"), districts)


_UTF16 = (b"\xff\xfe", b"\xfe\xff")


class _Finder:
    """Remembers places. A shared string is judged once and blamed on the cells that show it."""

    def __init__(self, districts: frozenset[str]) -> None:
        self.districts = districts
        self.found: set[Place] = set()
        self.strings: dict[int, set[Kind]] = {}
        self.shown: dict[int, list[tuple[str, str]]] = {}

    def take(self, text: Text) -> None:
        """Judge one text of the workbook."""
        if text.string is not None and text.sheet:
            self.shown.setdefault(text.string, []).append((text.sheet, text.cell))
            return
        if _IDENTIFIER.fullmatch(text.text):
            return
        kinds = kinds_in(text.text, self.districts, is_number=text.is_number)
        if text.string is not None:
            self.strings[text.string] = kinds
            return
        for kind in kinds:
            self.found.add(Place(text.sheet or text.part, _where(text), kind))

    def places(self) -> list[Place]:
        """Return all places, those of shared strings by the cells that show them."""
        for number, kinds in self.strings.items():
            for kind in kinds:
                for sheet, cell in self.shown.get(number, [("xl/sharedStrings.xml", "-")]):
                    self.found.add(Place(sheet, cell, kind))
        return sorted(self.found)


def _where(text: Text) -> str:
    """Name the cell; a comment's as such, and whatever lies elsewhere by its part."""
    if text.cell and "omments" in text.part:
        return f"{text.cell} (comment)"
    outside = "header, footer or settings" if text.sheet else text.part.rpartition("/")[2]
    return text.cell or outside


def _plain(text: str) -> str:
    """Write digits and signs in their plain form, without characters nobody sees."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else ("-" if char in _DASHES else char)
        for char in plain
        if unicodedata.category(char) != "Cf"
    )


_DASHES = "‐‑‒–—−"


def _sixteens(text: str) -> Iterator[str]:
    """Yield every sixteen digits that a text shows as one number, grouped or not."""
    for run in _RUN.finditer(text):
        groups = re.findall(r"\d+", run.group())
        for first in range(len(groups)):
            digits = ""
            for group in groups[first:]:
                digits += group
                if len(digits) >= LENGTH:
                    break
            if len(digits) == LENGTH:
                yield digits
    for found in _SCIENTIFIC.finditer(text):  # a number cell of Excel: 3.60405010190000E+15
        try:
            digits = str(int(Decimal(found.group().replace(",", "."))))
        except InvalidOperation:
            continue
        if len(digits) == LENGTH:
            yield digits


def _is_nik(digits: str, districts: frozenset[str]) -> bool:
    if digits[:4] not in districts or digits[4:6] == "00":
        return False
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    day -= 40 if day > 40 else 0
    return _is_day(day, month, 1900 + year) or _is_day(day, month, 2000 + year)


def _is_day(day: int, month: int, year: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _holds_phone(text: str) -> bool:
    if _MOBILE.search(text) or _ABROAD.search(text) or _LANDLINE.search(text):
        return True
    return bool(_BARE.search(text)) and not _NUMBER.fullmatch(text.strip())
