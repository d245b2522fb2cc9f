"""The money page of a report: the budget, transfers from Jakarta, and who said what was cut."""

from __future__ import annotations

from collections import defaultdict

from portal import formats, sentences
from portal.formats import Lang
from portal.marts import Row
from portal.report import cells
from portal.report.citations import Citations
from portal.report.facts import Facts
from portal.report.model import Block, Column, Items, Paragraph, Section, Table
from portal.report.model import Row as Line
from portal.report.texts import say
from portal.sentences import Sentence
from portal.words import word

N_CUTS = 14
N_CLAIMS = 10
_STATED = ("realised", "realised_to_date")


def cut_answer(facts: Facts, lang: Lang) -> list[Sentence]:
    """Return what the first page says about transfers in the period's year and the next."""
    told: list[Sentence] = []
    cuts, claims = facts.ask("report_transfer_cuts"), facts.ask("report_transfer_claims")
    for year in (facts.half.year, facts.half.year + 1):
        told += _total_of_year(facts, cuts, claims, year, lang)
    return told or [_no_cut(facts, cuts, lang)]


def budget_answer(facts: Facts, lang: Lang) -> list[Sentence]:
    """Return what the first page says about the budget: what was spent, or that nobody knows."""
    rows = facts.ask("report_budget")
    of_year = [row for row in rows if row["fiscal_year"] == facts.half.year]
    spending = next((row for row in of_year if row["account_code"] == "5"), None)
    told = sentences.absorption(spending, say("spending", lang), lang) if spending else None
    if told:
        return [told]
    if spending and spending["budget_idr"] is not None:
        return [
            Sentence(
                say(
                    "budget_only",
                    lang,
                    year=spending["fiscal_year"],
                    budget=formats.rupiah(spending["budget_idr"], lang),
                    stage=word("stage", spending["stage"], lang),
                ),
                (spending["obs_id"],),
            )
        ]
    latest = next((row for row in rows if row["account_code"] == "5"), None)
    return [
        sentences.missing(
            say("outturn", lang),
            str(facts.half.year),
            "not_in_release",
            lang,
            str(latest["fiscal_year"]) if latest else None,
        )
    ]


def section(facts: Facts, cite: Citations, lang: Lang) -> Section:
    """Return the section about the budget and transfers."""
    told = [*budget_answer(facts, lang), *cut_answer(facts, lang)]
    blocks: list[Block] = [Paragraph(tuple(cite.said(one) for one in told))]
    blocks += _budget(facts, cite, lang)
    blocks += _cuts(facts, cite, lang)
    blocks += _claims(facts, cite, lang)
    return Section("money", say("money", lang), tuple(blocks), starts_page=True)


def _total_of_year(
    facts: Facts, cuts: list[Row], claims: list[Row], year: int, lang: Lang
) -> list[Sentence]:
    total = next(
        (
            row
            for row in cuts
            if row["fiscal_year"] == year and row["component"] == "total" and row["is_headline"]
        ),
        None,
    )
    if total is None:
        return []
    about = [c for c in claims if c["fiscal_year"] == year and c["component"] == "total"]
    disputed = sentences.disputed_cut(facts.region["name"], about, lang)
    claim = next((c for c in about if c["obs_id"] == total["cut_obs_id"]), None)
    told = [
        disputed or sentences.transfer_cut(total, claim, lang),
        sentences.other_baselines(about, lang),
        None if disputed else sentences.cut_per_head(total, lang),
        None if disputed else sentences.own_revenue_needed(total, lang),
    ]
    return [one for one in told if one]


def _no_cut(facts: Facts, cuts: list[Row], lang: Lang) -> Sentence:
    totals = [row for row in cuts if row["component"] == "total"]
    this = [row for row in totals if row["fiscal_year"] >= facts.half.year and row["reason"]]
    older = [row for row in totals if row["fiscal_year"] < facts.half.year]
    return sentences.missing(
        say("cut", lang),
        f"{facts.half.year}–{facts.half.year + 1}",
        this[0]["reason"] if this else "not_in_release",
        lang,
        str(older[0]["fiscal_year"]) if older else None,
    )


def _of_period(facts: Facts, rows: list[Row]) -> tuple[list[Row], str]:
    """Return the rows of the period's year and the next, else of the last year there is.

    With the latter comes the year, so that a caption can say it is another one.
    """
    current = [row for row in rows if row["fiscal_year"] >= facts.half.year]
    if current or not rows:
        return current, ""
    last = max(row["fiscal_year"] for row in rows)
    return [row for row in rows if row["fiscal_year"] == last], str(last)


def _caption(name: str, facts: Facts, other: str, lang: Lang) -> str:
    years = other or f"{facts.half.year}–{facts.half.year + 1}"
    text = say(name, lang, region=facts.region["name"], years=years)
    if other:
        text += ". " + say("other_period", lang, half=facts.half.name(lang))
    return text


