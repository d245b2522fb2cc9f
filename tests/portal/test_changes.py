"""The page on what a release changed: each figure with its old and its new value."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from lxml import html

from portal import library as shelves
from portal.library import QUESTIONS, Library
from portal.pages import trust
from portal.rendering import render

REGION = {
    "region_code": "3604", "name": "Kabupaten Serang", "type": "kabupaten",
    "parent_region_code": "3600", "kemendagri_code": None, "djpk_code": None, "valid_from": None,
}  # fmt: skip
PUBLICATION = {
    "release_id": "r2", "created_at": datetime.datetime(2026, 11, 22, 7, 15), "is_sample": True,
    "n_observations": 1, "n_claims": 1, "n_rejected": 0,
}  # fmt: skip
RATE = {
    "indicator_id": "unemployment_rate", "name_id": "Tingkat pengangguran",
    "name_en": "Unemployment rate", "definition_id": "", "definition_en": "", "unit": "percent",
    "theme": "employment", "direction": "lower_is_better", "cadence": "sakernas", "licence": None,
}  # fmt: skip


def change(kind: str, label: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {
        "dataset_id": "rates", "indicator_id": "unemployment_rate", "region_code": "3604",
        "period_label": label, "kind": kind,
        "old_value": None if old is None else Decimal(old), "old_unit": old and "percent",
        "new_value": None if new is None else Decimal(new), "new_unit": new and "percent",
    }  # fmt: skip


def rows_of(changes: list[dict[str, Any]], lang: str) -> tuple[str, list[list[str]]]:
    """Return the page's answer, and the cells of its table of changes."""
    rows: dict[str, list[dict[str, Any]]] = {question: [] for question in QUESTIONS}
    rows |= {"release_diff": changes, "indicators": [RATE]}
    library = shelves.arranged(Library("r2", PUBLICATION, {"3604": REGION}, rows, {}))
    [page] = [page for page in trust.pages(library) if page.path == "rilis.html"]
    document = html.fromstring(render(page, lang, {}))
    answer = document.xpath("string(//p[@class='answer'])").strip()
    lines = document.xpath("//main//table[1]/tbody/tr")
    return answer, [[cell.text_content().strip() for cell in line] for line in lines]


def test_each_changed_figure_shows_what_it_was_and_is() -> None:
    changes = [
        change("changed", "2025-08", "9.18", "8.73"),
        change("added", "2026-02", None, "8.5"),
        change("deleted", "2024-08", "9.94", None),
    ]
    answer, cells = rows_of(changes, "en")
    assert answer == "3 figures differ from the release before."
    assert [line[1:] for line in cells] == [
        ["changed", "9.18%", "8.73%"], ["added", "–", "8.5%"], ["deleted", "9.94%", "–"],
    ]  # fmt: skip
    assert cells[0][0].startswith("Unemployment rate, Kabupaten Serang, ")
    _, cells = rows_of(changes, "id")
    assert cells[0][1:] == ["berubah", "9,18 persen", "8,73 persen"]


def test_a_first_release_changes_nothing_and_says_so() -> None:
    answer, cells = rows_of([], "en")
    assert answer.startswith("No difference from a release before is recorded")
    assert cells == []
