"""Pages of a small made-up library: hostile texts stay texts, both languages agree."""

from __future__ import annotations

import datetime
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import html5lib
import pytest
from lxml import html

from portal import library as shelves
from portal import site
from portal.charts import Chart, draw
from portal.formats import LANGS
from portal.library import QUESTIONS, Library
from portal.pages.page import Page
from portal.rendering import render, safe_url

HOSTILE = '<img src=x onerror="alert(1)">"\'><script>alert(2)</script>'
VOID = {"meta", "link", "input", "br", "img", "hr"}


def region(code: str, name: str, kind: str, parent: str | None) -> dict[str, Any]:
    return {
        "region_code": code, "name": name, "type": kind, "parent_region_code": parent,
        "kemendagri_code": None, "djpk_code": None, "valid_from": None,
    }  # fmt: skip


def observation(
    obs_id: str, code: str, label: str, value: str | None, **more: Any
) -> dict[str, Any]:
    year, month = (int(part) for part in label.split("-"))
    return {
        "obs_id": obs_id, "key_id": f"k{obs_id}", "indicator_id": "unemployment_rate",
        "region_code": code, "period_start": datetime.date(year, month, 1),
        "period_end": datetime.date(year, month, 28), "period_label": label,
        "period_kind": "round", "stage": "observed", "perimeter": "area", "perimeter_note": None,
        "baseline": None, "breakdown": "total", "category": None, "attributes": None,
        "value": None if value is None else Decimal(value), "value_text": value, "unit": "percent",
        "precision": Decimal("0.01"), "obs_status": "A" if value else "O", "standard_error": None,
        "series_version": "", "source_id": "press", "source_name": HOSTILE,
        "source_url": "javascript:alert(3)", "provenance_tier": "official_via_press",
        "claimant": HOSTILE, "published_at": None, "published_at_basis": "none",
        "known_at": datetime.date(2025, 11, 5), "known_at_basis": "first_seen",
        "dataset_id": "cited", "snapshot_id": "ab" * 32, "locator": "line 1", "is_sample": True,
        "note": HOSTILE, "is_derived": False, "formula_id": None, "n_claims": 1,
        "n_corroborating": 0, "n_disputing": 0, "has_conflict": False, "conflict_kind": None,
        "correction_reason": None, **more,
    }  # fmt: skip


