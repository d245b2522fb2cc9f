"""Renders a report's document: HTML by Jinja, PDF by Typst. Neither knows what a report says."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Literal

import jinja2
from markupsafe import Markup, escape

from portal.charts import FONT
from portal.report.model import Document, Picture

TEMPLATES = Path(__file__).parent / "templates"
#: Comes with Typst, free (SIL Open Font License) and embedded into the PDF.
PDF_FONT = "Libertinus Serif"
#: A report has so many pages at most; one that would have more is set smaller, step by step.
MOST_PAGES = 6
SCALES = (1.0, 0.92, 0.84)
PDF_STANDARD: Literal["ua-1"] = "ua-1"


class RenderError(Exception):
    """Typst refused the document; the message is its own."""


def to_html(document: Document) -> str:
    """Write the report as one page without scripts and without requests to anywhere."""
    return _environment().get_template("report.html.j2").render(doc=document)


def to_pdf(document: Document, made_at: datetime.datetime) -> bytes:
    """Write the report as a tagged PDF/UA-1 of A4 pages.

    ``made_at`` is the release's date: the same release gives the same bytes. Text reaches Typst
    as data, never as markup, so that no name in a mart can change the document.
    """
    import typst

    data = json.dumps(asdict(document), ensure_ascii=False).replace(FONT, PDF_FONT)
    made: bytes | list[bytes] | None = None
    try:
        for scale in SCALES:
            compiler = typst.Compiler(
                str(TEMPLATES / "report.typ"),
                root=str(TEMPLATES),
                ignore_system_fonts=True,
                sys_inputs={"document": data, "scale": str(scale)},
            )
            n_pages = int(json.loads(compiler.query("<pages>", field="value", one=True)))
            if n_pages <= MOST_PAGES or scale == SCALES[-1]:
                made = compiler.compile(format="pdf", pdf_standards=PDF_STANDARD, timestamp=made_at)
                break
    except typst.TypstError as error:
        raise RenderError(f"{document.region_code} {document.period}: {error}") from error
    if not isinstance(made, bytes):
        raise RenderError(f"{document.region_code} {document.period}: Typst returned no PDF")
    return made


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["picture"] = _inline
    return made


def _inline(picture: Picture) -> Markup:
    """Return a finished chart for a page, named by what it shows.

    The SVG is ours: vl-convert escapes every text it draws.
    """
    head, rest = picture.svg.split(">", 1)
    named = f"<title>{escape(picture.title)}</title><desc>{escape(picture.finding)}</desc>"
    return Markup(  # noqa: S704 - every text in it is escaped
        f'{head} role="img" aria-label="{escape(picture.title)} {escape(picture.finding)}">'
        f"{named}{rest}"
    )
