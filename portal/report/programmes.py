"""The programmes page of a report: what the budget is for, by theme."""

from __future__ import annotations

from portal import formats, sentences
from portal.charts import Bar, Drawing, Text
from portal.formats import Lang
from portal.marts import Row
from portal.report import cells
from portal.report.citations import Citations
from portal.report.facts import Facts
from portal.report.labour import Draw
from portal.report.model import Block, Column, Paragraph, Picture, Section, Table
from portal.report.model import Row as Line
from portal.report.texts import say
from portal.sentences import Sentence
from portal.words import word

JOBS_THEME = "employment"


def answer(facts: Facts, lang: Lang) -> list[Sentence]:
    """Return what the first page says about programmes: the theme of jobs in the period's year."""
    rows = facts.ask("report_themes")
    if not rows or rows[0]["fiscal_year"] < facts.half.year:
        latest = str(rows[0]["fiscal_year"]) if rows else None
        what = say("programme_budget", lang)
        reason = "not_in_release" if rows else "programme_lines_not_published"
        return [sentences.missing(what, str(facts.half.year), reason, lang, latest)]
    jobs = next((row for row in rows if row["theme"] == JOBS_THEME), None)
    told = sentences.ceiling(jobs, lang) if jobs else None
    return [told] if told else []


def section(facts: Facts, cite: Citations, draw: Draw, lang: Lang) -> Section:
    """Return the section about programmes by theme."""
    rows = facts.ask("report_themes")
    blocks: list[Block] = [Paragraph(tuple(cite.said(one) for one in answer(facts, lang)))]
    if rows:
        blocks += _themes(facts, rows, cite, draw, lang)
    return Section("programmes", say("programmes", lang), tuple(blocks), starts_page=bool(rows))


def _themes(facts: Facts, rows: list[Row], cite: Citations, draw: Draw, lang: Lang) -> list[Block]:
    year = rows[0]["fiscal_year"]
    told = {"region": facts.region["name"], "year": year}
    caption = say("themes", lang, **told)
    if year < facts.half.year:
        caption += ". " + say("other_period", lang, half=facts.half.name(lang))
    numbers = cite.numbers(
        row["obs_id"] for row in facts.ask("report_programme_evidence", year=year)
    )
    named = [row for row in rows if not row["is_support"] and row["budget_idr"] is not None]
    blocks: list[Block] = []
    if named:
        largest = named[0]
        finding = say(
            "themes_finding",
            lang,
            **told,
            theme=_theme(largest, lang),
            budget=formats.rupiah(largest["budget_idr"], lang),
        )
        svg = draw(Drawing(kind="bars", bars=tuple(map(_bar, named)))).in_language(lang)
        blocks.append(Picture(svg, caption, finding, width_percent=48))
    jobs = next((row for row in rows if row["theme"] == JOBS_THEME), None)
    ceiling = sentences.ceiling(jobs, lang) if jobs and year < facts.half.year else None
    if ceiling:
        blocks.append(Paragraph((cite.said(ceiling),)))
    lines = tuple(_line(row, numbers, lang) for row in rows)
    stages = sorted({word("stage", row["stage"], lang) for row in rows})
    note = say("themes_note", lang, stage=", ".join(stages))
    if any(row["denominator_year"] for row in rows):
        years = {str(row["denominator_year"]) for row in rows if row["denominator_year"]}
        note += " " + say("themes_population", lang, year=", ".join(sorted(years)))
    blocks.append(Table(say("themes_table", lang, **told), _columns(lang), lines, note))
    return blocks


def _theme(row: Row, lang: Lang) -> str:
    name = str(row["theme_name"] if lang == "id" else row["theme_name_en"])
    return f"{name} ({say('support', lang)})" if row["is_support"] else name


def _bar(row: Row) -> Bar:
    spent = row["realised_idr"]
    shown = spent if spent is not None else row["budget_idr"]
    return Bar(
        key=row["theme"],
        name=Text(row["theme_name"], row["theme_name_en"]),
        value=float(spent) if spent is not None else None,
        label=Text(formats.rupiah(shown, "id"), formats.rupiah(shown, "en")),
        outline=float(row["budget_idr"]),
    )


def _columns(lang: Lang) -> tuple[Column, ...]:
    return (
        Column(say("column_theme", lang), width=2.4),
        Column(say("column_budget", lang), is_number=True, width=1.2),
        Column(say("column_share", lang), is_number=True, width=0.9),
        Column(say("column_per_head", lang), is_number=True, width=1.1),
        Column(say("column_spent", lang), is_number=True, width=1.3),
        Column(say("column_percent", lang), is_number=True, width=0.7),
        Column(say("column_programmes", lang), is_number=True, width=0.9),
    )


def _line(row: Row, sources: tuple[int, ...], lang: Lang) -> Line:
    spent = cells.figure(row["realised_idr"], cells.money(lang))
    if row["realised_idr"] is None and row["realised_reason"]:
        spent = type(spent)(word("reason", row["realised_reason"], lang), mark="missing")
    return Line(
        (
            cells.plain(_theme(row, lang)),
            cells.figure(row["budget_idr"], cells.money(lang), row),
            cells.figure(row["share_of_budget_pct"], cells.rate(lang)),
            cells.figure(row["budget_per_capita_idr"], cells.money(lang)),
            spent,
            cells.figure(row["absorption_pct"], cells.share(lang)),
            cells.plain("" if row["is_support"] else str(row["n_programs"])),
        ),
        sources,
    )
