"""Charts: what is drawn, in which language, and that no text of a figure can break out."""

from __future__ import annotations

import re

import pytest

from portal.charts import Bar, Chart, Drawing, Point, Series, Text, draw

HOSTILE = '</text></svg><script>alert(1)</script>" onload="x'


def line(*values: float, joined: bool = True) -> Series:
    points = tuple(Point(2020 + n, value, joined=joined) for n, value in enumerate(values))
    return Series(Text("Agustus", "August"), points)


@pytest.fixture(scope="module")
def dots() -> Chart:
    bars = (
        Bar("3604", Text("Kabupaten Serang", "Kabupaten Serang"), 8.73, Text("8,73", "8.73")),
        Bar("3672", Text(HOSTILE, HOSTILE), 7.41, Text("7,41", "7.41"), mark="derived"),
    )
    return draw(Drawing("dots", bars=bars, reference=6.69, reference_name=Text("Banten", "Banten")))


def test_texts_are_exchanged_between_languages_and_nothing_else_moves(dots):
    indonesian, english = dots.in_language("id"), dots.in_language("en")
    assert ">8,73</text>" in indonesian
    assert ">8.73</text>" in english
    assert ">8,73<" not in english
    without = [re.sub(r">[^<]*</text>", "></text>", svg) for svg in (indonesian, english)]
    assert without[0] == without[1]


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_hostile_name_stays_text(dots, lang):
    shown = dots.on_page(lang, HOSTILE, HOSTILE, highlight=HOSTILE)
    assert "<script" not in shown
    assert not re.search(r'<[^>]* onload="', shown)


def test_a_page_gets_colour_variables_a_name_and_its_own_bar_marked(dots):
    shown = dots.on_page("en", "Rates", "Serang is highest", highlight="3604")
    assert "#12436D" not in shown
    assert 'role="img"' in shown
    assert "<title>Rates</title><desc>Serang is highest</desc>" in shown
    assert shown.count('class="hl"') == 1
    assert "data-key" not in shown


def test_a_gap_of_years_or_of_weights_cuts_the_line():
    whole = draw(Drawing("lines", series=(line(5, 6, 7),)))
    cut = draw(Drawing("lines", series=(line(5, 6, 7, joined=False),)))
    strokes = [re.findall(r'd="(M[^"]*)" stroke="#12436D"', svg.svg) for svg in (whole, cut)]
    assert max(path.count("L") for path in strokes[0]) == 2
    assert not any(path.count("L") for path in strokes[1] if "A" not in path)


def test_the_axis_of_a_line_starts_at_zero_and_is_not_abbreviated():
    chart = draw(Drawing("lines", series=(line(1_500_000_000.0, 2_000_000_000.0),)))
    assert ">0</text>" in chart.svg
    assert ">2 miliar</text>" in chart.svg
    assert ">2 billion</text>" in chart.in_language("en")
    assert "G<" not in chart.svg


def test_a_disputed_amount_is_a_tick_a_claim_and_no_middle():
    claims = (186.0, 186.4, 216.0)
    bar = Bar(
        "3673",
        Text("Kota Serang", "Kota Serang"),
        None,
        Text("186; 216", "186; 216"),
        claims=claims,
    )
    svg = draw(Drawing("spans", bars=(bar,))).svg
    ticks = re.findall(r'<path [^>]*fill="#12436D"[^>]*>', svg)
    assert len(ticks) == len(claims)