def _budget(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows, other = _of_period(facts, facts.ask("report_budget"))
    if not rows:
        return []
    lines = []
    for row in rows:
        is_outturn = row["realised_idr"] is not None
        stage = row["compared_stage"] if is_outturn else row["stage"]
        budget = row["compared_budget_idr"] if is_outturn else row["budget_idr"]
        name = row["account_name"] if lang == "id" else row["account_name_en"]
        lines.append(
            Line(
                (
                    cells.plain(str(row["fiscal_year"])),
                    cells.plain(str(name or row["account_name"])),
                    cells.figure(budget, cells.money(lang), row),
                    cells.plain(word("stage", stage, lang) if stage else ""),
                    cells.figure(row["realised_idr"], cells.money(lang)),
                    cells.plain(formats.date(row["as_of_date"], lang) if is_outturn else ""),
                    cells.figure(row["absorption_pct"], cells.share(lang)),
                ),
                cite.numbers([row["obs_id"]]),
            )
        )
    columns = (
        Column(say("column_year", lang), width=0.7),
        Column(say("column_account", lang), width=2.2),
        Column(say("column_budget", lang), is_number=True, width=1.2),
        Column(say("column_stage", lang), width=1.5),
        Column(say("column_spent", lang), is_number=True, width=1.2),
        Column(say("column_until", lang), width=1.4),
        Column(say("column_percent", lang), is_number=True, width=0.7),
    )
    caption = _caption("budget_table", facts, other, lang)
    return [Table(caption, columns, tuple(lines), say("budget_note", lang))]


def _cuts(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows, other = _of_period(facts, facts.ask("report_transfer_cuts"))
    shown = sorted(rows, key=_cut_order)[:N_CUTS]
    if not shown:
        return []
    lines = []
    for row in shown:
        how = word("baseline" if row["basis"] == "reported" else "basis", row["basis"], lang)
        if row["basis"] == "reported":
            how = f"{word('basis', 'reported', lang)}, {word('baseline', row['baseline'], lang)}"
        reason = row["reason"]
        note = f"{how}; {word('reason', reason, lang)}" if reason else how
        lines.append(
            Line(
                (
                    cells.plain(str(row["fiscal_year"])),
                    cells.plain(word("component", row["component"], lang)),
                    cells.figure(row["amount_idr"], cells.money(lang)),
                    cells.figure(row["prior_amount_idr"], cells.money(lang)),
                    cells.figure(row["cut_idr"], cells.money(lang), row),
                    cells.figure(row["cut_pct"], cells.share(lang)),
                    cells.plain(note),
                ),
                cite.numbers([row["amount_obs_id"], row["prior_obs_id"], row["cut_obs_id"]]),
            )
        )
    columns = (
        Column(say("column_year", lang), width=0.7),
        Column(say("column_component", lang), width=1.5),
        Column(say("column_amount", lang), is_number=True, width=1.2),
        Column(say("column_prior", lang), is_number=True, width=1.2),
        Column(say("column_cut", lang), is_number=True, width=1.2),
        Column(say("column_percent", lang), is_number=True, width=0.7),
        Column(say("column_basis", lang), width=2.4),
    )
    note = say("cuts_note", lang)
    if len(rows) > len(shown):
        note += " " + say("rows_left_out", lang, shown=len(shown), n=len(rows))
    return [Table(_caption("cuts_table", facts, other, lang), columns, tuple(lines), note)]


def _cut_order(row: Row) -> tuple[int, bool, str, bool, str]:
    return (
        -row["fiscal_year"],
        row["component"] != "total",
        row["component"],
        not row["is_headline"],
        row["baseline"],
    )


def _claims(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows, other = _of_period(facts, facts.ask("report_transfer_claims"))
    if not rows:
        return []
    lines = tuple(
        Line(
            (
                cells.plain(formats.date(row["claimed_at"], lang)),
                cells.plain(str(row["claimant"])),
                cells.plain(f"{word('component', row['component'], lang)} {row['fiscal_year']}"),
                cells.figure(row["amount_idr"], lambda v: formats.rupiah(v, lang, 4), row),
                cells.plain(word("baseline", row["baseline"], lang)),
                cells.plain(word("relation", row["relation"], lang)),
            ),
            cite.numbers([row["obs_id"]]),
        )
        for row in rows[:N_CLAIMS]
    )
    columns = (
        Column(say("column_said_on", lang), width=1.3),
        Column(say("column_office", lang), width=1.6),
        Column(say("column_about", lang), width=1.5),
        Column(say("column_cut", lang), is_number=True, width=1.2),
        Column(say("column_baseline", lang), width=1.6),
        Column(say("column_relation", lang), width=1.2),
    )
    by_year: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_year[row["fiscal_year"], row["component"]].append(row)
    blocks: list[Block] = [
        Table(
            _caption("claims_table", facts, other, lang), columns, lines, say("claims_note", lang)
        )
    ]
    disputes = [
        found
        for held in by_year.values()
        if (found := sentences.disputed_cut(facts.region["name"], held, lang))
    ]
    if disputes and other:
        blocks.append(Items(tuple(cite.said(one) for one in disputes)))
    return blocks
