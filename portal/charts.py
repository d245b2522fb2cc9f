"""Charts by the brief's rules, drawn once with Altair and vl-convert for both languages.

A chart is drawn with Indonesian texts; the English ones are exchanged in the finished SVG. Colours
are plain hex in ``Chart.svg`` (a PDF needs them) and CSS variables on a page. Alternative text is
the caller's: it states the finding, which only the caller knows. What a mark looks like: final is
solid; not yet final is hollow; derived is a diamond; a gap cuts the line and is never zero.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from markupsafe import Markup, escape

from portal.formats import Lang, number, rupiah

#: Series colours in order; at most four series share a chart (PORTAL brief, section 7).
SERIES = ("#12436D", "#28A197", "#801650", "#F46A25")
GREY, INK, RULE, PAPER = "#6B6B6B", "#1A1A1A", "#D5D9DE", "#FFFFFF"
#: Hex colours of a drawing, by the CSS variable that replaces them on a page.
VARIABLES = {
    SERIES[0]: "--c1", SERIES[1]: "--c2", SERIES[2]: "--c3", SERIES[3]: "--c4",
    GREY: "--grey", INK: "--ink", RULE: "--rule", PAPER: "--paper",
}  # fmt: skip
#: Pixels across, labels included: what a phone shows at full size, so that 14 pixels stay 14.
WIDE = 350
FONT = "Noto Sans, Arial, sans-serif"
Mark = Literal["final", "open", "derived"]
_SHAPES: dict[str, str] = {"final": "circle", "open": "circle", "derived": "diamond"}


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    id: str
    en: str


@dataclass(frozen=True)
class Point:
    """One figure of a line: ``x`` in years (2025-08 is 2025 + 7/12), ``y`` in the unit drawn.

    ``joined`` is False where the figure may not be joined to the one before it, as after a change
    of survey weights.
    """

    x: float
    y: float
    mark: Mark = "final"
    joined: bool = True


@dataclass(frozen=True)
class Series:
    """Figures that may be joined: one round month, one stage, one series version."""

    name: Text
    points: tuple[Point, ...]
    is_reference: bool = False


@dataclass(frozen=True)
class Bar:
    """One line of a dot plot or bar chart; ``low`` and ``high`` bound the 95% interval.

    ``outline`` is what was planned for, drawn as an empty bar around the realised one; ``before``
    is last year's amount; ``claims`` are what several say of one thing, none of them chosen.
    """

    key: str
    name: Text
    value: float | None
    label: Text
    mark: Mark = "final"
    low: float | None = None
    high: float | None = None
    outline: float | None = None
    before: float | None = None
    claims: tuple[float, ...] = ()
    colour: int = 0


@dataclass(frozen=True)
class Drawing:
    """What to draw, as plain data: its hash names the finished chart in a cache."""

    kind: Literal["lines", "dots", "bars", "dumbbells", "spans"]
    series: tuple[Series, ...] = ()
    bars: tuple[Bar, ...] = ()
    reference: float | None = None
    reference_name: Text | None = None
    unit: Text = field(default_factory=lambda: Text("", ""))


@dataclass(frozen=True)
class Chart:
    """A finished drawing: SVG with hex colours and Indonesian texts, and the English texts."""

    svg: str
    english: dict[str, str]

    def in_language(self, lang: Lang) -> str:
        """Return the SVG with its texts in a language; for a page and for a PDF alike."""
        if lang == "id":
            return self.svg
        return re.sub(
            r">([^<>]+)</text>",
            lambda found: f">{escape(self.english.get(_plain(found[1]), _plain(found[1])))}</text>",
            self.svg,
        )

    def on_page(self, lang: Lang, title: str, finding: str, highlight: str = "") -> Markup:
        """Return the SVG for a page: CSS colours, and a name that states the finding.

        ``highlight`` is the key of the bar that the page is about.
        """
        body = self.in_language(lang)
        for colour, variable in VARIABLES.items():
            body = body.replace(f'"{colour}"', f'"var({variable})"')
        if highlight:
            body = body.replace(f' data-key="{escape(highlight)}"', ' class="hl"')
        body = re.sub(r' data-key="[^"]*"', "", body)
        named = f"<title>{escape(title)}</title><desc>{escape(finding)}</desc>"
        head, rest = body.split(">", 1)
        label = f'role="img" aria-label="{escape(title)}. {escape(finding)}"'
        # Vega escaped the texts inside; what is added here is escaped above.
        return Markup(f"{head} {label}>{named}{rest}")  # noqa: S704


def draw(drawing: Drawing) -> Chart:
    """Draw a chart; takes some 50 ms of one core."""
    import vl_convert
    from altair.utils import schemapi

    made = {
        "lines": _lines,
        "dots": _dots,
        "bars": _bars,
        "dumbbells": _dumbbells,
        "spans": _spans,
    }[drawing.kind]
    with schemapi.debug_mode(False):  # our own charts are right: checking them doubles the time
        chart = made(drawing).configure(
            font=FONT, background="transparent",
            view={"stroke": None}, axis={
                "labelColor": INK, "labelFontSize": 14, "gridColor": RULE, "domainColor": GREY,
                "tickColor": GREY, "titleColor": INK, "titleFontSize": 14,
                "titleFontWeight": "normal", "labelLimit": 260,
            },
        ).to_dict(validate=False)  # fmt: skip
    return Chart(_slim(vl_convert.vegalite_to_svg(chart)), _english(drawing))


def _english(drawing: Drawing) -> dict[str, str]:
    texts = [drawing.unit, *(one.name for one in drawing.series)]
    texts += [text for bar in drawing.bars for text in (bar.name, bar.label)]
    if drawing.reference_name:
        texts.append(drawing.reference_name)
    ends = [one.points[-1].y for one in drawing.series if one.points]
    texts += [_figure(value) for value in ends]
    texts += [_figure(value) for value in _ticks(drawing)[0]]
    return {text.id: text.en for text in texts if text.id != text.en}


def _figure(value: float) -> Text:
    if abs(value) >= 1_000_000:
        return Text(rupiah(value, "id").removeprefix("Rp"), rupiah(value, "en").removeprefix("Rp"))
    rounded = round(value, 2)
    return Text(number(rounded, "id"), number(rounded, "en"))


def _ticks(drawing: Drawing) -> tuple[list[float], list[float]]:
    """Return some round values from zero (or below) to the top of a line chart, and its domain."""
    values = [point.y for one in drawing.series for point in one.points]
    if not values:
        return [], [0, 1]
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1
    step = 10 ** math.floor(math.log10(span / 4))
    step *= next(times for times in (1, 2, 2.5, 5, 10) if span / (step * times) <= 5)
    ticks = [round(step * i, 10) for i in range(math.floor(low / step), math.ceil(high / step) + 1)]
    return ticks, [ticks[0], ticks[-1]]


def _lines(drawing: Drawing) -> Any:
    import altair as alt

    rows, ends = _line_rows(drawing.series)
    ticks, domain = _ticks(drawing)
    years = sorted({math.floor(row["x"]) for row in rows})
    y_axis = alt.Axis(
        values=ticks, title=None, domain=False, ticks=False,
        labelExpr=_lookup({tick: _figure(tick).id for tick in ticks}),
    )  # fmt: skip
    x_axis = alt.Axis(
        values=_year_ticks(years), format="d", title=None, grid=False, labelFlush=False,
        labelOverlap=True,
    )  # fmt: skip
    x = alt.X("x:Q", axis=x_axis, scale=alt.Scale(domain=[min(years) - 0.3, max(years) + 1.0]))
    y = alt.Y("y:Q", axis=y_axis, scale=alt.Scale(domain=domain))
    base = alt.Chart(alt.Data(values=rows))
    colour = alt.Color("colour:N", scale=None)
    joined = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, detail="segment:N")
    dots = base.mark_point(size=46, filled=True, opacity=1, strokeWidth=2).encode(
        x=x, y=y, shape=alt.Shape("shape:N", scale=None), fill=alt.Fill("fill:N", scale=None),
        stroke=alt.Stroke("colour:N", scale=None),
    )  # fmt: skip
    end = alt.Chart(alt.Data(values=ends))
    text = {"align": "left", "dx": 9, "fontSize": 14}
    value = end.mark_text(**text, fontWeight="bold").encode(
        x="x:Q", y=alt.Y("label_y:Q"), text="value:N", color=colour
    )
    name = end.mark_text(**text, dy=15, color=INK).encode(
        x="x:Q", y=alt.Y("label_y:Q"), text="name:N"
    )
    left = 14 + 8 * max(len(_figure(tick).id) for tick in ticks)
    right = 16 + 8 * max(len(text) for one in drawing.series for text in (one.name.id, one.name.en))
    return (joined + dots + value + name).properties(
        width=max(200, WIDE - right - left),
        height=220,
        autosize="none",
        padding={"right": right, "left": left, "top": 10, "bottom": 26},
    )


def _line_rows(series: Sequence[Series]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    coloured = iter(SERIES)
    for nth, one in enumerate(series):
        colour = GREY if one.is_reference else next(coloured, GREY)
        segment, before = 0, None
        for point in one.points:
            if before is not None and (point.x - before > 1.01 or not point.joined):
                segment += 1
            before = point.x
            rows.append({
                "x": point.x, "y": point.y, "segment": f"{nth}.{segment}", "colour": colour,
                "shape": _SHAPES[point.mark], "fill": PAPER if point.mark == "open" else colour,
            })  # fmt: skip
        if one.points:
            last = one.points[-1]
            ends.append({
                "x": last.x, "y": last.y, "name": one.name.id, "colour": colour,
                "value": _figure(last.y).id,
            })  # fmt: skip
    return rows, _apart(ends, _ticks(Drawing("lines", tuple(series)))[1])


def _apart(ends: list[dict[str, Any]], domain: list[float]) -> list[dict[str, Any]]:
    """Move labels at the lines' ends apart, so that none covers another (32 of 230 px each)."""
    least = (domain[1] - domain[0]) * 34 / 230
    below: float | None = None
    for end in sorted(ends, key=lambda row: float(row["y"])):
        end["label_y"] = end["y"] if below is None else max(end["y"], below + least)
        below = end["label_y"]
    for end in ends:
        end["x"] = max(float(row["x"]) for row in ends)
    over = (below or 0) - domain[1]
    if over > 0:
        for end in ends:
            end["label_y"] -= over
    return ends


