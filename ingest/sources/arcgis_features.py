"""Attributes of the features of an ArcGIS layer, page by page, without their shapes.

The layer is asked first what it can do and how many features there are: a server that can't
page would cut the answer short, and says so only in passing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import Field

from ingest.errors import (
    ErrorReplyError,
    InvalidQuestionError,
    NotAllowedError,
    NotFoundError,
    NothingAvailableError,
    ServiceTroubleError,
    UnknownReplyError,
)
from ingest.observation import ParseResult
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset, Strict
from ingest.sources.exact_json import loads
from ingest.sources.json_rows import sheet_of
from ingest.sources.pages import PAGES, Page, all_pages
from ingest.sources.table_cells import read_cells
from ingest.sources.table_model import TableDataset
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

#: Its codes for refusals, which mostly come with HTTP 200: 498 and 499 ask for a token.
_NAMED: Mapping[int, type[ErrorReplyError]] = {
    400: InvalidQuestionError,
    401: NotAllowedError,
    403: NotAllowedError,
    404: NotFoundError,
    498: NotAllowedError,
    499: NotAllowedError,
    500: ServiceTroubleError,
    503: ServiceTroubleError,
    504: ServiceTroubleError,
}
SPOKEN = frozenset({400, 401, 403, 404, 498, 499})
LONGEST_QUOTE = 200


class LayerRequest(Strict):
    """Which layer: ``Folder/Service/FeatureServer/0``, and which of its features and fields."""

    layer: str = Field(pattern=r"^[^/?#\\][^?#\\]*/(FeatureServer|MapServer)/\d+$")
    where: str = "1=1"
    fields: tuple[str, ...] = ()
    size: int = Field(default=1000, ge=1)


class LayerDataset(TableDataset):
    """The table of a layer: ``protocol: arcgis.features``, otherwise as ``protocol: table``."""

    protocol: Literal["arcgis.features"]  # type: ignore[assignment]
    request: LayerRequest


model: type[Dataset] = LayerDataset


@dataclass(frozen=True)
class Layer:
    """What a layer says of itself: its fields, the one that tells features apart, its limits."""

    id_field: str
    fields: Sequence[str]
    most_rows: int
    can_page: bool


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask for all features the layer counts; pages are handed on together, or not at all."""
    asked = cast(LayerDataset, dataset)
    name = asked.dataset
    layer = _describe(asked, fetch)
    unknown = [field for field in asked.request.fields if field not in layer.fields]
    if unknown:
        raise UnknownReplyError(
            f"{name}: the layer has no field {', '.join(unknown)}; it has: "
            f"{', '.join(layer.fields)}"
        )
    n_features = _count(asked, fetch)
    if n_features == 0:
        raise NothingAvailableError(f"{name}: no feature fits where {asked.request.where}")
    if not layer.can_page and n_features > layer.most_rows:
        raise UnknownReplyError(
            f"{name}: the server can't page and hands out {layer.most_rows} of {n_features} "
            "features: divide them among several datasets by `where`"
        )

    def ask(offset: int) -> Request:
        return _rows_request(asked, layer, offset)

    def read(body: bytes) -> Page:
        rows = read_rows(body, name)
        ids = [row.get(layer.id_field) for row in rows]
        if any(one is None for one in ids):
            raise UnknownReplyError(f"{name}: a feature has no {layer.id_field}")
        return Page(n_features, ids)

    pages = all_pages(ask, read, fetch, name)
    if _count(asked, fetch) != n_features:
        raise UnknownReplyError(f"{name}: the layer changed while its pages were read; run again")
    yield from pages


def _describe(dataset: LayerDataset, fetch: Fetch) -> Layer:
    request = Request(
        "layer", f"/{dataset.request.layer}", {"f": "json"}, keep=False, spoken=SPOKEN
    )
    about = read_object(fetch(request).body, dataset.dataset)
    listed = about.get("fields")
    fields = [one for one in listed or [] if isinstance(one, dict) and "name" in one]
    id_field = about.get("objectIdField") or next(
        (one["name"] for one in fields if one.get("type") == "esriFieldTypeOID"), None
    )
    most = about.get("maxRecordCount", 1000)
    if not fields or not isinstance(id_field, str) or not isinstance(most, int):
        raise UnknownReplyError(f"{dataset.dataset}: the layer does not describe its fields")
    abilities = about.get("advancedQueryCapabilities")
    can_page = isinstance(abilities, dict) and abilities.get("supportsPagination") is True
    return Layer(id_field, [str(one["name"]) for one in fields], most, can_page)


def _count(dataset: LayerDataset, fetch: Fetch) -> int:
    params = {"where": dataset.request.where, "returnCountOnly": "true", "f": "json"}
    path = f"/{dataset.request.layer}/query"
    request = Request("count", path, params, keep=False, spoken=SPOKEN)
    count = read_object(fetch(request).body, dataset.dataset).get("count")
    if isinstance(count, bool) or not isinstance(count, int):
        raise UnknownReplyError(f"{dataset.dataset}: the layer does not count its features")
    return count


def _rows_request(dataset: LayerDataset, layer: Layer, offset: int) -> Request:
    asked = dataset.request
    wanted = [layer.id_field, *(one for one in asked.fields if one != layer.id_field)]
    params = {
        "where": asked.where,
        "outFields": ",".join(wanted) if asked.fields else "*",
        "returnGeometry": "false",
        "orderByFields": layer.id_field,
        "f": "json",
    }
    if layer.can_page:
        size = min(asked.size, layer.most_rows)
        params |= {"resultOffset": str(offset), "resultRecordCount": str(size)}
    path = f"/{asked.layer}/query"
    return Request(f"{PAGES}{offset}", path, params, spoken=SPOKEN, page_of=PAGES)


def read_rows(body: bytes, name: str) -> Sequence[Mapping[str, Any]]:
    """Return the attributes of the features of one page."""
    features = read_object(body, name).get("features")
    if isinstance(features, list) and all(
        isinstance(one, dict) and isinstance(one.get("attributes"), dict) for one in features
    ):
        return [one["attributes"] for one in features]
    raise UnknownReplyError(f"{name}: the reply has no features with attributes")


def read_object(body: bytes, name: str) -> Mapping[str, Any]:
    """Return a reply's object; raise the error that it carries, which comes with HTTP 200."""
    if looks_like_html(body):
        raise page_error(body, name, "the ArcGIS server", "JSON")
    reply = loads(body, name)
    if not isinstance(reply, dict):
        raise UnknownReplyError(f"{name}: the reply is no JSON object")
    error = reply.get("error")
    if error is None:
        return reply
    about = error if isinstance(error, Mapping) else {"message": error}
    details = about.get("details") or ()
    said = [about.get("message"), *(details if isinstance(details, list) else [details])]
    code = about.get("code")
    known = _NAMED.get(code, UnknownReplyError) if isinstance(code, int) else UnknownReplyError
    words = " ".join(" ".join(str(one) for one in said if one).split())[:LONGEST_QUOTE]
    raise known(f"{name}: the server says: {code}: {words}")


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure of a page, as of any table."""
    layer = cast(LayerDataset, dataset)
    rows = read_rows(body, layer.dataset)
    return read_cells(layer, snapshot, sheet_of(layer, rows), context)
