"""The whole site of a whole release: its numbers are the marts', its links lead somewhere."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from filelock import FileLock

from lumbung.settings import Settings
from portal.build import build
from portal.formats import LANGS
from portal.marts import Marts
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
