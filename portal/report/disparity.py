"""The gap within the area, and the region's own figures year by year."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal import formats, sentences
from portal.formats import Lang
from portal.marts import Row
from portal.report import cells
from portal.report.citations import Citations
from portal.report.facts import Facts
from portal.report.model import Block, Cell, Column, Paragraph, Section, Table
from portal.report.model import Row as Line
from portal.report.texts import say
from portal.sentences import Sentence

UNEMPLOYMENT = "unemployment_rate"


def answer(facts: Facts, lang: Lang) -> list[Sentence]:
    """Return what the first page says about the gap within the area."""
    rows = [
        row
        for row in _rows(facts)
        if row["indicator_id"] == UNEMPLOYMENT and row["highest_value"] is not None
    ]
    if not rows or not _in_half(facts, rows[0]):
        latest = formats.period(rows[0]["period_label"], lang) if rows else None
        what = say("gap_of", lang, area=facts.area["name"])
        return [sentences.missing(what, facts.half.name(lang), "not_in_release", lang, latest)]
    told = [_spread(facts, rows[0], lang), _index(facts, rows[0], rows, lang)]
    return [one for one in told if one]


def section(facts: Facts, cite: Citations, lang: Lang, starts_page: bool) -> Section:
    """Return the section about the gap, with the region's scorecard."""
    blocks: list[Block] = [Paragraph(tuple(cite.said(one) for one in answer(facts, lang)))]
    blocks += _gaps(facts, cite, lang)
    blocks += _scorecard(facts, lang)
    return Section("gap", say("gap", lang), tuple(blocks), starts_page)


def _rows(facts: Facts) -> list[Row]:
    """Return the area's rows, the newest first, none later than the half-year."""
    until = facts.half.end.isoformat()
    rows = facts.ask("report_disparity")
    return [row for row in rows if row["period_label"] <= until[: len(row["period_label"])]]


def _in_half(facts: Facts, row: Row) -> bool:
    label = str(row["period_label"])
    if len(label) == 4:
        return int(label) == facts.half.year
    return facts.half.has_month(int(label[:4]), int(label[5:7]))


def _spread(facts: Facts, row: Row, lang: Lang) -> Sentence | None:
    return sentences.spread(
        row,
        facts.name(row["highest_region_code"]),
        facts.name(row["lowest_region_code"]),
        facts.indicator(row["indicator_id"]),
        lang,
    )


def _index(facts: Facts, row: Row, rows: list[Row], lang: Lang) -> Sentence | None:
    label = str(row["period_label"])
    year_before = f"{int(label[:4]) - 1}{label[4:]}"
    before = next(
        (
            one
            for one in rows
            if one["period_label"] == year_before and one["series_version"] == row["series_version"]
        ),
        None,
    )
    return sentences.inequality(row, before, facts.indicator(row["indicator_id"]), lang)


def _gaps(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    newest: dict[str, Row] = {}
    for row in _rows(facts):
        if row["highest_value"] is not None:
            newest.setdefault(row["indicator_id"], row)
    if not newest:
        return []
    lines = []
    for indicator_id, row in newest.items():
        indicator = facts.indicator(indicator_id)
        write = cells.in_unit(indicator["unit"], lang)
        evidence = facts.ask(
            "report_disparity_evidence",
            indicator=indicator.get("computed_from", indicator_id),
            period=row["period_label"],
        )
        highest, lowest = (facts.name(row[f"{end}_region_code"]) for end in ("highest", "lowest"))
        lines.append(
            Line(
                (
                    cells.plain(indicator["name_id"] if lang == "id" else indicator["name_en"]),
                    cells.plain(formats.period(row["period_label"], lang)),
                    cells.plain(f"{highest}: {write(row['highest_value'])}"),
                    cells.plain(f"{lowest}: {write(row['lowest_value'])}"),
                    cells.figure(row["max_min_ratio"], cells.rate(lang)),
                    cells.figure(
                        row["williamson_index"], lambda v: formats.number(v, lang, places=3)
                    ),
                    cells.plain(f"{row['n_reported']}/{row['n_expected']}"),
                ),
                cite.numbers(one["obs_id"] for one in evidence),
            )
        )
    columns = (
        Column(say("column_indicator", lang), width=1.9),
        Column(say("column_period", lang), width=1.2),
        Column(say("column_highest", lang), width=1.9),
        Column(say("column_lowest", lang), width=1.9),
        Column(say("column_ratio", lang), is_number=True, width=0.8),
        Column(say("column_williamson", lang), is_number=True, width=1.3),
        Column(say("column_reported", lang), is_number=True, width=0.7),
    )
    caption = say("gaps_table", lang, area=facts.area["name"])
    return [Table(caption, columns, tuple(lines), say("gaps_note", lang))]


def _scorecard(facts: Facts, lang: Lang) -> list[Block]:
    years = facts.ask("report_scorecard")
    if not years:
        return []
    rate, money = cells.rate(lang), cells.money(lang)
    measures: tuple[tuple[str, Callable[[Any], str]], ...] = (
        ("unemployment_rate_pct", rate),
        ("rank_in_province", cells.count(lang)),
        ("transfer_cut_idr", money),
        ("transfer_cut_per_capita_idr", money),
        ("own_revenue_idr", money),
        ("budget_per_capita_idr", money),
        ("employment_spend_per_unemployed_idr", money),
        ("poverty_rate_pct", rate),
        ("human_development_index", rate),
        ("grdp_per_capita_idr", money),
    )
    lines = [
        Line(
            (
                cells.plain(say(f"measure_{name}", lang)),
                *(cells.figure(row[name], write) for row in years),
            )
        )
        for name, write in measures
    ]
    doubts = ("n_missing", "n_derived", "n_disputed")
    lines += [
        Line(
            (cells.plain(say(name, lang)), *(Cell(str(row[name]), str(row[name])) for row in years))
        )
        for name in doubts
    ]
    columns = (
        Column(say("column_measure", lang), width=2.6),
        *(Column(str(row["year"]), is_number=True) for row in years),
    )
    caption = say("scorecard_table", lang, region=facts.region["name"])
    return [Table(caption, columns, tuple(lines), say("scorecard_note", lang))]
