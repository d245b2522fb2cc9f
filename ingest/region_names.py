"""The normal form of a region's published name, so that spellings of one name are equal.

Only what is written differently is levelled; what is called differently is an alias, in
``geography/region_aliases.csv``.
"""

from __future__ import annotations

import html
import re

#: How names announce what they are. The longest wins; a dot counts as a space.
PREFIXES = {
    "kabupaten administrasi": "kabupaten",
    "kabupaten adm": "kabupaten",
    "kabupaten": "kabupaten",
    "kab administrasi": "kabupaten",
    "kab adm": "kabupaten",
    "kab": "kabupaten",
    "kota administrasi": "kota",
    "kota adm": "kota",
    "kotamadya": "kota",
    "kodya": "kota",
    "kota": "kota",
    "provinsi": "province",
    "propinsi": "province",
    "prov": "province",
    "prop": "province",
    "adm": None,
}
_PREFIX = re.compile(rf"(?:{'|'.join(sorted(PREFIXES, key=len, reverse=True))})(?= \S)")
_TAG = re.compile(r"<[^<>]*>")
_NO_WORD = re.compile(r"[\W_]+")
_KEP = re.compile(r"\bkep\b")


def split_name(name: str) -> tuple[str | None, str]:
    """Return what a published name says it is (kabupaten, kota, province) and its key.

    The key drops mark-up, case, dots, hyphens and spaces, for "S I A K" is Siak and
    "Kab.Minahasa" is Kabupaten Minahasa; "Kep." is Kepulauan.
    """
    text = plain(name)
    prefix = _PREFIX.match(text)
    said = PREFIXES[prefix.group()] if prefix else None
    return said, key_of(text[prefix.end() :] if prefix else text)


def plain(name: str) -> str:
    """Return a name in lower case, words apart by one space, without mark-up."""
    return _NO_WORD.sub(" ", _TAG.sub(" ", html.unescape(name)).casefold()).strip()


def key_of(text: str) -> str:
    """Return the key of plain words."""
    return _KEP.sub("kepulauan", text).replace(" ", "")
