"""The portal's pages as they are served: the current ones, and a word until there are any."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from service.site import Site


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for release, text in (("r1", "first"), ("r2", "second")):
        (tmp_path / release / "daerah").mkdir(parents=True)
        (tmp_path / release / "index.html").write_text(text)
        (tmp_path / release / "daerah" / "index.html").write_text(f"{text} regions")
    (tmp_path / "secret.txt").write_text("not for readers")
    return tmp_path


def test_until_there_is_a_site_a_page_says_so_in_both_languages(home):
    answer = TestClient(Site(home / "current")).get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "Halaman belum dibuat" in answer.text
    assert "Not built yet" in answer.text


def test_a_new_site_is_served_from_the_moment_it_is_current(home):
    reader = TestClient(Site(home / "current"))
    (home / "current").symlink_to("r1")
    assert reader.get("/").text == "first"
    assert reader.get("/daerah/").text == "first regions"
    (home / "next").symlink_to("r2")
    (home / "next").replace(home / "current")
    assert reader.get("/").text == "second"
    assert reader.get("/").headers["cache-control"] == "no-cache"
    assert reader.get("/").headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/missing.html", "/../secret.txt", "/%2e%2e/secret.txt"])
def test_what_is_not_of_the_site_is_not_found(home, path):
    (home / "current").symlink_to("r1")
    answer = TestClient(Site(home / "current")).get(path)
    assert answer.status_code == 404
    assert "not for readers" not in answer.text


def test_pages_are_read_and_never_written(home):
    (home / "current").symlink_to("r1")
    assert TestClient(Site(home / "current")).post("/", content=b"x").status_code == 405
