"""Tables of a CKAN portal: rows of its datastore, or the files that were uploaded to it.

The portal is asked first which resources a package has, since their ids, names and places
change when an office uploads anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ingest.errors import (
    BlockedError,
    IngestError,
    NotAllowedError,
    NotFoundError,
    NothingAvailableError,
    UnknownReplyError,
    UnreadableFileError,
    ValueRejectedError,
)
from ingest.observation import ParseResult
from ingest.periods import parse_period
from ingest.protocol import Answer, Context, Fetch, Request, Snapshot
from ingest.schema import Dataset
from ingest.sources.ckan_model import JOINT, CkanDataset, PeriodOfResource
from ingest.sources.ckan_replies import ACTION, SPOKEN, read_result
from ingest.sources.json_rows import sheet_of
from ingest.sources.pages import Page, all_pages
from ingest.sources.table_cells import read_cells
from ingest.sources.table_sheet import read_sheet
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error

model: type[Dataset] = CkanDataset

#: Where CKAN itself keeps uploaded files, below the portal's address.
_UPLOAD = re.compile(r"/dataset/[^/?#]+/resource/[^/?#]+/download(/[^?#]*)?$")
_ROW_ID = "_id"


@dataclass(frozen=True)
class Resource:
    """One table of a package: its id, the period its name tells, and what the portal says of it."""

    id: str
    period: str
    about: Mapping[str, Any]

    @property
    def partition(self) -> str:
        """Name the resource for ever: by its period, if any, and its id."""
        return f"{self.period}{JOINT}{self.id}"


def collect(dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
    """Ask which resources there are, then for each; one that fails lets the others go on.

    A resource's pages are handed on together. Raises where the package itself can't be had,
    and BlockedError at once: a firewall's refusal is about us, not about a table.
    """
    asked = cast(CkanDataset, dataset)
    for resource in find_resources(asked, fetch):
        try:
            yield from _read(asked, resource, fetch)
        except NotAllowedError as error:
            yield Request(resource.partition), error
        except BlockedError:
            raise
        except IngestError as error:
            yield Request(resource.partition), error


def find_resources(dataset: CkanDataset, fetch: Fetch) -> Sequence[Resource]:
    """Return the resources that the catalogue file means, in a fixed order."""
    name, asked = dataset.dataset, dataset.request
    request = Request(
        "package", f"{ACTION}package_show", {"id": asked.package}, keep=False, spoken=SPOKEN
    )
    package = read_result(fetch(request).body, name)
    listed = package.get("resources")
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and one.get("id") for one in listed
    ):
        raise UnknownReplyError(f"{name}: the package has no list of resources with ids")
    if package.get("state", "active") != "active":
        raise NotFoundError(f"{name}: the package is {package['state']} on the portal")
    found = [fit for one in listed if (fit := _fit(dataset, one)) is not None]
    if not found:
        names = ", ".join(f"{one['id']} {one.get('name')}" for one in listed) or "none"
        raise NotFoundError(
            f"{name}: no resource of package {asked.package} is the one described; it has: {names}"
        )
    _refuse_doubles(found, name)
    return sorted(found, key=lambda one: one.partition)


def _fit(dataset: CkanDataset, about: Mapping[str, Any]) -> Resource | None:
    """Return a listed resource if it is meant."""
    asked, period = dataset.request, dataset.period
    if asked.resource is not None:
        return Resource(asked.resource, "", about) if about["id"] == asked.resource else None
    fit = re.search(asked.name_matches or "", str(about.get("name") or ""))
    if fit is None:
        return None
    if not isinstance(period, PeriodOfResource):
        return Resource(str(about["id"]), "", about)
    label = period.from_name
    for group, text in fit.groupdict().items():
        label = label.replace("{" + group + "}", text or "")
    try:
        parse_period(label)
    except ValueRejectedError as error:
        raise UnknownReplyError(
            f"{dataset.dataset}: the resource '{about.get('name')}' makes no period: {error}"
        ) from None
    return Resource(str(about["id"]), label, about)


def _refuse_doubles(found: Sequence[Resource], name: str) -> None:
    """Refuse two resources about one period: one of them may be a draft, or another format."""
    periods = [one.period for one in found if one.period]
    twice = next((period for period in periods if periods.count(period) > 1), None)
    if twice:
        names = "; ".join(str(one.about.get("name")) for one in found if one.period == twice)
        raise UnknownReplyError(
            f"{name}: several resources are about {twice} ({names}): narrow `name_matches`"
        )


def _read(dataset: CkanDataset, resource: Resource, fetch: Fetch) -> Sequence[Answer]:
    if dataset.request.read == "file":
        return [_file(dataset, resource, fetch)]
    if not resource.about.get("datastore_active"):
        raise UnknownReplyError(
            f"{dataset.dataset}: '{resource.about.get('name')}' is not in the portal's datastore: "
            "read it with `read: file`"
        )
    name = dataset.dataset

    def ask(offset: int) -> Request:
        return rows_request(dataset, resource, offset)

    def read(body: bytes) -> Page:
        total, rows = read_rows(body, name)
        ids = [row.get(_ROW_ID) for row in rows]
        if any(not isinstance(one, int) for one in ids):
            raise UnknownReplyError(f"{name}: a row of the datastore has no {_ROW_ID}")
        return Page(total, ids)

    pages = all_pages(ask, read, fetch, name)
    if read(pages[0][1].body).total == 0:
        raise NothingAvailableError(f"{name}: '{resource.about.get('name')}' has no rows")
    return pages


def rows_request(dataset: CkanDataset, resource: Resource, offset: int) -> Request:
    """Ask the datastore for rows from an offset on, in an order that stays the same."""
    params = {
        "resource_id": resource.id,
        "limit": str(dataset.request.size),
        "offset": str(offset),
        "sort": _ROW_ID,
    }
    if dataset.request.filters:
        params["filters"] = json.dumps(dataset.request.filters, separators=(",", ":"))
    pages = f"{resource.partition}{JOINT}"
    return Request(
        f"{pages}{offset}", f"{ACTION}datastore_search", params, spoken=SPOKEN, page_of=pages
    )


def read_rows(body: bytes, name: str) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """Return how many rows the portal counts, and those of one page."""
    match read_result(body, name):
        case {"total_was_estimated": True}:
            raise UnknownReplyError(f"{name}: the portal only estimates how many rows there are")
        case {"total": int() as total, "records": list() as rows} if not isinstance(total, bool):
            if all(isinstance(row, dict) for row in rows):
                return total, rows
    raise UnknownReplyError(f"{name}: the datastore's reply has no total and records")


def _file(dataset: CkanDataset, resource: Resource, fetch: Fetch) -> Answer:
    """Ask for an uploaded file where CKAN keeps it; files elsewhere are not ours to follow."""
    name, url = dataset.dataset, str(resource.about.get("url") or "")
    place = _UPLOAD.search(url)
    if place is None or resource.about.get("url_type", "upload") not in ("upload", ""):
        raise UnknownReplyError(
            f"{name}: the file of '{resource.about.get('name')}' is not kept by the portal: "
            "describe it with `protocol: table` and a source of its own"
        )
    request = Request(resource.partition, place.group())
    reply = fetch(request)
    if looks_like_html(reply.body):
        raise page_error(reply.body, name, "the portal", "a file")
    # A text that ends early reads like a shorter table: nothing inside it tells.
    size = resource.about.get("size")
    if dataset.request.check_size and isinstance(size, int) and len(reply.body) < size:
        raise UnreadableFileError(
            f"{name}: the portal says that '{resource.about.get('name')}' has {size} bytes, "
            f"{len(reply.body)} came: it was cut off, or the portal is wrong (`check_size`)"
        )
    return request, reply


def parse(dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context) -> ParseResult:
    """Read every cell of every measure, as of any table; the partition tells the period."""
    asked = cast(CkanDataset, dataset).of_period(snapshot.partition.partition(JOINT)[0])
    if asked.request.read == "file":
        return read_cells(asked, snapshot, read_sheet(asked, body), context)
    _, rows = read_rows(body, asked.dataset)
    return read_cells(asked, snapshot, sheet_of(asked, rows), context)