def _year_ticks(years: list[int]) -> list[int]:
    step = max(1, math.ceil((years[-1] - years[0] + 1) / 6))
    return list(range(years[-1], years[0] - 1, -step))[::-1]


def _lookup(labels: dict[float, str]) -> str:
    """Write a Vega expression that finds a tick's text by its value."""
    texts = {str(int(value) if value == int(value) else value): labels[value] for value in labels}
    return f"({json.dumps(texts)})['' + datum.value]"


def _bar_base(drawing: Drawing) -> tuple[Any, Any, Any, list[dict[str, Any]]]:
    import altair as alt

    rows = [
        {
            "nth": nth, "key": bar.key, "name": bar.name.id, "value": bar.value,
            "label": bar.label.id, "low": bar.low, "high": bar.high, "outline": bar.outline,
            "before": bar.before, "colour": SERIES[bar.colour], "zero": 0,
            "shape": _SHAPES[bar.mark], "fill": PAPER if bar.mark == "open" else SERIES[bar.colour],
            "end": _reach(bar),
        }
        for nth, bar in enumerate(drawing.bars)
    ]  # fmt: skip
    # Rows are told apart by number: two regions may share a name.
    y = alt.Y("nth:O", sort=None, axis=None)
    values = [
        v for bar in drawing.bars
        for v in (bar.value, bar.low, bar.high, bar.outline, bar.before, *bar.claims,
                  drawing.reference)
        if v is not None
    ]  # fmt: skip
    domain = [min(0.0, *values), max(0.0, *values) or 1.0] if values else [0.0, 1.0]
    scale = alt.Scale(domain=domain, nice=False)
    return alt.Chart(alt.Data(values=rows)), scale, y, rows


