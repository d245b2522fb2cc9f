"""docs/gallery.md says what the bundled figures say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gallery import page, questions
from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse


def test_the_page_is_what_the_figures_say_today():
    committed = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    assert page.page(warehouse(), questions.load()) == committed, (
        "write it again: LUMBUNG_HOME=$(mktemp -d) make refresh, then python -m gallery"
    )


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (Decimal("8.7300"), "8.73"),
        (Decimal("200.00"), "200"),
        (412360, "412360"),
        (date(2025, 8, 15), "2025-08-15"),
        ("a|b\nc", "a\\|b c"),
    ],
)
def test_values_are_written_without_padding_and_never_break_a_table(cell, text):
    assert page.written(cell) == text
