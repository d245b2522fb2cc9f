"""Builds the document of one region, half-year and language from published marts."""

from __future__ import annotations

from functools import lru_cache

from portal.charts import Chart, Drawing, draw
from portal.formats import Lang, date
from portal.marts import Marts
from portal.report import disparity, doubts, facts, labour, programmes, transfers
from portal.report.citations import Citations
from portal.report.facts import Facts
from portal.report.model import Answer, Document, Items, Paragraph, Said, Section, Sources
from portal.report.period import Half
from portal.report.texts import say


def build(marts: Marts, region_code: str, half: Half, lang: Lang) -> Document:
    """Return the report of a region; raises UnknownRegionError for a code the release lacks.

    A half-year that no mart covers gives a report all the same: it says what is missing and why.
    """
    known = facts.read(marts, region_code, half)
    cite = Citations(marts, lang)
    answers = _answers(known, cite, lang)
    jobs = labour.section(known, cite, _drawn, lang)
    money = transfers.section(known, cite, lang)
    themes = programmes.section(known, cite, _drawn, lang)
    # A page of its own only where programmes did not take one: four to six pages in all.
    gap = disparity.section(known, cite, lang, starts_page=not themes.starts_page)
    doubt = doubts.section(known, cite, lang)
    sections = (answers, jobs, money, themes, gap, doubt, _sources(known, cite, lang))
    [publication] = marts.ask("publication")
    return Document(
        title=say("title", lang, region=known.region["name"]),
        subtitle=say("subtitle", lang, half=_capital(half.name(lang))),
        lang=lang,
        region_code=region_code,
        period=str(half),
        release_id=marts.release_id,
        about=say(
            "about_sample" if publication["is_sample"] else "about",
            lang,
            release=marts.release_id,
            day=date(publication["created_at"].date(), lang),
        ),
        sections=sections,
        labels={
            name: say(f"label_{name}", lang)
            for name in ("source", "sources", "page", "of", "missing", "derived", "disputed")
        },
    )


@lru_cache(maxsize=128)
def _drawn(drawing: Drawing) -> Chart:
    """Draw once what both languages, and regions of one province, share."""
    return draw(drawing)


def _answers(known: Facts, cite: Citations, lang: Lang) -> Section:
    answers = (
        ("jobs", labour.answer(known, lang)),
        ("transfers", transfers.cut_answer(known, lang)),
        ("budget", transfers.budget_answer(known, lang)),
        ("programmes", programmes.answer(known, lang)),
        ("gap", disparity.answer(known, lang)),
    )
    asked = tuple(
        Answer(say(f"question_{name}", lang), tuple(cite.said(one) for one in told))
        for name, told in answers
        if told
    )
    unknown = doubts.unknown(known, lang)
    blocks = (
        *asked,
        *((Paragraph((Said(say("unknown", lang)),)), Items(unknown)) if unknown else ()),
        Paragraph((Said(say("how_to_read", lang)),)),
    )
    return Section("answers", say("answers", lang), blocks)


def _sources(known: Facts, cite: Citations, lang: Lang) -> Section:
    listed = cite.listed()
    citation = say(
        "citation",
        lang,
        region=known.region["name"],
        half=known.half.name(lang),
        release=known.marts.release_id,
        year=known.marts.manifest["created_at"][:4],
        n=len(listed),
        code=known.region["region_code"],
        period=str(known.half),
    )
    terms = say("terms", lang)
    blocks = (
        *((Sources(listed),) if listed else (Paragraph((Said(say("no_sources", lang)),)),)),
        Paragraph((Said(f"{say('cite_as', lang)} {citation}"),)),
        Paragraph((Said(terms),)),
    )
    return Section("sources", say("sources", lang), blocks)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
