"""Writes a page in a language: Jinja templates with autoescape on, and the filters they use."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.runtime import Context
from markupsafe import Markup, escape

from portal import formats, sentences, tiles, words
from portal.charts import Chart
from portal.formats import LANGS, Lang
from portal.library import anchor
from portal.pages.page import Page

TEMPLATES = Path(__file__).parent / "templates"
#: What a page holds in place of the release's id and day until it is stamped: pages that say the
#: same in two releases are written once.
RELEASE_STAMP = "\ue000release\ue000"
DAY_STAMP = "\ue000day\ue000"
SITE_STAMP = "\ue000site\ue000"


def render(page: Page, lang: Lang, charts: Mapping[str, Chart]) -> str:
    """Write a page in a language; the release is stamped in later."""
    depth = page.path.count("/")
    here = "../" * depth
    other: Lang = "en" if lang == "id" else "id"
    top = here + ("../" if lang == "en" else "")
    return environment().get_template(page.template).render(
        **page.data,
        page=page,
        lang=lang,
        here=here,
        top=top,
        other_page=f"{top}{'en/' if other == 'en' else ''}{page.path}",
        charts=charts,
        T=lambda indonesian, english: indonesian if lang == "id" else english,
    )  # fmt: skip


@dataclass(frozen=True)
class Stamps:
    """What is put into finished pages: the release's id and moment, and the site's address."""

    release_id: str
    released: datetime.datetime
    site_url: str


def stamped(html: str, stamps: Stamps, lang: Lang) -> str:
    """Put the release and the site's address into a finished page."""
    return (
        html.replace(RELEASE_STAMP, stamps.release_id)
        .replace(DAY_STAMP, formats.date(stamps.released.date(), lang))
        .replace(SITE_STAMP, str(escape(stamps.site_url.rstrip("/") + "/")))
    )


@cache
def environment() -> jinja2.Environment:
    """Return the templates: what is undefined fails, what is text is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({
        "num": _in_language(formats.number),
        "signed": _in_language(formats.signed),
        "pct": _in_language(formats.percent),
        "points": _in_language(formats.percentage_points),
        "rp": _in_language(formats.rupiah),
        "rp_exact": _in_language(formats.rupiah_exact),
        "persons": _in_language(formats.persons),
        "quantity": _quantity,
        "exact": _exact,
        "date": _in_language(_date),
        "period": _in_language(formats.period),
        "word": _word,
        "chart": _chart,
        "safe_url": safe_url,
        "theme": _theme,
        "unit": _unit,
        "any_word": _any_word,
        "category": _category,
        "tile_value": _tile_value,
        "said": _said,
        "grouped": _in_language(_grouped),
        "sentence": lambda text: text[:1].upper() + text[1:],
        "lower_first": lambda text: text[:1].lower() + text[1:],
        "min_by": lambda rows, column: min(rows, key=lambda row: row[column]),
        "max_by": lambda rows, column: max(rows, key=lambda row: row[column]),
    })  # fmt: skip
    made.globals.update(
        say=sentences,
        SHORT=tiles.SHORT,
        short_name=_short_name,
        Z=sentences.Z_95,
        LANGS=LANGS,
        RELEASE=RELEASE_STAMP,
        SITE=SITE_STAMP,
        RELEASED=DAY_STAMP,
        anchor=anchor,
        MISSING=formats.MISSING,
    )
    return made


def safe_url(url: str | None) -> str | None:
    """Return an address only where following it is harmless: no script, no local file."""
    return url if url and url.startswith(("https://", "http://")) else None


def _in_language(write: Any) -> Any:
    @jinja2.pass_context
    def filtered(context: Context, value: Any, *args: Any) -> str:
        return str(write(value, context["lang"], *args))

    return filtered


def _grouped(text: str, lang: Lang) -> str:
    """Write a text that is one long number with its groups of three; any other as it is."""
    plain = text.strip()
    if len(plain) > 4 and plain.replace(".", "", 1).isdigit() and plain.isascii():
        return formats.number(Decimal(plain), lang)
    return text


def _date(value: datetime.date | datetime.datetime | str | None, lang: Lang) -> str:
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        value = value.date()
    return formats.date(value, lang)


@jinja2.pass_context
def _quantity(context: Context, value: Any, unit: str, places: int | None = None) -> str:
    return formats.quantity(value, unit, context["lang"], places)


@jinja2.pass_context
def _exact(context: Context, value: Any, unit: str) -> str:
    """Write a value in full: money to the rupiah."""
    if unit.startswith("idr"):
        return formats.rupiah_exact(value, context["lang"])
    return formats.quantity(value, unit, context["lang"])


@jinja2.pass_context
def _word(context: Context, code: str | None, kind: str) -> str:
    return words.word(kind, code, context["lang"])


@jinja2.pass_context
def _any_word(context: Context, code: str | None, kind: str) -> str:
    """Write a code's words where it has them; it may also be the name of a thing, kept as it is."""
    if code is not None and not words.has(kind, code):
        return code.replace("_", " ")
    return words.word(kind, code, context["lang"])


@jinja2.pass_context
def _category(context: Context, code: str, breakdown: str) -> str:
    return _any_word(context, code, words.kind_of(breakdown))


@jinja2.pass_context
def _theme(context: Context, code: str) -> str:
    return words.word("theme", code, context["lang"])


@jinja2.pass_context
def _unit(context: Context, code: str) -> str:
    return words.word("unit", code, context["lang"])


@jinja2.pass_context
def _said(context: Context, value: Any, unit: str, test: str) -> str:
    """Write what a statement says: a difference of rates is in points, money to five digits."""
    lang = context["lang"]
    if unit == "percent" and test in {"difference", "direction"}:
        return formats.percentage_points(value, lang, 2)
    if unit == "percent":
        return formats.percent(value, lang, 2)
    return formats.rupiah(value, lang, 5) if unit == "idr" else formats.quantity(value, unit, lang)


@jinja2.pass_context
def _tile_value(context: Context, value: Any, unit: str) -> str:
    """Write a value for a tile: short, its unit told in the caption."""
    if unit.startswith("idr"):
        return formats.rupiah(value, context["lang"], 2)
    return formats.number(value, context["lang"], 2 if unit == "percent" else None)


def _short_name(name: str) -> str:
    return name.replace("Kabupaten ", "Kab. ").replace("Tangerang Selatan", "Tangsel")


@jinja2.pass_context
def _chart(context: Context, name: str, title: str, finding: str, highlight: str = "") -> Markup:
    """Write a chart with its texts in the page's language; its name states the finding."""
    chart: Chart = context["charts"][name]
    return chart.on_page(context["lang"], title, finding, highlight)
