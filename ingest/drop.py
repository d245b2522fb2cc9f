"""Looks through the drop folder: right files are accepted, wrong ones go back with a report.

In ``<drop>/<dataset>/`` agencies put their files, under any address that fsspec knows. A right
file moves to ``accepted/<name>/<moment>.xlsx``; a wrong one to ``returned/<moment>-<name>/``
with a report and a copy in which each wrong cell is marked. A file with personal data, or one
that is not safe to open, is neither moved nor copied: a report says where to look.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

from ingest import personal_data
from ingest.catalogue import Catalogue
from ingest.drop_folder import Folder
from ingest.errors import FetchError, NotConfiguredError
from ingest.landing import Attempt, Landing
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.sources.agency_check import Checked, Finding, check, districts
from ingest.sources.agency_drop import ACCEPTED
from ingest.sources.agency_model import AgencyDataset
from ingest.sources.agency_returns import marked_copy, report
from ingest.sources.agency_words import say
from lumbung.settings import Settings

RETURNED = "returned"
CONNECTION = "drop"


Outcome = Literal["accepted", "returned", "refused"]


@dataclass(frozen=True)
class _File:
    """One dropped file: where it lies, what to call it, when it was looked at."""

    path: str
    shown: str
    at: datetime

    @property
    def moment(self) -> str:
        """The moment as part of a name, whose order is that of time."""
        return f"{self.at:%Y%m%dT%H%M%S%fZ}"


@dataclass(frozen=True)
class Received:
    """What became of one file. ``file`` is a tidied name that is safe to show."""

    dataset_id: str
    file: str
    outcome: Outcome
    n_findings: int
    report: str | None


def open_folder(settings: Settings) -> Folder:
    """Open the drop folder; raise NotConfiguredError where there is none."""
    url = settings.connection_url(CONNECTION)
    if url is None:
        raise NotConfiguredError(
            f"no drop folder: make {settings.home / CONNECTION}, or set LUMBUNG_DROP_URL"
        )
    return Folder(url, settings.max_body_bytes)


def receive(settings: Settings, catalogue: Catalogue) -> list[Received]:
    """Look through the inboxes of all agency datasets; no folder, no files: nothing to do."""
    if not settings.is_live(CONNECTION):
        return []
    receiver = _Receiver(settings, catalogue)
    datasets = (one for _, one in sorted(catalogue.datasets.items()))
    return [
        one
        for dataset in datasets
        if isinstance(dataset, AgencyDataset)
        for one in receiver.receive(dataset)
    ]


class _Receiver:
    """Judges files and puts them where they belong."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.settings, self.catalogue = settings, catalogue
        self.folder = open_folder(settings)
        self.landing = Landing.of(settings)

    @cached_property
    def context(self) -> Context:
        """What files are held against; read only when there is a file."""
        return Context(
            self.catalogue.indicators,
            self.catalogue.sources,
            RegionRegister.load(self.settings.geography),
        )

    def receive(self, dataset: AgencyDataset) -> Iterator[Received]:
        """Judge each file in the inbox of one dataset."""
        for name in self.folder.files(dataset.dataset):
            yield self._judge(dataset, name)

    def _judge(self, dataset: AgencyDataset, name: str) -> Received:
        shown, is_named_safely = self._safe_name(name)
        file = _File(f"{dataset.dataset}/{name}", shown, datetime.now(UTC))
        try:
            body = self.folder.read(file.path)
        except FetchError as error:
            self._record(dataset, file, "broken", str(error))
            return Received(dataset.dataset, shown, "refused", 1, None)
        snapshot = Snapshot(dataset.dataset, shown, hashlib.sha256(body).hexdigest())
        checked = check(dataset, body, self.context, snapshot)
        if not is_named_safely:
            said = say("file_name", {})
            checked = Checked((Finding("", "", None, "file_name", *said), *checked.findings))
        if not checked.is_right:
            return self._give_back(dataset, file, body, checked)
        self.folder.move(file.path, f"{dataset.dataset}/{ACCEPTED}/{shown}/{file.moment}.xlsx")
        return Received(dataset.dataset, shown, "accepted", 0, None)

    def _give_back(
        self, dataset: AgencyDataset, file: _File, body: bytes, checked: Checked
    ) -> Received:
        """Write the report; a file that may be copied goes with it, its wrong cells marked."""
        # The report of a file that stays where it is replaces the one of the run before.
        place = file.shown if checked.is_unsafe else f"{file.moment}-{file.shown}"
        folder = f"{dataset.dataset}/{RETURNED}/{place}"
        self.folder.write(f"{folder}/report.csv", report(checked.findings))
        if not checked.is_unsafe:
            marked = marked_copy(body, checked.findings)
            self.folder.write(f"{folder}/{file.shown}-marked.xlsx", marked)
            self.folder.move(file.path, f"{folder}/{file.shown}.xlsx")
        n = len(checked.findings)
        rules = ", ".join(sorted({one.rule for one in checked.findings}))
        self._record(dataset, file, "refused", f"{n} wrong ({rules}); see {folder}/report.csv")
        outcome: Outcome = "refused" if checked.is_unsafe else "returned"
        return Received(dataset.dataset, file.shown, outcome, n, f"{folder}/report.csv")

    def _record(
        self, dataset: AgencyDataset, file: _File, outcome: Literal["refused", "broken"],
        message: str,
    ) -> None:  # fmt: skip
        attempt = Attempt(dataset.dataset, file.shown, file.at, outcome, message)
        self.landing.record([attempt])

    def _safe_name(self, name: str) -> tuple[str, bool]:
        """Return a name of plain letters to call the file by, and whether its own may be shown."""
        stem = name.rpartition(".")[0] or name
        if personal_data.kinds_in(name, districts(self.context)):
            return f"file-{hashlib.sha256(name.encode()).hexdigest()[:8]}", False
        plain = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60]
        return plain or f"file-{hashlib.sha256(name.encode()).hexdigest()[:8]}", True


def summary(received: Iterable[Received]) -> list[str]:
    """Say in one line each what became of the files."""
    return [
        f"{one.dataset_id}/{one.file}: {one.outcome}"
        + (f", {one.n_findings} findings, {one.report}" if one.n_findings else "")
        for one in received
    ]
