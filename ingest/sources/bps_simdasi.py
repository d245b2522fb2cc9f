"""SIMDASI tables of BPS: figures as Indonesian texts, by region and year."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, cast

from pydantic import Field, model_validator

from ingest.errors import (
    BadKeyError,
    BlockedError,
    IngestError,
    NothingAvailableError,
    UnreadableFileError,
)
from ingest.numbers import Style
from ingest.observation import ParseResult
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Strict
from ingest.sources.bps_model import KeyPlace
from ingest.sources.bps_replies import read_object
from ingest.sources.bps_static_table import check_columns, refuse_file_fields
from ingest.sources.table_cells import read_cells
from ingest.sources.table_model import TableDataset
from ingest.sources.table_sheet import Sheet, SheetRow
from ingest.sources.years import LATEST, Years, covers, first_and_last

#: Columns made here: the region's code as our register knows it, and the year of the table.
CODE, YEAR = "region_code", "tahun_data"
LIST, TABLE = "23", "25"


class SimdasiRequest(Strict):
    """Which table of which region, and which years.

    ``region`` is the seven-digit code the table is listed under. With ``years_from: list`` the
    years are those that list 23 offers; ``declared`` asks for each of a closed span. The key
    goes into the query, or to where ``key_at: /key/{key}/`` puts it behind the address.
    """

    table: str = Field(min_length=1)
    region: Annotated[str, Field(pattern=r"^\d{7}$")]
    years: Years = "2010:"
    years_from: Literal["list", "declared"] = "list"
    key_at: KeyPlace | None = None

    @model_validator(mode="after")
    def _declared_years_end(self) -> SimdasiRequest:
        if self.years_from == "declared" and first_and_last(self.years)[1] == LATEST:
            raise ValueError("with years_from: declared give years both ends: 2018:2024")
        return self


class SimdasiDataset(TableDataset):
    """A SIMDASI table: ``protocol: bps.simdasi``, described like any other table.

    Its columns are the variables' names, each plain field of a row (``kode_wilayah``, and the
    label, whatever BPS calls it), ``region_code`` and ``tahun_data``. ``name_field`` and
    ``value_field`` say what a variable's name and a cell's figure are called.
    """

    protocol: Literal["bps.simdasi"]  # type: ignore[assignment]  # the same grammar
    request: SimdasiRequest
    decimal: Style | None = ","
    name_field: str = "nama_variabel"
    value_field: str = "value"

    @model_validator(mode="after")
    def _no_file(self) -> SimdasiDataset:
        refuse_file_fields(self)
        return self


model: type[Dataset] = SimdasiDataset


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask which years the table has, then for each of them; one that fails fails alone."""
    simdasi = cast(SimdasiDataset, dataset)
    years = yield from _years(simdasi, fetch)
    for year in years:
        request = _table_request(simdasi, year)
        try:
            reply = fetch(request)
            inner = _inner(simdasi, reply.body)
            _check_year(simdasi, inner, str(year))
        except (BadKeyError, BlockedError):
            raise
        except IngestError as error:
            yield request, error
        else:
            yield request, reply


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure into a tidy row, or reject it with row and column."""
    simdasi = cast(SimdasiDataset, dataset)
    inner = _inner(simdasi, body)
    return read_cells(simdasi, snapshot, _sheet(simdasi, inner), context)


def region_code(code: str) -> str:
    """Turn a seven-digit code into the four digits of the WebAPI; districts keep theirs."""
    return code[:4] if len(code) == 7 and code.endswith("000") else code


def _years(dataset: SimdasiDataset, fetch: Fetch) -> Generator[Answer, None, Sequence[int]]:
    """Yield the question for the list of tables; return the years to ask for."""
    asked = dataset.request
    if asked.years_from == "declared":
        first, last = first_and_last(asked.years)
        return list(range(first, last + 1))
    request = Request("tables", _path(LIST, asked.key_at, wilayah=asked.region), keep=False)
    reply = fetch(request)
    listed = _inner(dataset, reply.body).get("data")
    yield request, reply
    for table in listed if isinstance(listed, list) else []:
        if isinstance(table, dict) and table.get("id_tabel") == asked.table:
            years = [int(year) for year in table.get("ketersediaan_tahun", [])]
            return sorted(year for year in years if covers(asked.years, year))
    raise NothingAvailableError(
        f"{dataset.dataset}: BPS lists no table '{asked.table}' for region {asked.region}"
    )


def _table_request(dataset: SimdasiDataset, year: int) -> Request:
    asked = dataset.request
    params = {"tahun": str(year), "id_tabel": asked.table, "wilayah": asked.region}
    path = _path(TABLE, asked.key_at, **params)
    return Request(f"tahun-{year}", path)


def _path(service: str, key_at: str | None, **params: str) -> str:
    tail = "".join(f"/{name}/{value}" for name, value in params.items())
    return f"/interoperabilitas/datasource/simdasi/id/{service}{tail}{key_at or '/'}"


def _inner(dataset: SimdasiDataset, body: bytes) -> Mapping[str, Any]:
    """Return what stands behind the envelope."""
    match read_object(body, dataset.dataset).get("data"):
        case [dict(), dict() as inner]:
            return inner
    raise UnreadableFileError(
        f"{dataset.dataset}: the reply has not the form [envelope, table]: either it is no reply "
        "of SIMDASI, or BPS has changed its form"
    )


def _check_year(dataset: SimdasiDataset, inner: Mapping[str, Any], year: str) -> None:
    got = str(inner.get(YEAR, year))
    if got != year:
        raise UnreadableFileError(
            f"{dataset.dataset}: reply_not_asked_for: asked for {year}, the table is about {got}"
        )


def _sheet(dataset: SimdasiDataset, inner: Mapping[str, Any]) -> Sheet:
    """Name the variables' columns, and put each row's texts under them."""
    columns, listed = inner.get("kolom"), inner.get("data")
    if not isinstance(columns, dict) or not isinstance(listed, list):
        raise UnreadableFileError(
            f"{dataset.dataset}: the table has no `kolom` and `data`: BPS has changed its form"
        )
    names = {key: _name(dataset, column) for key, column in columns.items()}
    rows = [
        _row(dataset, row, names, str(inner.get(YEAR, "")), at) for at, row in enumerate(listed, 1)
    ]
    plain = dict.fromkeys(name for row in rows for name in row.cells if name not in names.values())
    header = [*plain, *names.values()]
    check_columns(dataset, header)
    return Sheet(header, rows)


def _name(dataset: SimdasiDataset, column: Any) -> str:
    name = column.get(dataset.name_field) if isinstance(column, dict) else None
    if not isinstance(name, str):
        raise UnreadableFileError(
            f"{dataset.dataset}: a column has no `{dataset.name_field}`: see what BPS calls it "
            "now, and set name_field"
        )
    return " ".join(name.split())


def _row(
    dataset: SimdasiDataset, row: Any, names: Mapping[str, str], year: str, at: int
) -> SheetRow:
    """Take one row apart; a variable it lacks makes it ragged, which rejects its cells."""
    if not isinstance(row, dict) or not isinstance(row.get("variables"), dict):
        raise UnreadableFileError(f"{dataset.dataset}: row {at} holds no `variables`")
    figures = row["variables"]
    said = {name: str(value) for name, value in row.items() if isinstance(value, str | int)}
    cells = {names[key]: _text(dataset, figures[key]) for key in names if key in figures}
    made = {CODE: region_code(said.get("kode_wilayah", "")), YEAR: year}
    place = f"row {at} {said.get('kode_wilayah', '')}".strip()
    return SheetRow(place, {**said, **made, **cells}, _surplus(figures, names))


def _surplus(figures: Mapping[str, Any], names: Mapping[str, str]) -> int:
    """Tell how many cells a row has too many or too few; never 0 where they are others."""
    missing, strange = len(set(names) - set(figures)), len(set(figures) - set(names))
    return strange or -missing


def _text(dataset: SimdasiDataset, figure: Any) -> str:
    value: Any = figure.get(dataset.value_field) if isinstance(figure, dict) else figure
    return "" if value is None else str(value)
