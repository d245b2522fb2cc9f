"""Finished reports are laid out in a site in both languages, each with its way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.settings import Settings
from portal.report import shelf

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "a home"
    for half, code, langs in (
        ("2025-S2", "3673", ("id", "en")),
        ("2025-S1", "3673", ("id", "en")),
        ("2025-S2", "3604", ("id",)),
    ):
        folder = home / "reports" / half
        folder.mkdir(parents=True, exist_ok=True)
        for lang in langs:
            text = f"<main>\n<h1>{half} {code} {lang}</h1></main>"
            (folder / f"{code}-{half}-{lang}.html").write_text(text, encoding="utf-8")
            (folder / f"{code}-{half}-{lang}.pdf").write_bytes(b"%PDF " + lang.encode())
    (home / "reports" / "notes").mkdir()
    (home / "reports" / "2025-S2" / "written.json").write_text("{}", encoding="utf-8")
    return Settings(home=home)


def test_only_whole_reports_are_listed_newest_first(settings: Settings) -> None:
    assert shelf.written(settings) == {"3673": ["2025-S2", "2025-S1"]}
    assert shelf.written(Settings(home=settings.home / "nothing")) == {}


def test_a_report_lies_in_its_language_and_leads_back(settings: Settings, tmp_path: Path) -> None:
    site = tmp_path / "site"
    names = {"3673": HOSTILE}
    shelf.lay_out(settings, {"3673": ["2025-S2"], "9999": ["2025-S2"]}, names, site)
    files = sorted(file.relative_to(site).as_posix() for file in site.rglob("*.*"))
    assert files == [
        "en/laporan/2025-S2/3673.html",
        "en/laporan/2025-S2/3673.pdf",
        "laporan/2025-S2/3673.html",
        "laporan/2025-S2/3673.pdf",
    ]
    page = (site / "en/laporan/2025-S2/3673.html").read_text(encoding="utf-8")
    assert "<h1>2025-S2 3673 en</h1>" in page
    assert 'href="../../daerah/3673.html"' in page
    assert HOSTILE not in page
    assert "&lt;img" in page
    assert (site / "laporan/2025-S2/3673.pdf").read_bytes() == b"%PDF id"


def test_a_rewritten_report_leaves_the_site_as_it_was(settings: Settings, tmp_path: Path) -> None:
    """The two names of one PDF must not let a half-written one into a finished site."""
    site = tmp_path / "site"
    shelf.lay_out(settings, {"3673": ["2025-S2"]}, {"3673": "Kota Serang"}, site)
    file = settings.home / "reports" / "2025-S2" / "3673-2025-S2-id.pdf"
    fresh = file.with_name("fresh")
    fresh.write_bytes(b"%PDF new")
    fresh.replace(file)
    assert (site / "laporan/2025-S2/3673.pdf").read_bytes() == b"%PDF id"
