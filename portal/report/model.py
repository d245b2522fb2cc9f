"""What a report consists of, whatever it is rendered to: sections of paragraphs, tables, charts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from portal.formats import Lang


@dataclass(frozen=True)
class Said:
    """A sentence or a bare text, and the numbers of the sources it stands on."""

    text: str
    sources: tuple[int, ...] = ()


@dataclass(frozen=True)
class Paragraph:
    """Sentences that belong together."""

    said: tuple[Said, ...]
    type: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Answer:
    """A question of the first page with its answer."""

    question: str
    said: tuple[Said, ...]
    type: Literal["answer"] = "answer"


@dataclass(frozen=True)
class Items:
    """A list of sentences, each a point of its own."""

    said: tuple[Said, ...]
    type: Literal["items"] = "items"


@dataclass(frozen=True)
class Cell:
    """One field of a table: its text, the exact value for machines, and how sure it is.

    ``mark`` is missing, derived or disputed, or empty for a figure nobody questions.
    """

    text: str
    value: str | None = None
    mark: Literal["", "missing", "derived", "disputed"] = ""


@dataclass(frozen=True)
class Column:
    """A column: its heading, whether it holds numbers, and its share of the width."""

    title: str
    is_number: bool = False
    width: float = 1.0


@dataclass(frozen=True)
class Row:
    """A line of a table and its sources; a region's own line is bold."""

    cells: tuple[Cell, ...]
    sources: tuple[int, ...] = ()
    is_own: bool = False


@dataclass(frozen=True)
class Table:
    """A table with its caption; ``note`` explains its marks. Rows with sources cite them last."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class Picture:
    """A finished chart as SVG; ``finding`` says in words what it shows."""

    svg: str
    title: str
    finding: str
    width_percent: int = 100
    type: Literal["picture"] = "picture"


@dataclass(frozen=True)
class Source:
    """A source as the report lists it, by its number."""

    number: int
    name: str
    tier: str
    known: str
    url: str


@dataclass(frozen=True)
class Sources:
    """Where the list of sources goes."""

    listed: tuple[Source, ...]
    type: Literal["sources"] = "sources"


Block = Paragraph | Answer | Items | Table | Picture | Sources


@dataclass(frozen=True)
class Section:
    """A headed part; ``starts_page`` where a printed report turns the page."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    starts_page: bool = False


@dataclass(frozen=True)
class Document:
    """A report of one region, half-year and language."""

    title: str
    subtitle: str
    lang: Lang
    region_code: str
    period: str
    release_id: str
    about: str
    sections: tuple[Section, ...]
    labels: dict[str, str] = field(default_factory=dict)
