"""The site in a real browser: phone and desktop, keyboard, no error, no foreign request, axe."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from playwright.sync_api import Browser, Locator, Page

from lumbung.settings import Settings
from portal.build import build
from tests import chromium

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]

PAGES = [
    "bandingkan.html", "bandingkan/3200.html", "laporan.html",
    "index.html", "daerah.html", "daerah/3604.html", "daerah/3600.html", "daerah/1101.html",
    "indikator.html", "indikator/unemployment_rate.html", "transfer.html", "program.html",
    "program/3604.html", "pernyataan.html", "data.html", "sumber.html", "sumber/bps.html",
    "kesenjangan.html", "mutu.html", "rilis.html", "kebijakan.html", "glosarium.html",
]  # fmt: skip


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with FileLock(f"{home}.site.lock"):
        folder = home / "portal" / "current"
        if not folder.exists():
            build(Settings(home=home))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder.resolve())))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.opened() as found:
        yield found


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """Return a page and what it must not do: errors and requests to anywhere else."""
    page = browser.new_page(viewport={"width": 375, "height": 800})
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(address) else wrong.append(asked.url),
    )
    page.on("response", lambda got: wrong.append(got.url) if got.status >= 400 else None)
    yield page, wrong
    page.close()


def follow(link: Locator, to: str) -> None:
    """Click and wait until the page is whole: a click returns when its first bytes are there."""
    link.click()
    link.page.wait_for_url(to)


@pytest.mark.parametrize("lang", ["", "en/"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_clean_and_fits_a_phone(watched, address, path, lang):
    page, wrong = watched
    page.goto(f"{address}{lang}{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.locator("h1").count() == 1
    serious = [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:2]]}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_holds_in_both_colour_schemes_on_the_desktop(browser, address, scheme):
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    for path in ("index.html", "daerah/3604.html", "transfer.html"):
        page.goto(address + path)
        found = Axe().run(page).response["violations"]
        assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    page.close()


def test_a_student_reaches_a_figures_place_in_two_clicks(watched, address):
    page, wrong = watched
    page.goto(f"{address}daerah/3604.html")
    page.locator("details.figure summary").click()
    follow(page.locator("details.figure a"), "**/sumber/*#o-*")
    target = page.locator(":target").text_content() or ""
    assert "8,73" in target
    assert "sha256" in target
    assert wrong == []


def test_an_official_finds_a_programme_by_typing_without_a_mouse(watched, address):
    page, wrong = watched
    page.goto(f"{address}program.html")
    page.focus("#saring")
    page.keyboard.type("pelatihan kerja cilegon")
    shown = page.locator("tr.row:visible")
    assert 1 <= shown.count() <= 5
    assert "Kota Cilegon" in shown.first.inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('tr.row') !== null")
    assert wrong == []


def test_a_journalist_compares_regions_of_two_provinces_and_shares_the_address(watched, address):
    page, wrong = watched
    page.goto(f"{address}bandingkan.html#3604,3273")
    table = page.locator("table.side").first
    table.wait_for()
    heads = table.locator("thead th").all_inner_texts()
    assert heads[1:] == ["Kabupaten Serang", "Kota Bandung"]
    with_2024 = table.locator("tbody tr", has=page.locator("th", has_text="2024"))
    page.goto(f"{address}bandingkan/3200.html")
    own = page.locator("table[data-augusts] tr[data-region='3273'] td").all_inner_texts()
    page.goto(f"{address}bandingkan.html#3604,3273")
    with_2024.wait_for()
    shown = with_2024.locator("td").all_inner_texts()
    assert shown[1] in own
    assert page.locator(".chosen figure svg[role=img] path").count() >= 2
    follow(with_2024.locator("td a.fig").nth(1), "**/sumber/*#o-*")
    assert page.locator(":target").count() == 1
    assert wrong == []


def test_an_analyst_chooses_with_the_keyboard_and_the_address_keeps_it(watched, address):
    page, wrong = watched
    page.goto(f"{address}en/bandingkan.html")
    page.locator("#pilih select").nth(0).select_option("3604")
    page.locator("#pilih [role=status]", has_text=re.compile("^Choose two")).wait_for()
    page.locator("#pilih select").nth(1).select_option("3673")
    page.locator("table.side").first.wait_for()
    assert page.url.endswith("#3604,3673")
    body = page.locator("[data-shown^='unemployment_rate-2025-08']")
    assert [text.split()[0] for text in body.locator("td").all_inner_texts()] == ["8.73%", "6.95%"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    serious = [
        one["id"]
        for one in Axe().run(page).response["violations"]
        if one["impact"] in {"serious", "critical"}
    ]
    assert serious == []
    assert wrong == []


def test_an_editor_copies_a_citation_with_source_place_release_and_day(watched, address):
    page, wrong = watched
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{address}daerah/3604.html")
    page.locator("details.figure summary").click()
    follow(page.locator("details.figure a"), "**/sumber/*#o-*")
    page.locator("tr:target button.small").click()
    said = page.locator("tr:target [role=status]")
    said.wait_for()
    cite = page.evaluate("navigator.clipboard.readText()")
    assert cite in said.inner_text()
    for part in ("Kabupaten Serang", "Agustus 2025", "8,73 persen", "rilis 2", "/sumber/", "#o-"):
        assert part in cite
    assert "diakses" in cite
    assert wrong == []


def test_of_a_long_list_the_first_are_shown_until_all_are_asked_for(watched, address):
    page, wrong = watched
    page.goto(f"{address}program.html")
    assert page.locator("tr.row:visible").count() == 40
    page.locator("button", has_text="Tampilkan semua").click()
    assert page.locator("tr.row:visible").count() > 1000
    assert wrong == []


def test_the_first_tab_offers_to_skip_to_the_content(watched, address):
    page, _ = watched
    page.goto(f"{address}index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html#isi")


def test_a_page_is_whole_without_scripts(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}program.html")
    assert page.locator("tr.row").count() > 1000
    assert page.locator("#saring").is_visible() is False
    page.goto(f"{address}daerah/3604.html")
    assert page.locator("figure svg").count() >= 2
    page.goto(f"{address}bandingkan.html")
    assert page.locator("#pilih").is_visible() is False
    assert page.locator("table[data-augusts] tr").count() >= 9
    assert page.locator("table[data-column]").count() >= 8
    context.close()


def test_switching_the_language_stays_on_the_same_page(watched, address):
    page, _ = watched
    page.goto(f"{address}daerah/3673.html")
    follow(page.locator("a.language"), f"{address}en/daerah/3673.html")
    follow(page.locator("a.language"), f"{address}daerah/3673.html")


def test_home_is_readable_within_a_second(browser, address, record_property):
    page = browser.new_page()
    page.goto(f"{address}index.html")  # the first load warms the server
    page.reload()
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    first = page.evaluate(paint)
    sizes = page.evaluate("performance.getEntriesByType('resource').map(r => r.transferSize)")
    record_property("first_paint_ms", round(first))
    record_property("bytes_besides_the_page", sum(sizes))
    assert first < 3000  # a second on an idle machine, see docs/portal.md; tests share theirs
    assert sum(sizes) < 300_000
    page.close()
