"""The jobs page of a report: the rate, its rounds, and the regions beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from portal import formats, sentences
from portal.charts import Bar, Chart, Drawing, Point, Series, Text
from portal.formats import LANGS, Lang
from portal.marts import Row
from portal.report import cells
from portal.report.citations import Citations
from portal.report.facts import Facts, round_before
from portal.report.model import Block, Column, Items, Paragraph, Picture, Section, Table
from portal.report.model import Row as Line
from portal.report.texts import say
from portal.sentences import Sentence
from portal.words import word

Draw = Callable[[Drawing], Chart]
N_ROUNDS = 8
#: More regions than this do not stand legibly below one another on half a page.
N_BARS = 16
N_SHOWN_EACH_END = 6
N_MONTHS = 2
N_POINTS = 3


def answer(facts: Facts, lang: Lang) -> list[Sentence]:
    """Return what the first page says about jobs."""
    rates = facts.own_rates
    latest = rates[-1] if rates else None
    if latest is None or not _is_in(facts, latest):
        known = _round(latest, lang) if latest else None
        what = say("rate", lang)
        told = [sentences.missing(what, facts.half.name(lang), "not_in_release", lang, known)]
        return told + _rounds_above(facts, latest, lang)
    told = [sentences.unemployment(latest, lang, round_before(latest, rates))]
    if facts.area is not facts.region:
        gap = sentences.gap_to_province(latest, facts.area["name"], lang)
        told += [gap] if gap else []
    return told + _rounds_above(facts, latest, lang)


def section(facts: Facts, cite: Citations, draw: Draw, lang: Lang) -> Section:
    """Return the section about jobs."""
    blocks: list[Block] = [Paragraph(tuple(cite.said(one) for one in answer(facts, lang)))]
    blocks += _side_by_side(facts, cite, draw, lang)
    blocks += _over_time(facts, draw, lang)
    blocks += _rounds(facts, cite, lang)
    blocks += _breakdown(facts, cite, lang)
    return Section("jobs", say("jobs", lang), tuple(blocks), starts_page=True)


def _is_in(facts: Facts, row: Row) -> bool:
    return facts.half.has_month(row["survey_year"], row["survey_month"])


def _round(row: Row, lang: Lang) -> str:
    return formats.month(row["survey_year"], row["survey_month"], lang)


def _rounds_above(facts: Facts, latest: Row | None, lang: Lang) -> list[Sentence]:
    """Tell of rounds of the half-year that the area has and none of its regions has."""
    if facts.area is facts.region:
        return []
    told = []
    for row in facts.area_rates:
        at = (row["survey_year"], row["survey_month"])
        if facts.half.has_month(*at) and not facts.member_rates(*at):
            told.append(sentences.round_without_districts(*at, latest, lang))
    return told


def _side_by_side(facts: Facts, cite: Citations, draw: Draw, lang: Lang) -> list[Block]:
    """Draw the regions of the area in the last round of the half-year that has them."""
    at = _round_of_members(facts)
    if at is None:
        return []
    year, month = at
    rows = sorted(facts.member_rates(year, month), key=_by_rate)
    area = next(
        (
            row
            for row in facts.area_rates
            if (row["survey_year"], row["survey_month"]) == (year, month)
        ),
        None,
    )
    shown = _ends_and_own(rows, facts.region["region_code"])
    drawing = Drawing(
        kind="dots",
        bars=tuple(_bar(row, facts.region["region_code"]) for row in shown),
        reference=float(area["unemployment_rate_pct"]) if area else None,
        reference_name=_reference(area) if area else None,
    )
    told = {
        "area": facts.area["name"],
        "round": formats.month(year, month, lang),
        "shown": len(shown),
        "n": len(rows),
        "expected": len(facts.members),
        "highest": rows[0]["region_name"],
        "high": formats.percent(rows[0]["unemployment_rate_pct"], lang),
        "lowest": rows[-1]["region_name"],
        "low": formats.percent(rows[-1]["unemployment_rate_pct"], lang),
    }
    title = say("side_by_side", lang, **told)
    notes = [say("side_by_side_of", lang, **told)] if len(shown) < len(rows) else []
    if len(rows) < len(facts.members):
        notes.append(say("side_by_side_incomplete", lang, **told))
    if not facts.half.has_month(year, month):
        notes.append(say("other_period", lang, half=facts.half.name(lang)))
    picture = Picture(
        svg=draw(drawing).in_language(lang),
        title=". ".join([title, " ".join(notes)]) if notes else title,
        finding=say("side_by_side_finding", lang, **told),
        width_percent=46,
    )
    tested = sentences.tests_made(rows, lang)
    sources = cite.said(Sentence(say("side_by_side_note", lang), tuple(r["obs_id"] for r in shown)))
    extra = (cite.said(tested),) if tested else ()
    return [picture, Paragraph((sources, *extra))]


def _round_of_members(facts: Facts) -> tuple[int, int] | None:
    """Return the last round in which the region stands beside others.

    Where it never does, the last of the rounds with the most regions.
    """
    held: dict[tuple[int, int], set[str]] = {}
    for row in facts.unemployment:
        if row["region_code"] in facts.members:
            held.setdefault((row["survey_year"], row["survey_month"]), set()).add(
                row["region_code"]
            )
    many = {at: codes for at, codes in held.items() if len(codes) > 1}
    with_own = [at for at, codes in many.items() if facts.region["region_code"] in codes]
    if with_own:
        return max(with_own)
    return max(many, key=lambda at: (len(many[at]), at), default=None)


def _by_rate(row: Row) -> tuple[Decimal, str]:
    return -row["unemployment_rate_pct"], row["region_code"]


def _ends_and_own(rows: list[Row], own: str) -> list[Row]:
    """Return all rows, or the highest, the lowest and the region's own where they are many."""
    if len(rows) <= N_BARS:
        return rows
    kept = {row["region_code"] for row in (*rows[:N_SHOWN_EACH_END], *rows[-N_SHOWN_EACH_END:])}
    return [row for row in rows if row["region_code"] in kept | {own}]


