"""Headings, captions and notes of reports, from ``texts.yml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from portal.formats import Lang

FILE = Path(__file__).with_name("texts.yml")


def say(name: str, lang: Lang, **told: object) -> str:
    """Return a text of ``texts.yml`` with what is told filled in; KeyError for an unknown one."""
    return all_texts()[name][lang].format(**told)


@cache
def all_texts() -> dict[str, dict[Lang, str]]:
    """Return every text by name and language."""
    read: dict[str, dict[Lang, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read