def _reach(bar: Bar) -> float:
    drawn = (bar.value, bar.high, bar.outline, bar.before, *bar.claims, 0.0)
    return max(value for value in drawn if value is not None)


def _finish(drawing: Drawing, layered: Any) -> Any:
    texts = [text for bar in drawing.bars for text in (bar.label.id, bar.label.en)]
    right = max(56, 10 + 8 * max((len(text) for text in texts), default=0))
    return layered.properties(
        width=max(130, WIDE - right),
        height=36 * max(1, len(drawing.bars)),
        autosize="none",
        padding={
            "right": right,
            "left": 6,
            "bottom": 0,
            "top": 4 if drawing.reference is None else 26,
        },
    )


def _labels(base: Any, scale: Any, y: Any) -> list[Any]:
    """Write each row's name above its mark, and its value behind it.

    Names beside the marks would take half a phone's width and make every text too small to read.
    """
    import altair as alt

    label = {"align": "left", "dx": 9, "fontSize": 14, "fontWeight": "bold"}
    at = {"x": alt.X("end:Q", scale=scale), "y": y, "text": "label:N"}
    return [
        base.mark_text(align="left", dy=-14, fontSize=14, color=INK, limit=WIDE).encode(
            x=alt.value(0), y=y, text="name:N"
        ),
        # The rule of the province may run through a label: a rim of paper keeps it readable.
        base.mark_text(**label, color=PAPER, stroke=PAPER, strokeWidth=5).encode(**at),
        base.mark_text(**label, color=INK).encode(**at),
    ]


