"""Reports of the bundled figures: the marts' numbers, four to six pages, sense without data."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import lxml.html
import pypdf
import pypdfium2
import pytest

from portal.formats import LANGS, Lang, parse_number
from portal.marts import Marts
from portal.report.document import build
from portal.report.facts import UnknownRegionError
from portal.report.model import Table
from portal.report.period import Half
from portal.report.rendering import to_html, to_pdf
from portal.report.write import write

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]

SERANG, BANTEN, COUNTRY, PAPUAN = "3673", "3600", "0000", "9402"
MADE = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)
SCALES = {
    "juta": 6, "miliar": 9, "triliun": 12, "million": 6, "billion": 9, "trillion": 12,
}  # fmt: skip
CASES = [
    (SERANG, "2025-S2"), (SERANG, "2031-S1"), (BANTEN, "2025-S1"), (COUNTRY, "2025-S2"),
    (PAPUAN, "2025-S2"), ("3604", "2023-S2"), ("3300", "2024-S2"), ("9700", "1999-S1"),
]  # fmt: skip


@pytest.fixture(scope="module")
def marts(release: Path) -> Iterator[Marts]:
    with Marts(release) as opened:
        yield opened


def pdf_text(content: bytes) -> tuple[str, int]:
    reader = pypdf.PdfReader(io.BytesIO(content))
    return " ".join(" ".join(p.extract_text() for p in reader.pages).split()), len(reader.pages)


def shown_value(text: str, lang: Lang) -> tuple[Decimal, Decimal]:
    """Read a figure back: its value, and half of its last digit."""
    found = re.search(r"−?(?:Rp)?\d[\d.,]*", text.replace("+", ""))
    assert found, text
    bare = found[0].replace("Rp", "")
    value = parse_number(bare, lang)
    exponent = next((n for word, n in SCALES.items() if word in text), 0)
    places = len(bare.split("," if lang == "id" else ".")[1]) if value % 1 else 0
    half = Decimal(1).scaleb(-places) / 2
    return value.scaleb(exponent), max(half.scaleb(exponent), abs(value).scaleb(exponent) / 190)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("region", "period"), CASES)
def test_a_report_has_four_to_six_pages_and_every_figure_is_its_exact_value_rounded(
    marts: Marts, region: str, period: str, lang: Lang
) -> None:
    document = build(marts, region, Half.parse(period), lang)
    text, n_pages = pdf_text(to_pdf(document, MADE))
    assert 4 <= n_pages <= 6
    page = lxml.html.fromstring(to_html(document))
    figures = page.xpath("//data")
    for figure in figures:
        shown, tolerance = shown_value(figure.text, lang)
        assert abs(shown - Decimal(figure.get("value"))) <= tolerance, figure.text
        assert figure.text.split()[0] in text
    for banned in ("warga menganggur", "basis poin", "berkat", "None", "nan", "NaN"):
        assert not re.search(rf"\b{banned}\b", text), banned
    assert marts.release_id in text


@pytest.mark.parametrize("lang", LANGS)
def test_rates_claims_and_themes_equal_the_marts(marts: Marts, lang: Lang) -> None:
    document = build(marts, SERANG, Half(2025, 2), lang)
    tables = [
        block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Table)
    ]

    def column(table: Table, nth: int) -> list[Decimal | None]:
        cells = [row.cells[nth] for row in table.rows]
        return [None if cell.value is None else Decimal(cell.value) for cell in cells]

    rates = marts.arrow(f"""
        select unemployment_rate_pct, change_pp from unemployment
        where region_code = '{SERANG}' and is_headline order by survey_year desc limit 8
    """).to_pylist()
    assert column(tables[0], 1) == [row["unemployment_rate_pct"] for row in rates]
    assert column(tables[0], 3) == [row["change_pp"] for row in rates]
    claims = marts.arrow(f"""
        select amount_idr from transfer_claims
        where region_code = '{SERANG}' and fiscal_year >= 2025 order by claimed_at, amount_idr
    """).to_pylist()
    [ledger] = [
        table for table in tables if table.columns[1].title in ("Office", "Pejabat/instansi")
    ]
    assert sorted(column(ledger, 3)) == sorted(Decimal(row["amount_idr"]) for row in claims)
    themes = marts.arrow(f"""
        select budget_idr from program_spend_by_theme where region_code = '{SERANG}'
    """).to_pylist()
    [by_theme] = [table for table in tables if table.columns[0].title in ("Theme", "Tema")]
    assert sorted(column(by_theme, 1)) == sorted(Decimal(row["budget_idr"]) for row in themes)
    assert set(column(by_theme, 4)) == {None}, "no outturn is published, and none is zero"


def test_the_dispute_is_told_with_both_ends_and_every_claim_is_listed(marts: Marts) -> None:
    text, _ = pdf_text(to_pdf(build(marts, SERANG, Half(2025, 2), "id"), MADE))
    assert "Rp186 miliar menurut BPKAD Kota Serang (9 November 2025)" in text
    assert "Rp216 miliar menurut Wali Kota Serang (16 Oktober 2025); selisih Rp30 miliar." in text
    assert "Rp186,4 miliar" in text
    assert "Kami tidak memilih." in text


def test_every_cited_number_leads_to_a_source_and_back(marts: Marts) -> None:
    page = lxml.html.fromstring(to_html(build(marts, SERANG, Half(2025, 2), "id")))
    cited = {link.get("href") for link in page.xpath("//*[@class='ref']/a")}
    listed = {f"#{item.get('id')}" for item in page.xpath("//ol[@class='sources']/li")}
    assert cited == listed
    assert len(listed) > 5
    assert all(item.xpath("./a/@href") for item in page.xpath("//ol[@class='sources']/li"))


@pytest.mark.parametrize(("region", "period"), [(SERANG, "2031-S1"), ("9700", "1999-S1")])
def test_a_period_without_figures_says_so_and_names_no_stand_in(
    marts: Marts, region: str, period: str
) -> None:
    document = build(marts, region, Half.parse(period), "id")
    first = document.sections[0]
    answers = [said.text for block in first.blocks for said in getattr(block, "said", ())]
    assert sum("tidak tersedia" in text for text in answers) >= 4
    assert not any("tercatat" in text and "TPT" in text[:4] for text in answers)


def test_an_unknown_region_is_refused_with_how_codes_look(marts: Marts) -> None:
    with pytest.raises(UnknownRegionError, match="four digits, such as 3673"):
        build(marts, "36.73", Half(2025, 2), "id")


def test_no_page_is_blank_and_nothing_runs_off_it(marts: Marts) -> None:
    """Ink on every page, and none in the outer ten millimetres."""
    for region in (SERANG, BANTEN, PAPUAN):
        content = to_pdf(build(marts, region, Half(2025, 2), "id"), MADE)
        for page in pypdfium2.PdfDocument(content):
            pixels = page.render(scale=1).to_numpy().min(axis=2)
            edge = int(10 / 25.4 * 72)
            assert (pixels < 128).mean() > 0.002
            assert pixels[:, :edge].min() > 250
            assert pixels[:, -edge:].min() > 250


def test_files_are_named_by_region_period_and_language(marts: Marts, tmp_path: Path) -> None:
    files = write(marts, tmp_path, PAPUAN, Half(2025, 2), ["en"])
    assert [file.name for file in files] == ["9402-2025-S2-en.html", "9402-2025-S2-en.pdf"]
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in files}
