"""Data Docs: whole, bilingual, asking nobody for anything, and safe with hostile figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expectations import docs, suites
from expectations.gates import candidate_gate, observation_gate
from tests.expectations import healthy
from tests.expectations.healthy import rate, rates

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of two gates; one figure is impossible and its place is hostile."""
    folder = tmp_path_factory.mktemp("docs")
    warehouse = healthy.warehouse(folder)
    bad = rate("3604", "106", locator=HOSTILE)
    inputs = healthy.inputs(folder / "other", [*rates(), bad])
    gates = [
        observation_gate(inputs, healthy.catalogue(), today=healthy.TODAY),
        candidate_gate(warehouse, today=healthy.TODAY),
    ]
    stale = folder / "quality" / "docs" / "stale.html"
    stale.parent.mkdir(parents=True)
    stale.touch()
    assert docs.build(gates, folder / "quality" / "docs", "Lumbung <test>").exists()
    return folder / "quality" / "docs"


def test_every_suite_has_a_page_that_the_index_names(pages: Path) -> None:
    wanted = {
        f"{gate}-{suite.suite}.html"
        for gate in ("observations", "candidate")
        for suite in suites.load(gate)
    }
    assert {path.name for path in pages.iterdir()} == wanted | {"index.html"}
    index = (pages / "index.html").read_text(encoding="utf-8")
    assert set(re.findall(r'href="([^"]+)"', index)) == wanted


def test_pages_load_nothing_from_anywhere(pages: Path) -> None:
    for path in pages.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(script|img|link|iframe)\b", text), path.name
        assert not re.search(r"(src|href)=[\"']?(https?:)?//|@import|url\(", text), path.name


def test_a_failing_figure_is_shown_and_said_in_two_languages(pages: Path) -> None:
    text = (pages / "observations-values.html").read_text(encoding="utf-8")
    assert "Nilai tidak di atas batas indikator." in text
    assert "The value is not above the indicator's bound." in text.replace("&#39;", "'")
    assert "<td>106.000000</td>" in text
    assert '<span class="fail">fail</span>' in text


def test_a_check_that_could_not_be_made_says_why_and_stops_no_page(tmp_path: Path) -> None:
    inputs = healthy.inputs(tmp_path, rates())
    (inputs / "observations.parquet").unlink()
    gate = observation_gate(inputs, healthy.catalogue(), today=healthy.TODAY)
    wanting = {check.suite for check in gate.checks if check.error}
    assert wanting
    docs.build([gate], tmp_path / "docs", "Lumbung <test>")
    for suite in wanting:
        text = (tmp_path / "docs" / f"observations-{suite}.html").read_text(encoding="utf-8")
        assert "Table with name observations does not exist!" in text
        assert '<span class="pass">pass</span>' not in text


def test_what_a_source_printed_is_text_and_never_markup(pages: Path) -> None:
    text = (pages / "observations-values.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in text
    assert HOSTILE not in text
    assert "Lumbung &lt;test&gt;" in text


def test_great_expectations_own_words_are_on_the_page(pages: Path) -> None:
    text = (pages / "observations-rows.html").read_text(encoding="utf-8")
    assert "values must match this regular expression" in text