def unemployment(obs: dict[str, Any], name: str, parent: str, change: str | None) -> dict[str, Any]:
    year, month = (int(part) for part in obs["period_label"].split("-"))
    empty = (
        "labour_force_persons", "employed_persons", "unemployed_persons", "participation_rate_pct",
        "gap_to_province_pp", "gap_to_national_pp", "rank_in_province", "n_ranked", "n_expected",
        "standard_error_pp", "change_is_significant", "formula_id", "conflict_kind",
    )  # fmt: skip
    return {
        **dict.fromkeys(empty), "region_code": obs["region_code"], "region_name": name,
        "parent_region_code": parent, "survey_year": year, "survey_month": month,
        "series_version": "", "is_headline": True, "is_for_ranking": True,
        "unemployment_rate_pct": obs["value"], "is_derived": obs["is_derived"],
        "change_pp": None if change is None else Decimal(change), "has_conflict": False,
        "obs_id": obs["obs_id"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def known() -> Library:
    regions = [
        region("0000", "Indonesia", "country", None),
        region("3600", "Banten", "province", "0000"),
        region("3604", HOSTILE, "kabupaten", "3600"),
        region("3672", "Kota Cilegon", "kota", "3600"),
    ]
    observed = [
        observation("a1", "3604", "2023-08", "9.94"),
        observation("a2", "3604", "2024-08", "9.18"),
        observation("a3", "3604", "2025-08", "8.73"),
        observation("b3", "3672", "2025-08", "7.41", is_derived=True),
        observation("c3", "3600", "2025-08", "6.69"),
    ]  # fmt: skip
    names = {one["region_code"]: one["name"] for one in regions}
    parents = {one["region_code"]: one["parent_region_code"] for one in regions}
    changes = {"a2": "-0.76", "a3": "-0.45"}
    rows: dict[str, list[dict[str, Any]]] = {question: [] for question in QUESTIONS}
    rows["observations"] = observed
    rows["unemployment"] = [
        unemployment(
            o, names[o["region_code"]], parents[o["region_code"]], changes.get(o["obs_id"])
        )
        for o in observed
    ]
    rows["indicators"] = [{
        "indicator_id": "unemployment_rate", "name_id": HOSTILE, "name_en": HOSTILE,
        "definition_id": HOSTILE, "definition_en": HOSTILE, "unit": "percent",
        "theme": "employment", "direction": "lower_is_better", "cadence": "sakernas",
        "licence": None,
    }]  # fmt: skip
    rows["sources"] = [{
        "source_id": "press", "name": HOSTILE, "url": "javascript:alert(3)", "kind": "citation",
        "provenance_tier": "official_via_press", "licence": HOSTILE, "terms_known": False,
        "is_sample": True, "n_claims": 5,
    }]  # fmt: skip
    rows["statements"] = [{
        "statement_id": "s1", "source_id": "press", "source_name": HOSTILE, "source_url": None,
        "said_at": datetime.date(2025, 11, 5), "said_at_basis": "stated", "claimant": HOSTILE,
        "statement": HOSTILE, "statement_en": HOSTILE, "test": "level",
        "stated_value": Decimal("8.73"), "found_value": None, "tolerance": None,
        "unit": "percent", "verdict": "not_testable", "reason": "no_figure",
        "explanation_id": HOSTILE, "explanation_en": HOSTILE, "n_evidence": 1, "n_sources": 1,
        "evidence_obs_ids": "a3",
    }]  # fmt: skip
    publication = {
        "release_id": "r1", "created_at": datetime.datetime(2026, 11, 22, 7, 15),
        "is_sample": True, "n_observations": 5, "n_claims": 5, "n_rejected": 0,
    }  # fmt: skip
    by_code = {one["region_code"]: one for one in regions}
    return shelves.arranged(Library("r1", publication, by_code, rows, {}))


@pytest.fixture(scope="module")
def pages(known: Library) -> dict[str, Page]:
    return {page.path: page for page in site.pages(known)}


@pytest.fixture(scope="module")
def written(pages: dict[str, Page]) -> dict[tuple[str, str], str]:
    """Write every page in both languages."""
    drawn: dict[Any, Chart] = {}
    found = {}
    for page in pages.values():
        for drawing in page.drawings.values():
            drawn.setdefault(drawing, draw(drawing))
        charts = {name: drawn[drawing] for name, drawing in page.drawings.items()}
        for lang in LANGS:
            found[page.path, lang] = render(page, lang, charts)
    return found


def drawn_of(page: Page) -> dict[str, Chart]:
    return {name: draw(drawing) for name, drawing in page.drawings.items()}


def html_errors(text: str) -> list[Any]:
    parser = html5lib.HTMLParser()
    parser.parse(text)
    return list(parser.errors)


class Nesting(HTMLParser):
    """Notes every element that is not closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """Svg closes its elements in one go; nothing stays open."""

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


def test_every_page_closes_what_it_opens_and_repeats_no_id(written):
    for (path, lang), text in written.items():
        reader = Nesting()
        reader.feed(text)
        assert (path, lang, reader.wrong, reader.open) == (path, lang, [], [])
        ids = html.fromstring(text).xpath("//@id")
        assert len(ids) == len(set(ids)), (path, lang)


def test_every_page_is_valid_html(written):
    """The parser of the HTML standard finds nothing to mend."""
    for (path, lang), text in written.items():
        assert html_errors(text) == [], (path, lang)


def test_the_parser_sees_what_is_wrong():
    page = "<!DOCTYPE html><html lang=id><head><title>a</title></head><body>{}</body></html>"
    assert html_errors(page.format("<p>a</p>")) == []
    assert html_errors(page.format("<p>a</b>"))
    assert html_errors(page.format("<table><p>a</p></table>"))


def test_compared_figures_are_of_one_time_and_each_leads_to_its_source(pages, written):
    data = pages["bandingkan/3600.html"].data
    [column] = data["columns"]
    assert column["key"] == "unemployment_rate-2025-08-observed-area"
    assert [one["code"] for one in column["rows"]] == ["3604", "3672"]
    assert [one["code"] for one in column["above"]] == ["3600"]
    tree = html.fromstring(written["bandingkan/3600.html", "id"])
    [table] = tree.xpath("//table[@data-column]")
    assert [row.get("data-region") for row in table.iterfind("tbody/tr")] == [
        "3604",
        "3672",
        "3600",
    ]
    assert [link.get("href") for link in table.find_class("fig")] == [
        f"../sumber/press.html#o-{name}" for name in ("a3", "b3", "c3")
    ]


def test_augusts_stand_side_by_side_and_what_is_missing_stays_empty(written):
    tree = html.fromstring(written["bandingkan.html", "en"])
    [table] = tree.xpath("//table[@data-augusts]")
    rows = {
        row.get("data-region"): [cell.text_content().split()[0] for cell in row.iterfind("td")]
        for row in table.iterfind("tbody/tr")
    }
    assert rows["3604"] == ["9.94", "9.18", "8.73"]
    assert rows["3672"] == ["n/a", "n/a", "7.41"]
    assert rows["0000"] == ["n/a", "n/a", "n/a"]


def test_without_reports_their_page_says_so_and_a_region_still_links_there(written):
    assert "No report has been made yet" in written["laporan.html", "en"]
    assert 'href="../laporan.html"' in written["daerah/3604.html", "id"]


def test_a_written_report_is_linked_from_its_region_and_the_list(known):
    held = replace(known, reports={"3604": ["2025-S2"]})
    found = {page.path: page for page in site.pages(held)}
    region_page = render(found["daerah/3672.html"], "id", drawn_of(found["daerah/3672.html"]))
    assert "laporan/2025-S2" not in region_page
    own = render(found["daerah/3604.html"], "en", drawn_of(found["daerah/3604.html"]))
    assert 'href="../laporan/2025-S2/3604.pdf"' in own
    listed = render(found["laporan.html"], "id", {})
    assert 'href="laporan/2025-S2/3604.html"' in listed
    assert "Semester II 2025" in listed
    assert html_errors(own) == html_errors(listed) == []


def test_no_text_of_the_marts_becomes_markup(written):
    for (path, lang), text in written.items():
        tree = html.fromstring(text)
        scripts = tree.xpath("//script")
        names = [
            one.get("src", "").rsplit("/static/")[-1].removeprefix("static/") for one in scripts
        ]
        own = ["compare.js"] if path == "bandingkan.html" else []
        assert names == ["portal.js", *own], path
        assert tree.xpath("//img | //*[@onerror] | //*[@onload]") == [], (path, lang)
        assert not tree.xpath("//a[starts-with(@href, 'javascript')]"), (path, lang)
    assert "&lt;img src=x" in written["daerah/3604.html", "id"]


def test_a_figure_stands_in_each_language_as_that_language_writes_it(written):
    assert ">8,73</a>" in written["daerah/3604.html", "id"]
    assert ">8.73</a>" in written["daerah/3604.html", "en"]
    assert ">8,73</a>" not in written["daerah/3604.html", "en"]
    assert '<html lang="en">' in written["index.html", "en"]


def test_a_figure_leads_to_its_row_on_its_sources_page(written):
    tree = html.fromstring(written["daerah/3604.html", "id"])
    addresses = [a.get("href") for a in tree.find_class("fig") if a.text == "8,73"]
    assert addresses
    assert set(addresses) == {"../sumber/press.html#o-a3"}
    row = html.fromstring(written["sumber/press.html", "id"]).get_element_by_id("o-a3")
    assert "line 1" in row.text_content()
    assert "abababababababab" in row.text_content()


def test_a_figure_that_opens_in_place_says_how_to_cite_it(written):
    tree = html.fromstring(written["daerah/3604.html", "en"])
    [cite] = tree.xpath("//details[@class='figure']//p[@class='cite']")
    said = " ".join(cite.text_content().split())
    assert said.startswith("Cite: " + HOSTILE)
    assert "August 2025: 8.73%; processed by Lumbung, release " in said
    assert said.endswith("en/sumber/press.html#o-a3")


def test_without_a_sampling_error_no_direction_is_told(written):
    answer = html.fromstring(written["daerah/3604.html", "id"]).find_class("answer")[0]
    assert "galat sampel tidak terbit" in answer.text_content()
    assert "turun" not in answer.text_content()


def test_a_derived_figure_looks_and_reads_derived(written, pages):
    assert [bar.mark for bar in pages["daerah/3672.html"].drawings["peers"].bars] == [
        "final",
        "derived",
    ]
    cell = html.fromstring(written["daerah/3672.html", "id"]).find_class("derived")
    assert cell[0].text_content() == "turunan"


def test_a_missing_tile_is_dashed_and_never_zero(written):
    tiles = html.fromstring(written["index.html", "id"]).find_class("tile")
    shown = {tile.get("href"): tile for tile in tiles}
    assert "7,41" in shown["daerah/3672.html"].text_content()
    country = html.fromstring(written["daerah/0000.html", "en"])
    assert "no unemployment figure" in country.text_content()


def test_a_line_is_joined_only_where_the_mart_states_the_change(pages):
    [own, *_] = pages["daerah/3604.html"].drawings["rounds"].series
    assert [point.joined for point in own.points] == [False, True, True]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "", None]
)
def test_only_web_addresses_become_links(url):
    assert safe_url(url) is None


def test_a_web_address_becomes_a_link():
    assert safe_url("https://banten.bps.go.id/") == "https://banten.bps.go.id/"
