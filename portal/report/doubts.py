"""What is missing, disputed, restated or said and checked: the other half of a report."""

from __future__ import annotations

from collections import defaultdict

from portal import formats, sentences
from portal.formats import Lang
from portal.marts import Row
from portal.report import cells
from portal.report.citations import Citations
from portal.report.facts import Facts
from portal.report.model import Block, Column, Items, Paragraph, Said, Section, Table
from portal.report.model import Row as Line
from portal.report.texts import say
from portal.words import word

N_FIRST_PAGE = 5


def unknown(facts: Facts, lang: Lang) -> tuple[Said, ...]:
    """Return the list of the first page: questions without a figure, grouped by why."""
    told = []
    for reason, rows in _by_reason(facts).items():
        names = [_name(row, lang) for row in rows]
        shown = "; ".join(names[:N_FIRST_PAGE])
        more = len(names) - N_FIRST_PAGE
        if more > 0:
            shown += say("and_more", lang, n=more)
        told.append(Said(f"{_capital(word('reason', reason, lang))}: {shown}."))
    return tuple(told)


def section(facts: Facts, cite: Citations, lang: Lang) -> Section:
    """Return the section about what is missing or disputed."""
    blocks = _conflicts(facts, cite, lang) + _broken(facts, cite, lang)
    blocks += _checked(facts, cite, lang) + _missing(facts, lang)
    if not blocks:
        blocks = [Paragraph((Said(say("no_doubts", lang)),))]
    return Section("doubts", say("doubts", lang), tuple(blocks))


def _by_reason(facts: Facts) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in facts.ask("report_unknown"):
        found[row["reason"]].append(row)
    return found


def _name(row: Row, lang: Lang) -> str:
    return str(row["name_id"] if lang == "id" else row["name_en"])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _conflicts(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows = facts.ask("report_conflicts")
    if not rows:
        return []
    lines = tuple(
        Line(
            (
                cells.plain(_name(row, lang)),
                cells.plain(formats.period(row["period_label"], lang)),
                cells.plain(word("stage", row["stage"], lang)),
                cells.figure(row["value"], cells.in_unit(row["unit"], lang)),
                cells.plain(word("conflict", row["conflict_kind"], lang)),
                cells.plain(str(row["n_claims"])),
            ),
            cite.numbers([row["obs_id"]]),
        )
        for row in rows
    )
    columns = (
        Column(say("column_indicator", lang), width=2.4),
        Column(say("column_period", lang), width=1.4),
        Column(say("column_stage", lang), width=1.4),
        Column(say("column_headline", lang), is_number=True, width=1.4),
        Column(say("column_conflict", lang), width=1.3),
        Column(say("column_claims", lang), is_number=True, width=0.8),
    )
    return [Table(say("conflicts_table", lang), columns, lines, say("conflicts_note", lang))]


def _broken(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    told = [sentences.parts_differ(row, lang) for row in facts.ask("report_contradictions")]
    told += [sentences.restated(row, row, lang) for row in facts.ask("report_revisions")]
    return [Items(tuple(cite.said(one) for one in told))] if told else []


def _checked(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows = facts.ask("report_statements")
    if not rows:
        return []
    told = tuple(cite.said(sentences.checked(row, lang)) for row in rows)
    return [Paragraph((Said(say("statements", lang)),)), Items(told)]


def _missing(facts: Facts, lang: Lang) -> list[Block]:
    """List what has no figure with who holds one, so that somebody can ask for it."""
    rows = facts.ask("report_unknown")
    if not rows:
        return []
    lines = tuple(
        Line(
            (
                cells.plain(_name(row, lang)),
                cells.plain(word("reason", row["reason"], lang)),
                cells.plain(str(row["holder_id"] if lang == "id" else row["holder_en"])),
            )
        )
        for row in rows
    )
    columns = (
        Column(say("column_question", lang), width=3),
        Column(say("column_why", lang), width=1.8),
        Column(say("column_holder", lang), width=1.8),
    )
    return [Table(say("missing_table", lang), columns, lines)]