def _reference(drawing: Drawing, scale: Any) -> list[Any]:
    """Draw the rule of the province or country, named at its head."""
    import altair as alt

    if drawing.reference is None or drawing.reference_name is None:
        return []
    row = alt.Chart(alt.Data(values=[{"at": drawing.reference, "name": drawing.reference_name.id}]))
    x = alt.X("at:Q", scale=scale)
    return [
        row.mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=x),
        row.mark_text(color=GREY, fontSize=14, baseline="bottom", dy=-8).encode(
            x=x, y=alt.value(0), text="name:N"
        ),
    ]


def _dots(drawing: Drawing) -> Any:
    import altair as alt

    base, scale, y, _ = _bar_base(drawing)
    axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    x = alt.X("value:Q", scale=scale, axis=axis)
    whisker = base.transform_filter("datum.low != null").mark_rule(strokeWidth=2, color=GREY)
    parts = [
        base.transform_filter("datum.value != null").mark_rule(color=RULE).encode(
            x=alt.X("zero:Q", scale=scale, axis=axis), x2="value:Q", y=y
        ),
        *_reference(drawing, scale),
        whisker.encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y),
        base.transform_filter("datum.value != null").mark_point(
            size=80, filled=True, opacity=1, strokeWidth=2
        ).encode(
            x=x, y=y, shape=alt.Shape("shape:N", scale=None), fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None), description="key:N",
        ),
        *_labels(base, scale, y),
    ]  # fmt: skip
    return _finish(drawing, alt.layer(*parts))


def _bars(drawing: Drawing) -> Any:
    import altair as alt

    base, scale, y, _ = _bar_base(drawing)
    axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    planned = base.transform_filter("datum.outline != null").mark_bar(
        filled=False, stroke=GREY, strokeWidth=1.5, height=14
    )
    parts = [
        planned.encode(x=alt.X("zero:Q", scale=scale, axis=axis), x2="outline:Q", y=y),
        base.transform_filter("datum.value != null").mark_bar(height=9).encode(
            x=alt.X("zero:Q", scale=scale, axis=axis), x2="value:Q", y=y,
            color=alt.Color("colour:N", scale=None), description="key:N",
        ),
        *_reference(drawing, scale),
        *_labels(base, scale, y),
    ]  # fmt: skip
    return _finish(drawing, alt.layer(*parts))


