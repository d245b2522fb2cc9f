"""What is looked at before a reply may land: files in folders, and tables with personal data.

Nothing that this refuses is stored, not even as evidence: a stored population number would
be a register of individuals.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from ingest import personal_data
from ingest.drop_folder import Folder
from ingest.http import Validators
from ingest.protocol import Reply, Request
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources.agency_model import AgencyDataset
from ingest.sources.table_model import TableDataset
from lumbung.settings import Settings

Ask = Callable[[Request, Validators], Reply]


def in_folder(url: str, settings: Settings) -> Ask:
    """Answer from a folder at any address that fsspec knows.

    A path that ends with a slash is answered by the list of the files below it, as JSON.
    """
    folder = Folder(url, settings.max_body_bytes)

    def ask(request: Request, _: Validators) -> Reply:
        now = datetime.now(UTC)
        is_listing = request.path.endswith("/")
        if is_listing:
            body = json.dumps(folder.files(request.path, deep=True)).encode()
        else:
            body = folder.read(request.path)
        return Reply(
            body=body,
            url=f"folder:{request.path}",  # the address may name a machine or a user
            status=200,
            content_type="application/json" if is_listing else "application/octet-stream",
            fetched_at=now,
            seen_on=now.date(),
            is_sample=False,
        )

    return ask


def screened(ask: Ask, dataset: Dataset, settings: Settings) -> Ask:
    """Return an ``ask`` that raises PersonalDataError for tables that hold personal data."""
    if isinstance(dataset, AgencyDataset):
        looked_for: frozenset[personal_data.Kind] = frozenset({"nik", "phone", "email"})
    elif isinstance(dataset, TableDataset):
        looked_for = frozenset({"nik"} if dataset.contacts_allowed else {"nik", "phone"})
    else:
        return ask

    def looked_at(request: Request, validators: Validators) -> Reply:
        reply = ask(request, validators)
        if request.keep and reply.body:
            places = personal_data.in_file(reply.body, _districts(settings.geography))
            found = [place for place in places if place.kind in looked_for]
            if found:
                raise personal_data.PersonalDataError(found)
        return reply

    return looked_at


@lru_cache(maxsize=4)
def _districts(geography: Path) -> frozenset[str]:
    return personal_data.nik_prefixes(RegionRegister.load(geography).codes("kemendagri"))
