"""BPS WebAPI static tables: a web page inside JSON, read like any table of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from pydantic import Field, model_validator

from ingest.errors import UnreadableFileError
from ingest.observation import ParseResult
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Strict
from ingest.sources.bps_model import Domain, KeyPlace
from ingest.sources.bps_replies import read_object
from ingest.sources.html_tables import Cell, Grid, column_names, heading_rows, read_grid, unescape
from ingest.sources.table_cells import read_cells
from ingest.sources.table_model import TableDataset
from ingest.sources.table_sheet import Sheet, SheetRow

#: Columns that stand in no table, but in the reply around it.
ABOUT = ("table_id", "title", "updt_date")
MERGED = ("merged_cell", "the cell stands for several places: nothing says for which the figure is")
#: What the grammar of tables has for files, and no reply of BPS needs.
FOR_FILES = ("file", "url", "fill_down", "ends_before")


class StaticRequest(Strict):
    """Which table of which domain. ``style`` is how the address is written: BPS knows two.

    ``key_at: /key/{key}/`` ends an address in path style; without it the key is in the query.
    """

    domain: Domain
    table: int = Field(gt=0)
    style: Literal["query", "path"] = "query"
    key_at: KeyPlace | None = None

    @model_validator(mode="after")
    def _key_in_a_path(self) -> StaticRequest:
        if self.key_at and self.style != "path":
            raise ValueError("key_at ends an address in path style: set style: path")
        return self


class Page(Strict):
    """Where in the page the table lies, everything counted from 1.

    Without ``header_rows`` the rows marked up as headings are the header, or else the one row
    ``header_row``. Their texts are joined with ``separator``: ``2023 | Laki-laki``.
    """

    table: int = Field(default=1, ge=1)
    header_row: int = Field(default=1, ge=1)
    header_rows: int | None = Field(default=None, ge=1)
    separator: str = " | "


class StaticTableDataset(TableDataset):
    """A static table: ``protocol: bps.static_table``, described like any other table.

    The columns ``table_id``, ``title`` and ``updt_date`` of the reply count as its columns.
    """

    protocol: Literal["bps.static_table"]  # type: ignore[assignment]  # the same grammar
    request: StaticRequest
    page: Page = Page()

    @model_validator(mode="after")
    def _no_file(self) -> StaticTableDataset:
        refuse_file_fields(self)
        return self


def refuse_file_fields(dataset: TableDataset) -> None:
    """Raise ValueError where a dataset file sets what would be ignored."""
    for name in FOR_FILES:
        if name in dataset.model_fields_set:
            raise ValueError(f"'{name}' describes files; {dataset.protocol} has no use for it")


model: type[Dataset] = StaticTableDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask for the one table."""
    asked = cast(StaticTableDataset, dataset).request
    params = {
        "model": "statictable", "lang": "ind", "domain": asked.domain, "id": str(asked.table),
    }  # fmt: skip
    if asked.style == "path":
        path = "/view" + "".join(f"/{name}/{value}" for name, value in params.items())
        request = Request("all", path + (asked.key_at or "/"))
    else:
        request = Request("all", "/view", params)
    reply = fetch(request)
    _page_of(cast(StaticTableDataset, dataset), reply.body)
    yield request, reply


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure into a tidy row, or reject it with row and column."""
    static = cast(StaticTableDataset, dataset)
    reply = _page_of(static, body)
    grid = read_grid(unescape(str(reply["table"])), static.page.table, static.dataset)
    return read_cells(static, snapshot, _sheet(static, grid, reply), context)


def _page_of(dataset: StaticTableDataset, body: bytes) -> Mapping[str, Any]:
    """Return the reply's one object; raise UnreadableFileError where it is another table."""
    about = read_object(body, dataset.dataset).get("data")
    if not isinstance(about, dict) or not isinstance(about.get("table"), str):
        raise UnreadableFileError(
            f"{dataset.dataset}: the reply has no `data.table`: either it answers another "
            "question than view of model=statictable, or BPS has changed its form"
        )
    if str(about.get("table_id", dataset.request.table)) != str(dataset.request.table):
        raise UnreadableFileError(
            f"{dataset.dataset}: reply_not_asked_for: asked for table {dataset.request.table}, "
            f"the reply is table {about['table_id']}"
        )
    return about


def _sheet(dataset: StaticTableDataset, grid: Grid, reply: Mapping[str, Any]) -> Sheet:
    """Name the columns, and turn the rows below the header into cells by name."""
    first = dataset.page.header_row - 1
    n_header = dataset.page.header_rows or max(1, heading_rows(grid[first:]))
    header = column_names(grid[first : first + n_header], dataset.page.separator)
    beside = {name: str(reply.get(name, "")) for name in ABOUT}
    check_columns(dataset, [*header, *beside])
    figures = {measure.column for measure in dataset.measures}
    about = set(dataset.columns_named()) - figures
    below = enumerate(grid[first + n_header :], first + n_header + 1)
    rows = [_row(header, row, at, about) for at, row in below if any(cell.text for cell in row)]
    rows = [replace(row, cells=beside | dict(row.cells)) for row in rows]
    return Sheet(header, rows)


def _row(header: Sequence[str], row: Sequence[Cell], at: int, about: set[str]) -> SheetRow:
    """Name a row's cells. A figure that stands for several places is no figure of any of them."""
    named = dict(zip(header, row, strict=False))
    merged = [name for name, cell in named.items() if cell.is_merged and name not in about]
    return SheetRow(
        f"row {at}",
        {name: cell.text for name, cell in named.items()},
        len(row) - len(header),
        troubles=dict.fromkeys(merged, MERGED),
    )


def check_columns(dataset: TableDataset, header: Sequence[str]) -> None:
    """Raise UnreadableFileError unless every column the file names is there exactly once."""
    for name in dataset.columns_named():
        if header.count(name) != 1:
            wrong = "no column" if name not in header else "more than one column"
            raise UnreadableFileError(
                f"{dataset.dataset}: {wrong} {name!r}; there are: "
                + ", ".join(repr(one) for one in header)
            )
