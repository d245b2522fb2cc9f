"""A document is rendered whole to both formats, and no text in it becomes markup."""

from __future__ import annotations

import datetime
import io

import pypdf
import pytest

from portal.charts import Bar, Drawing, Text, draw
from portal.report.model import (
    Answer,
    Cell,
    Column,
    Document,
    Items,
    Paragraph,
    Picture,
    Row,
    Said,
    Section,
    Source,
    Sources,
    Table,
)
from portal.report.rendering import to_html, to_pdf
from portal.report.texts import all_texts, say

HOSTILE = '<script>alert(1)</script> #eval("1+1") $x$ @s1 *kuat* {{ 7*7 }} \\u{1F600}'
MADE = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


def document(name: str = "Kota Serang") -> Document:
    bars = (Bar("3673", Text(name, name), 6.95, Text("6,95", "6.95")),)
    table = Table(
        caption=f"Ronde, {name}",
        columns=(Column("Ronde"), Column("TPT %", is_number=True)),
        rows=(
            Row((Cell(name), Cell("6,95", "6.9500")), (1,)),
            Row((Cell("2024"), Cell("t.a.", mark="missing"))),
        ),
        note="Catatan.",
    )
    source = Source(1, f"BPS via {name}", "sumber utama", "terbit", "https://x.example/a?b=1&c=<2>")
    blocks = (
        Answer("Bagaimana?", (Said(f"TPT {name} 6,95 persen.", (1,)),)),
        Paragraph((Said("Satu."), Said("Dua.", (1,)))),
        Items((Said(f"Butir {name}."),)),
        Picture(draw(Drawing("dots", bars=bars)).svg, "Gambar", f"Tertinggi {name}."),
        table,
        Sources((source,)),
    )
    labels = {
        key: say(f"label_{key}", "id")
        for key in ("source", "sources", "page", "of", "missing", "derived", "disputed")
    }
    section = Section("jobs", "Pekerjaan", blocks)
    about = "Dibuat dari rilis."
    return Document(
        f"Laporan: {name}", "Semester II", "id", "3673", "2025-S2", "r1", about, (section,), labels
    )


def text_of(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_both_formats_say_the_same() -> None:
    html, pdf = to_html(document()), text_of(to_pdf(document(), MADE))
    for said in ("TPT Kota Serang 6,95 persen.", "Butir Kota Serang.", "Catatan.", "Bagaimana?"):
        assert said in html
        assert said in pdf
    assert '<data value="6.9500">6,95</data>' in html
    assert '<a href="#s1">1</a>' in html
    assert '<html lang="id">' in html


def test_a_hostile_name_is_text_in_both() -> None:
    html = to_html(document(HOSTILE))
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)") >= 6
    assert "{{ 7*7 }}" in html
    pdf = text_of(to_pdf(document(HOSTILE), MADE))
    assert "<script>alert(1)</script>" in pdf
    assert '#eval("1+1") $x$ @s1 *kuat*' in pdf


def test_the_page_asks_no_other_host_and_runs_nothing() -> None:
    html = to_html(document())
    for loaded in ("<script", "<link", "@import", "src=", "url("):
        assert loaded not in html


def test_the_pdf_is_tagged_titled_and_carries_its_font() -> None:
    reader = pypdf.PdfReader(io.BytesIO(to_pdf(document(), MADE)))
    catalogue = reader.trailer["/Root"]
    assert catalogue["/Lang"] == "id"
    assert catalogue["/MarkInfo"]["/Marked"] is True or catalogue["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part>1<" in catalogue["/Metadata"].get_data().replace(b" ", b"")
    assert reader.metadata is not None
    assert reader.metadata.title == "Laporan: Kota Serang, Semester II"
    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    assert all("Libertinus" in font["/BaseFont"] for font in fonts)


def test_the_same_release_gives_the_same_bytes() -> None:
    assert to_pdf(document(), MADE) == to_pdf(document(), MADE)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_every_text_is_there_in_each_language_with_the_same_blanks(lang: str) -> None:
    import string

    for name, both in all_texts().items():
        blanks = [
            {field for _, field, _, _ in string.Formatter().parse(both[one]) if field}
            for one in (lang, "id")
        ]
        assert both[lang], name
        assert blanks[0] == blanks[1], name
