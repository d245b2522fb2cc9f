"""What the marts' codes are called by people, in both languages: stages, reasons, verdicts, ...

The words are in ``words.yml``. A code that is not there is shown as it is, so that a new one never
breaks a page; a test fails until it has its words.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portal.formats import MISSING, Lang

FILE = Path(__file__).with_name("words.yml")


def word(kind: str, code: str | None, lang: Lang) -> str:
    """Return the words of a code: ``word("stage", "enacted", "en")`` is "enacted".

    ``kind`` is a heading of ``words.yml`` (stage, reason, component, ...). Raises KeyError for an
    unknown kind, which is a mistake of ours.
    """
    if code is None:
        return MISSING[lang]
    texts: dict[str, str] = all_words()[kind].get(code, {})
    return texts.get(lang, code.replace("_", " "))


def kind_of(breakdown: str) -> str:
    """Return the kind that a breakdown's categories are found under: mostly ``category``.

    ``sd`` among levels of education is "primary school or less", among schools it is one.
    """
    return breakdown if breakdown in all_words() else "category"


def has(kind: str, code: str) -> bool:
    """Tell whether a code has its words."""
    return code in all_words()[kind]


@cache
def all_words() -> dict[str, Any]:
    """Return every word by kind, code and language."""
    read: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read
