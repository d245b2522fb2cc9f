"""The whole site of a whole release: its numbers are the marts', its links lead somewhere."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import html5lib
import pytest
from filelock import FileLock

from lumbung.settings import Settings
from portal.build import build
from portal.formats import LANGS, quantity
from portal.marts import Marts, Row
from tests.portal.site_reader import broken_links, figure, page, table_rows, text

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]


@pytest.fixture(scope="module")
def site(home: Path) -> Path:
    """Build the site once a run, with the shared home."""
    with FileLock(f"{home}.site.lock"):
        folder = home / "portal" / "current"
        if not folder.exists():
            build(Settings(home=home))
        return folder.resolve()


def test_there_is_a_page_a_region_an_indicator_and_a_source_in_each_language(site, release):
    with Marts(release) as marts:
        regions = {f"{row['region_code']}.html" for row in marts.ask("regions")}
        indicators = {f"{row['indicator_id']}.html" for row in marts.ask("indicators")}
        sources = {f"{row['source_id']}.html" for row in marts.ask("sources")}
    assert len(regions) == 553
    for root in (site, site / "en"):
        assert {file.name for file in (root / "daerah").iterdir()} == regions
        assert {file.name for file in (root / "indikator").iterdir()} == indicators
        assert {file.name for file in (root / "sumber").iterdir()} >= sources


@pytest.mark.parametrize("lang", LANGS)
def test_every_rate_and_change_on_every_regions_page_is_the_marts(site, release, lang):
    with Marts(release) as marts:
        rows = [row for row in marts.ask("unemployment") if row["is_headline"]]
    wanted: dict[str, list[tuple[Decimal | None, Decimal | None]]] = {}
    for row in sorted(rows, key=lambda r: (r["survey_year"], r["survey_month"]), reverse=True):
        pair = (row["unemployment_rate_pct"], row["change_pp"])
        wanted.setdefault(row["region_code"], []).append(pair)
    assert len(wanted) == 553
    for code, pairs in wanted.items():
        table = page(site, f"daerah/{code}.html", lang).get_element_by_id("kerja").find(".//table")
        shown = [(figure(cells[1], lang), figure(cells[2], lang)) for cells in table_rows(table)]
        assert shown == pairs, code


@pytest.mark.parametrize("lang", LANGS)
def test_every_claim_about_a_cut_stands_in_the_ledger_with_its_amount(site, release, lang):
    with Marts(release) as marts:
        claims = marts.ask("transfer_claims")
    billion = {"id": "miliar", "en": "billion"}[lang]
    ledger = page(site, "transfer.html", lang).find(".//table")
    shown = sorted(text(row[4]) for row in table_rows(ledger))
    wanted = []
    for claim in claims:
        amount = Decimal(claim["amount_idr"]) / 10**9
        plain = f"{amount.normalize():f}"
        wanted.append(f"Rp{plain.replace('.', ',') if lang == 'id' else plain} {billion}")
    assert shown == sorted(wanted)


def standings(rates: list[Row], others: list[Row]) -> dict[str, dict[str, set[Decimal]]]:
    """Return what each table of a comparison must hold, by its key, then by region."""
    found: dict[str, dict[str, set[Decimal]]] = {}
    for row in rates:
        month = f"{row['survey_year']}-{row['survey_month']:02d}"
        parts = ("unemployment_rate", month, "observed", "area", row["series_version"])
        _hold(found, parts, row["region_code"], row["unemployment_rate_pct"])
    for row in others:
        if row["breakdown"] == "total" and row["indicator_id"] != "unemployment_rate":
            named = ("indicator_id", "period_label", "stage", "perimeter", "baseline")
            parts = (*(row[name] for name in named), row["series_version"])
            _hold(found, parts, row["region_code"], row["value"])
    return found


def _hold(found, parts, code, value):
    key = re.sub(r"[^\w-]", "_", "-".join(filter(None, parts)))
    if value is not None:
        found.setdefault(key, {}).setdefault(code, set()).add(value)


@pytest.mark.parametrize("lang", LANGS)
def test_every_compared_figure_is_the_marts_and_of_one_time(site, release, lang):
    """Read back every table of every page that compares; its key says what it must hold."""
    with Marts(release) as marts:
        others = marts.ask("observations")
        held = standings(marts.ask("unemployment"), others)
    units = {row["indicator_id"]: row["unit"] for row in others}
    n_read = 0
    for file in _compared(site, lang):
        for table in page(site, f"bandingkan/{file}", lang).xpath("//table[@data-column]"):
            key = table.get("data-column")
            for row in table.iterfind("tbody/tr"):
                code, cell = row.get("data-region"), row.find("td")
                if cell.find_class("na"):
                    assert code not in held[key], (file, key, code)
                    continue
                shown, unit = text(cell.find_class("fig")[0]), units[key.split("-")[0]]
                assert shown in {
                    quantity(value, unit, lang, places)
                    for value in held[key][code]
                    for places in (None, 0, 1, 2)
                }, (file, key, code)
                n_read += 1
    assert n_read > 2000


@pytest.mark.parametrize("lang", LANGS)
def test_every_august_beside_others_is_the_one_the_mart_ranks(site, release, lang):
    with Marts(release) as marts:
        rates = {
            (row["region_code"], row["survey_year"]): row["unemployment_rate_pct"]
            for row in marts.ask("unemployment")
            if row["survey_month"] == 8 and row["is_for_ranking"]
        }
    n_read = 0
    for file in _compared(site, lang):
        tree = page(site, f"bandingkan/{file}", lang)
        years = [int(one.get("data-year")) for one in tree.xpath("//*[@data-year]")]
        for row in tree.xpath("//table[@data-augusts]/tbody/tr"):
            for year, cell in zip(years, row.iterfind("td"), strict=True):
                known = rates.get((row.get("data-region"), year))
                assert figure(cell, lang) == known, (file, row.get("data-region"), year)
                n_read += known is not None
    assert n_read > 3000


def _compared(site: Path, lang: str) -> list[str]:
    root = site if lang == "id" else site / "en"
    files = sorted(file.name for file in (root / "bandingkan").iterdir())
    assert len(files) == 39
    return files


def test_a_sample_of_every_kind_of_page_is_valid_html(site):
    kinds: dict[tuple[str, ...], Path] = {}
    for file in sorted(site.rglob("*.html"), key=lambda one: (one.stat().st_size, one)):
        kinds[file.relative_to(site).parts[:-1]] = file  # the largest of each folder
    sample = {*kinds.values(), *site.glob("*.html"), *(site / "en").glob("*.html")}
    assert len(sample) > 30
    for file in sample:
        if file.stat().st_size < 400_000:
            parser = html5lib.HTMLParser()
            parser.parse(file.read_bytes())
            assert parser.errors == [], file


@pytest.mark.parametrize("lang", LANGS)
def test_every_figure_is_two_clicks_from_its_source(site, lang):
    """Of a sample of pages: every linked figure leads to a row that holds the whole trail."""
    words = {
        "id": ("diketahui", "sha256", "berkas"),
        "en": ("known since", "sha256", "file"),
    }[lang]
    trails: dict[str, dict[str, str]] = {}
    n_followed = 0
    for path in (
        "index.html", "daerah/3604.html", "daerah/1101.html", "indikator/poverty_rate.html",
        "transfer.html", "pernyataan.html", "program/3604.html", "bandingkan/3600.html",
        "mutu.html", "rilis.html",
    ):  # fmt: skip
        tree = page(site, path, lang)
        for link in tree.find_class("fig"):
            if link.tag != "a" or "sumber/" not in link.get("href"):
                continue
            file, anchor = link.get("href").rsplit("/", 1)[1].split("#")
            if file not in trails:
                source = page(site, f"sumber/{file}", lang)
                trails[file] = {row.get("id"): text(row) for row in source.xpath("//tr[@id]")}
                assert source.find_class("cite"), file
            assert all(word in trails[file][anchor] for word in words), (path, file, anchor)
            n_followed += 1
    assert n_followed > 300


def test_every_figures_evidence_states_the_value_as_printed(site, release):
    with Marts(release) as marts:
        rows = [row for row in marts.ask("observations") if row["region_code"] == "3673"]
    pages: dict[str, dict[str, str]] = {}
    for file in (site / "sumber").glob("*.html"):
        tree = page(site, f"sumber/{file.name}")
        pages[file.name] = {row.get("id"): text(row) for row in tree.xpath("//tr[@id]")}
    every = {anchor: said for held in pages.values() for anchor, said in held.items()}
    assert len(rows) > 100
    for row in rows:
        said = every[f"o-{row['obs_id'][:12]}"]
        assert row["locator"] in said
        if row["value_text"]:
            assert f"“{' '.join(row['value_text'].split())}”" in said


def test_no_link_of_any_page_leads_nowhere(site):
    assert broken_links(site) == []


def test_the_home_page_is_light(site):
    static = sum(file.stat().st_size for file in (site / "static").iterdir())
    assert (site / "index.html").stat().st_size + static < 300_000


def test_a_second_build_makes_nothing_anew_and_says_the_same(site, home):
    before = {f: f.read_bytes() for f in sorted(site.rglob("*.html"))[:200]}
    done = build(Settings(home=home))
    assert (done.n_written, done.n_drawn) == (0, 0)
    assert {file: file.read_bytes() for file in before} == before
    assert (home / "portal" / "current").readlink().name == done.folder.name