def _bar(row: Row, own: str) -> Bar:
    value = row["unemployment_rate_pct"]
    error = row["standard_error_pp"]
    half_width = float(sentences.Z_95 * error) if error is not None else None
    return Bar(
        key=row["region_code"],
        name=Text(row["region_name"], row["region_name"]),
        value=float(value),
        label=Text(formats.number(value, "id", 2), formats.number(value, "en", 2)),
        mark="derived" if row["is_derived"] else "final",
        low=float(value) - half_width if half_width is not None else None,
        high=float(value) + half_width if half_width is not None else None,
        colour=3 if row["region_code"] == own else 0,
    )


def _reference(area: Row) -> Text:
    value = area["unemployment_rate_pct"]
    return Text(
        f"{area['region_name']} {formats.number(value, 'id', 2)}",
        f"{area['region_name']} {formats.number(value, 'en', 2)}",
    )


def _over_time(facts: Facts, draw: Draw, lang: Lang) -> list[Block]:
    """Draw the region's rate by round month, never joining two months or two series."""
    months = Counter(row["survey_month"] for row in facts.own_rates)
    drawn = [month for month, n in months.most_common(N_MONTHS) if n >= N_POINTS]
    if not drawn:
        return []
    name = facts.region["name"]
    series = [
        Series(
            Text(*(f"{name}, {formats.month_name(month, one)}" for one in LANGS)),
            _points(facts.own_rates, month),
        )
        for month in drawn
    ]
    if facts.area is not facts.region and (area := _points(facts.area_rates, drawn[0])):
        first = area[0].x if len(area) < 2 else series[0].points[0].x
        area = tuple(point for point in area if point.x >= first)
        label = Text(*(f"{facts.area['name']}, {formats.month_name(drawn[0], m)}" for m in LANGS))
        series.append(Series(label, area, is_reference=True))
    latest = facts.own_rates[-1]
    told = sentences.unemployment(latest, lang, round_before(latest, facts.own_rates))
    title = say("over_time", lang, region=name)
    svg = draw(Drawing(kind="lines", series=tuple(series))).in_language(lang)
    return [Picture(svg, title, told.text, width_percent=60)]


def _points(rates: list[Row], month: int) -> tuple[Point, ...]:
    """Return one month's rates by year; joined only where the mart states the change."""
    return tuple(
        Point(
            x=row["survey_year"] + (month - 1) / 12,
            y=float(row["unemployment_rate_pct"]),
            mark="derived" if row["is_derived"] else "final",
            joined=row["change_pp"] is not None,
        )
        for row in rates
        if row["survey_month"] == month
    )


def _rounds(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rates = facts.own_rates[-N_ROUNDS:][::-1]
    if not rates:
        return []
    rate, count = cells.rate(lang), cells.count(lang)
    lines = []
    for row in rates:
        error = row["standard_error_pp"]
        margin = sentences.Z_95 * error if error is not None else None
        series = row["series_version"].replace("_", " ")
        lines.append(
            Line(
                (
                    cells.plain(_round(row, lang) + (f" ({series})" if series else "")),
                    cells.figure(row["unemployment_rate_pct"], rate, row),
                    cells.figure(margin, rate),
                    cells.figure(row["change_pp"], lambda v: formats.signed(v, lang, 2)),
                    cells.figure(row["participation_rate_pct"], rate),
                    cells.figure(row["unemployed_persons"], count),
                    cells.figure(row["labour_force_persons"], count),
                ),
                cite.numbers([row["obs_id"]]),
            )
        )
    titles = ("round", "rate", "margin", "change", "participation", "unemployed", "force")
    columns = tuple(
        Column(say(f"column_{title}", lang), title != "round", 2.2 if title == "round" else 1.0)
        for title in titles
    )
    caption = say("rounds", lang, region=facts.region["name"])
    blocks: list[Block] = [Table(caption, columns, tuple(lines), say("rounds_note", lang))]
    latest = facts.own_rates[-1]
    before = round_before(latest, facts.own_rates)
    diverged = sentences.count_and_rate_diverge(latest, before, lang) if before else None
    return blocks + ([Items((cite.said(diverged),))] if diverged else [])


def _breakdown(facts: Facts, cite: Citations, lang: Lang) -> list[Block]:
    rows = facts.ask("report_breakdown")
    if not rows:
        return []
    last = (rows[0]["survey_year"], rows[0]["survey_month"])
    lines = tuple(
        Line(
            (
                cells.plain(word("breakdown", row["breakdown"], lang)),
                cells.plain(word("category", row["category"], lang)),
                cells.figure(row["unemployment_rate_pct"], cells.rate(lang), row),
                cells.figure(row["change_pp"], lambda v: formats.signed(v, lang, 2)),
            ),
            cite.numbers([row["obs_id"]]),
        )
        for row in rows
        if (row["survey_year"], row["survey_month"]) == last
    )
    columns = (
        Column(say("column_by", lang), width=2),
        Column(say("column_group", lang), width=2),
        Column(say("column_rate", lang), is_number=True),
        Column(say("column_change", lang), is_number=True),
    )
    caption = say("breakdown", lang, round=formats.month(*last, lang))
    return [Table(caption, columns, lines)]