def _dumbbells(drawing: Drawing) -> Any:
    import altair as alt

    base, scale, y, _ = _bar_base(drawing)
    axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    both = base.transform_filter("datum.before != null && datum.value != null")
    parts = [
        both.mark_rule(color=GREY, strokeWidth=2).encode(
            x=alt.X("before:Q", scale=scale, axis=axis), x2="value:Q", y=y
        ),
        both.mark_point(size=80, fill=PAPER, stroke=GREY, strokeWidth=2, opacity=1).encode(
            x=alt.X("before:Q", scale=scale, axis=axis), y=y
        ),
        base.transform_filter("datum.value != null").mark_point(
            size=80, filled=True, opacity=1, strokeWidth=2
        ).encode(
            x=alt.X("value:Q", scale=scale, axis=axis), y=y,
            shape=alt.Shape("shape:N", scale=None), fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("colour:N", scale=None), description="key:N",
        ),
        *_labels(base, scale, y),
    ]  # fmt: skip
    return _finish(drawing, alt.layer(*parts))


def _spans(drawing: Drawing) -> Any:
    """Draw each thing's claims as ticks on a bar that spans them: no middle, none chosen."""
    import altair as alt

    base, scale, y, _ = _bar_base(drawing)
    axis = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    ticks = [
        {"nth": nth, "claim": claim} for nth, bar in enumerate(drawing.bars) for claim in bar.claims
    ]
    ends = [
        {"nth": nth, "low": min(bar.claims), "high": max(bar.claims)}
        for nth, bar in enumerate(drawing.bars)
        if bar.claims
    ]
    parts = [
        alt.Chart(alt.Data(values=ends)).mark_rule(strokeWidth=8, color=RULE).encode(
            x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y
        ),
        alt.Chart(alt.Data(values=ticks)).mark_tick(
            thickness=3, size=11, color=SERIES[0], opacity=1
        ).encode(x=alt.X("claim:Q", scale=scale, axis=axis), y=y),
        *_labels(base, scale, y),
    ]  # fmt: skip
    return _finish(drawing, alt.layer(*parts))


#: What Vega writes for machines or not at all, and a page does without.
_DROPPED = re.compile(
    r" (?:class|role|aria-roledescription|aria-hidden|pointer-events|opacity|stroke-miterlimit)"
    r'="[^"]*"'
    r'|<path(?: class="(?:background|foreground)")[^>]*(?:/>|></path>)'
    r'|<rect width="[^"]*" height="[^"]*" fill="(?:white|transparent)"></rect>'
)
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")


def _slim(svg: str) -> str:
    """Take out what no reader sees; keep the keys of marks as ``data-key``."""
    slim = _DROPPED.sub("", svg)
    slim = re.sub(r'aria-label="([^"]{1,24})"(?=[^>]*(?:d=|/>))', r'data-key="\1"', slim)
    slim = re.sub(r' aria-label="[^"]*"', "", slim)
    slim = re.sub(r'"[^"]*"', lambda found: _LONG_NUMBER.sub(_rounded, found[0]), slim)
    slim = re.sub(r' font-family="[^"]*"', "", slim)
    for _ in range(8):
        slim = re.sub(r"<g(?: transform=\"[^\"]*\")?></g>", "", slim)
    size = re.search(r'width="(\d+)" height="(\d+)"', slim)
    # Small on a phone, and a third larger where there is room: text stays readable on both.
    wide = f' style="max-width:{round(int(size[1]) * 1.3)}px"' if size else ""
    return slim.replace("<svg ", f'<svg font-family="{FONT}"{wide} ', 1)


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.1f}".removesuffix(".0")


def _plain(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
