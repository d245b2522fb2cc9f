"""How a question is answered: over HTTP, or from the figures that ship with the project.

Either way the protocol gets the same Reply and cannot tell them apart; ``is_sample`` says
it to everyone downstream. Which of the two answers is a matter of settings alone, and a
live source that fails never falls back to bundled figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest import screen
from ingest.errors import FetchError, IngestError, NotConfiguredError
from ingest.http import Client, Validators
from ingest.protocol import Reply, Request
from ingest.redaction import check_key, guard_logs
from ingest.schema import Dataset, Source
from lumbung.settings import Settings

CONTENT_TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".xml": "application/xml",
    ".html": "text/html",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

#: What BPS calls its key; no other source of the catalogue asks for one.
KEY_PARAMETER = "key"
#: Where the key goes in a request's path; without it, into the query.
KEY_PLACE = "{key}"


#: Answers a question. A source that says of the body with these validators that it still
#: holds is answered by a Reply without a body, with status 304.
Ask = Callable[[Request, Validators], Reply]

#: The status of a reply without a body: the one we have still holds.
NOT_MODIFIED = 304


@dataclass(frozen=True)
class Transport:
    """A way to have questions answered, and whether the answers are bundled figures."""

    ask: Ask
    is_sample: bool


def is_configured(dataset: Dataset, source: Source, settings: Settings) -> bool:
    """Tell whether there is anything to ask: a live connection, or a bundle."""
    return dataset.bundled is not None or settings.is_live(source.connection)


def how_to_go_live(source: Source) -> str:
    """Say what takes a source live that ships no figures."""
    prefix = f"LUMBUNG_{(source.connection or source.source).upper()}"
    return f"not configured: nothing is bundled; set {prefix}_URL (or _KEY) to fetch it live"


def open_transport(
    dataset: Dataset, source: Source, settings: Settings, client: Client | None = None
) -> Transport:
    """Return the transport that the settings ask for.

    Raises NotConfiguredError where the source is not live and nothing is bundled.
    """
    if settings.is_live(source.connection):
        ask = live(source, settings, client)
        return Transport(screen.screened(ask, dataset, settings), is_sample=False)
    if dataset.bundled is None:
        raise NotConfiguredError(f"dataset {dataset.dataset}: {how_to_go_live(source)}")
    return Transport(bundled(dataset, settings), is_sample=True)


def bundled(dataset: Dataset, settings: Settings) -> Ask:
    """Answer from the files in the dataset's bundle: the one named after the partition."""
    bundle = dataset.bundled
    if bundle is None:
        raise IngestError(f"dataset {dataset.dataset} has no bundled figures")
    folder = settings.bundled / bundle.folder

    def ask(request: Request, _: Validators) -> Reply:
        path = _bundled_file(dataset, folder, request)
        return Reply(
            body=path.read_bytes(),
            url=f"bundled:{bundle.folder}/{path.name}",
            status=200,
            content_type=CONTENT_TYPES.get(path.suffix, "application/octet-stream"),
            fetched_at=datetime.now(UTC),
            seen_on=bundle.collected_on,
            is_sample=True,
        )

    return ask


def _bundled_file(dataset: Dataset, folder: Path, request: Request) -> Path:
    """Return the one file that answers a request; a bundle without it is a defect of ours."""
    found = (
        sorted(path for path in folder.iterdir() if path.stem == request.partition)
        if folder.is_dir()
        else []
    )
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise FetchError(
            f"dataset {dataset.dataset}: the bundle {folder.name}/ should hold exactly one file "
            f"for partition '{request.partition}', it holds {names}"
        )
    return found[0]


def live(source: Source, settings: Settings, client: Client | None = None) -> Ask:
    """Answer over HTTP from the connection's address, adding the key where there is one."""
    connection = source.connection or source.source
    base = settings.connection_url(connection, source.default_url)
    if base is None:
        raise IngestError(f"no address for {connection}: set LUMBUNG_{connection.upper()}_URL")
    if not base.startswith(("http://", "https://")):
        return screen.in_folder(base, settings)
    key = check_key(settings.connection_key(connection), f"LUMBUNG_{connection.upper()}_KEY")
    guard_logs(key)
    http = client or Client(settings)

    def ask(request: Request, validators: Validators) -> Reply:
        if key is None and KEY_PLACE in request.path:
            raise FetchError(
                f"{request.partition}: the address needs a key: set "
                f"LUMBUNG_{connection.upper()}_KEY"
            )
        secret_params = {KEY_PARAMETER: key} if key else {}
        answer = http.get(
            base.rstrip("/") + request.path,
            request.params,
            secret_params,
            validators,
            request.spoken,
        )
        now = datetime.now(UTC)
        return Reply(
            body=answer.body,
            url=answer.url,
            status=answer.status,
            content_type=answer.content_type,
            fetched_at=now,
            seen_on=now.date(),
            is_sample=False,
            etag=answer.etag,
            last_modified=answer.last_modified,
        )

    return ask
