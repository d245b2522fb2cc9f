"""Personal data is found by its structure wherever it stands, and its text is never repeated."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from functools import lru_cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from ingest import personal_data
from ingest.personal_data import Place, kinds_in
from tests.ingest.parsing import context
from tests.ingest.workbooks import in_sheet, repacked, saved, workbook, xlsx


@lru_cache(maxsize=1)
def districts() -> frozenset[str]:
    return personal_data.nik_prefixes(context().regions.codes("kemendagri"))


@st.composite
def niks(draw: st.DrawFn) -> str:
    """A NIK as the civil register builds it: place, day of birth (+40 for women), number."""
    place = draw(st.sampled_from(sorted(districts())))
    born = draw(st.dates(date(1930, 1, 1), date(2026, 11, 1)))
    day = born.day + (40 if draw(st.booleans()) else 0)
    district = draw(st.integers(1, 99))
    return f"{place}{district:02d}{day:02d}{born:%m%y}{draw(st.integers(1, 9999)):04d}"


def is_nik(digits: str) -> bool:
    """Say it once more, otherwise: by trying every day of a leap and of a common century year."""
    day = int(digits[6:8])
    day -= 40 if day > 40 else 0
    fits = False
    for year in (1900 + int(digits[10:12]), 2000 + int(digits[10:12])):
        try:
            date(year, int(digits[8:10]), day)
            fits = True
        except ValueError:
            continue
    return fits and digits[:4] in districts() and digits[4:6] != "00"


def test_districts_are_all_regencies_that_a_nik_can_name() -> None:
    assert {"3604", "3673", "1110", "9401"} & districts() >= {"3604", "3673", "1110"}
    assert len(districts()) >= 514


@given(niks(), st.sampled_from(["{}", "NIK: {}", " {} ", "a.n. X/{};", "'{}", "no{}x"]))
@settings(max_examples=300)
@example("3604054107900012", "{}")
def test_every_nik_is_caught_in_any_text(nik: str, text: str) -> None:
    assert "nik" in kinds_in(text.format(nik), districts())


@given(niks(), st.sampled_from([" ", ".", "-", "_"]))
def test_a_nik_is_caught_in_groups_full_width_and_with_hidden_characters(
    nik: str, mark: str
) -> None:
    grouped = mark.join([nik[:4], nik[4:6], nik[6:12], nik[12:]])
    wide = "".join(chr(ord("０") + int(digit)) for digit in nik)
    hidden = "\u200b".join(nik)
    for text in (grouped, wide, hidden, f"12 {grouped}"):
        assert "nik" in kinds_in(text, districts())


@given(st.integers(10**15, 10**16 - 1))
@settings(max_examples=500)
@example(1_234_567_890_123_456)
@example(3_604_000_000_000_000)
def test_a_rupiah_total_of_sixteen_digits_passes(total: int) -> None:
    assume(not is_nik(str(total)))
    for text in (str(total), f"{total:,}".replace(",", "."), f"Rp {total},00"):
        assert kinds_in(text, districts()) == set()
    assert kinds_in(str(total), districts(), is_number=True) == set()


@given(niks(), st.integers(1, 40), st.integers(1, 12), st.booleans(), st.sampled_from(["A", "Ten"]))
@settings(max_examples=40, deadline=None)
def test_a_nik_is_caught_in_any_cell_of_any_sheet(
    nik: str, row: int, column: int, as_number: bool, sheet: str
) -> None:
    book = workbook({"A": [["x", 1]], "Ten": [["tersembunyi"]]})
    book["Ten"].sheet_state = "hidden"
    cell = book[sheet].cell(row, column, nik)
    body = saved(book)
    if as_number:
        body = xlsx([["x"] * (column - 1) + [7]], sheet)
        body = repacked(body, in_sheet(b"<v>7</v>", b"<v>" + nik.encode() + b"</v>"))
        cell = workbook({"x": []})["x"].cell(1, column)
    assert personal_data.in_workbook(body, districts()) == [Place(sheet, cell.coordinate, "nik")]


def test_a_nik_that_excel_rounded_is_caught() -> None:
    assert kinds_in("3.60405410790001E+15", districts(), is_number=True) == {"nik"}
    assert kinds_in("3,60405410790001E+15", districts()) == {"nik"}
    assert kinds_in("1.23456789012345E+15", districts(), is_number=True) == set()


NIK = "3604054107900012"


def test_comments_properties_headers_links_and_split_texts_are_looked_at() -> None:
    book = workbook({"Data": [["a", "b"], [1, "c"]]})
    sheet = book["Data"]
    sheet["B2"].comment = Comment(f"lihat {NIK}", "x")
    book.properties.description = f"hubungi budi@contoh.id {NIK}"
    sheet.oddHeader.center.text = f"NIK {NIK}"
    sheet["A1"].hyperlink = "mailto:siti@contoh.id"
    runs = f"<r><t>{NIK[:5]}</t></r><r><t>{NIK[5:]}</t></r>".encode()
    body = repacked(saved(book), in_sheet(b"<t>c</t>", runs))
    found = personal_data.in_workbook(body, districts())
    assert Place("Data", "B2", "nik") in found  # the cell whose text is cut into runs
    assert Place("Data", "B2 (comment)", "nik") in found
    assert Place("Data", "header, footer or settings", "nik") in found
    assert Place("docProps/core.xml", "core.xml", "email") in found
    assert Place("docProps/core.xml", "core.xml", "nik") in found
    assert any(place.kind == "email" and "rels" in place.sheet for place in found)


def test_a_shared_string_is_blamed_on_every_cell_that_shows_it_and_found_where_none_does() -> None:
    runs = f"<sst><si><t>ok</t></si><si><r><t>{NIK[:5]}</t></r><r><t>{NIK[5:]}</t></r></si></sst>"
    plain = xlsx([["x", 11], [12, 13]])
    for number, string in ((b"11", b"1"), (b"12", b"0"), (b"13", b"1")):
        old, new = b' t="n"><v>' + number + b"<", b' t="s"><v>' + string + b"<"
        assert old in zipfile.ZipFile(io.BytesIO(plain)).read("xl/worksheets/sheet1.xml")
        plain = repacked(plain, in_sheet(old, new))
    body = repacked(plain, add={"xl/sharedStrings.xml": runs.encode()})
    assert personal_data.in_workbook(body, districts()) == [
        Place("Data", "B1", "nik"), Place("Data", "B2", "nik"),
    ]  # fmt: skip
    unused = repacked(xlsx([["x"]]), add={"xl/sharedStrings.xml": runs.encode()})
    assert personal_data.in_workbook(unused, districts()) == [
        Place("xl/sharedStrings.xml", "-", "nik")
    ]


def test_only_the_place_is_told() -> None:
    places = personal_data.in_workbook(xlsx([["x"], [NIK]]), districts())
    said = str(personal_data.PersonalDataError(places))
    assert "Data!A2 (nik)" in said
    assert NIK not in said
    assert NIK not in repr(places)


@pytest.mark.parametrize(
    "text",
    ["081234567890", "0812-3456-7890", "+62 812 3456 7890", "+6281234567890", "(0254) 200123",
     "WA 628123456789", "62 812-3456-7890", "Telp. 0877 1234 5678", "+62 21 5551234"],
)  # fmt: skip
def test_phone_numbers_are_caught(text: str) -> None:
    assert "phone" in kinds_in(text, districts())


@pytest.mark.parametrize(
    "text",
    ["08.12.2024", "08.12.2024 10:30", "2024-08-12", "628123456789", "1.08123456789",
     "36.04.08.2001",
     "5.1.02.01.01.0024", "0,0812345678", "2.08.01.2.01", "0812", "62", "Rp 812.345.678.901"],
)  # fmt: skip
def test_dates_codes_and_amounts_are_no_phone_numbers(text: str) -> None:
    assert kinds_in(text, districts()) == set()


def test_a_number_cell_holds_no_phone_number() -> None:
    assert kinds_in("628123456789", districts(), is_number=True) == set()


@pytest.mark.parametrize("text", ["budi@contoh.id", "x <a.b+c@dinas.serangkab.go.id>", "ａ@ｂ.id"])
def test_mail_addresses_are_caught(text: str) -> None:
    assert kinds_in(text, districts()) == {"email"}


@pytest.mark.parametrize("text", ["@", "a@b", "12 @ 5.000", "Rp@unit"])
def test_an_at_sign_alone_is_no_address(text: str) -> None:
    assert kinds_in(text, districts()) == set()


def test_text_files_are_looked_at_line_by_line_and_neighbours_are_not_joined() -> None:
    body = f"kode,nama\n3604,2023,1012,3456\n3604;x;{NIK}\n".encode()
    assert personal_data.in_file(body, districts()) == [Place("file", "line 3", "nik")]
    wide = ("\ufeff" + NIK).encode("utf-16-le")
    assert personal_data.in_file(wide, districts()) == [Place("file", "line 1", "nik")]
