"""Fetches, lands and parses datasets, one after the other, whatever becomes of each.

An error is an outcome: it is written down for its partition and the other datasets go on.
A reply that can't be parsed stays in landing; what was parsed before stays in use.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Literal

import lumbung
from ingest import catalogue as catalogues
from ingest import parsed
from ingest.catalogue import Catalogue
from ingest.errors import (
    BadKeyError,
    BlockedError,
    IngestError,
    LandingError,
    NothingAvailableError,
)
from ingest.http import Client
from ingest.landing import SEVERITY, Attempt, LandedSnapshot, Landing, Outcome
from ingest.protocol import Context, Reply, Request, Snapshot, SourceProtocol
from ingest.redaction import redact
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from ingest.transport import Transport, how_to_go_live, is_configured, open_transport
from lumbung.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class HarvestReport:
    """What one run did for one dataset, and what its selected snapshots hold by now.

    ``not_configured`` is no outcome of a question: the source was not asked, and the ledger
    has no row of it.
    """

    dataset_id: str
    outcome: Outcome | Literal["not_configured"]
    n_snapshots: int
    n_new_snapshots: int
    n_observations: int
    n_rejected: int
    is_sample: bool
    message: str


@dataclass
class _Run:
    """What a dataset's run has done so far."""

    is_sample: bool
    outcomes: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    fetched: set[tuple[str, str]] = field(default_factory=set)
    n_new: int = 0
    partition: str = "all"

    def note(self, partition: str, outcome: Outcome, message: str = "") -> None:
        """Write down a partition's outcome; only a worse one replaces it."""
        known = self.outcomes.get(partition)
        if known is None or SEVERITY.index(outcome) > SEVERITY.index(known[0]):
            self.outcomes[partition] = (outcome, message)


class Harvester:
    """Runs datasets of one catalogue into one home folder."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue | None = None, client: Client | None = None
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue or catalogues.load(settings.catalog)
        self.given_client = client
        self.landing = Landing(settings.landing)

    def run(self, datasets: Iterable[Dataset]) -> list[HarvestReport]:
        """Harvest each dataset; one that fails never stops the next."""
        return [self._survive(dataset) for dataset in datasets]

    def harvest(self, dataset: Dataset) -> HarvestReport:
        """Ask for everything a dataset wants, land it, parse what is not parsed yet.

        Raises LandingError and OSError where not even the outcome can be written.
        """
        started = time.monotonic()
        source = self.catalogue.source_of(dataset)
        if not is_configured(dataset, source, self.settings):
            said = how_to_go_live(source)
            return HarvestReport(dataset.dataset, "not_configured", 0, 0, 0, 0, False, said)
        run = _Run(is_sample=self._is_sample(dataset))
        try:
            client = None if run.is_sample else self.client
            self._collect(dataset, open_transport(dataset, source, self.settings, client), run)
        except Exception as error:
            self._note_error(dataset, run, run.partition, error)
        self._parse_pending(dataset, run)
        report = self._finish(dataset, run)
        logger.info(
            "dataset=%s outcome=%s snapshots=%d new=%d observations=%d rejected=%d seconds=%.1f %s",
            report.dataset_id, report.outcome, report.n_snapshots, report.n_new_snapshots,
            report.n_observations, report.n_rejected, time.monotonic() - started, report.message,
        )  # fmt: skip
        return report

    def _survive(self, dataset: Dataset) -> HarvestReport:
        """Harvest a dataset; report it as broken where even its outcome can't be written."""
        try:
            return self.harvest(dataset)
        except (LandingError, OSError) as error:
            logger.error("dataset=%s outcome=broken %s", dataset.dataset, error)
            is_sample = self._is_sample(dataset)
            return HarvestReport(dataset.dataset, "broken", 0, 0, 0, 0, is_sample, str(error))

    def _is_sample(self, dataset: Dataset) -> bool:
        return not self.settings.is_live(self.catalogue.source_of(dataset).connection)

    def _collect(self, dataset: Dataset, transport: Transport, run: _Run) -> None:
        """Land every reply as it comes; those the protocol hands on become snapshots."""
        landed: dict[tuple[str, str], int] = {}

        def fetch(request: Request) -> Reply:
            run.partition = request.partition
            known = self._kept(dataset, request, run.is_sample) if request.once else None
            if known is not None:
                landed[_identity(request, known)] = 0  # no new fetch to be kept
                return known
            reply = transport.fetch(request)
            landed[_identity(request, reply)] = self.landing.land(
                dataset.dataset, request, reply, lumbung.__version__
            )
            return reply

        for request, reply in _protocol(dataset).collect(dataset, fetch):
            if isinstance(reply, IngestError):
                self._note_error(dataset, run, request.partition, reply)
                continue
            if not request.keep:
                continue
            identity = _identity(request, reply)
            is_new = bool(landed[identity]) and self.landing.keep(landed[identity])
            run.fetched.add(identity)
            run.n_new += is_new
            run.note(request.partition, "ok" if is_new else "unchanged")

    def _kept(self, dataset: Dataset, request: Request, is_sample: bool) -> Reply | None:
        """Return the reply that an earlier run kept for a question, None where there is none."""
        fetches = [
            one
            for one in self.landing.fetches(dataset.dataset)
            if one.partition == request.partition and one.is_kept and one.is_sample is is_sample
        ]
        if not fetches:
            return None
        last = fetches[-1]
        return Reply(
            body=self.landing.read(last.sha256),
            url=last.url,
            status=last.status,
            content_type=last.content_type,
            fetched_at=last.fetched_at,
            seen_on=last.seen_on,
            is_sample=last.is_sample,
            etag=last.etag,
            last_modified=last.last_modified,
        )

    def _parse_pending(self, dataset: Dataset, run: _Run) -> None:
        """Parse each kept snapshot that has no rows yet, or rows of an older parser."""
        fingerprint = self.parsers.of(dataset)
        for snapshot in self.landing.snapshots(dataset.dataset, run.is_sample):
            path = parsed.observations_path(self.settings, snapshot)
            if parsed.parser_of(path) == fingerprint:
                continue
            try:
                self._parse(dataset, snapshot, fingerprint)
            except Exception as error:
                if (snapshot.partition, snapshot.snapshot_id) in run.fetched:
                    self._note_error(dataset, run, snapshot.partition, error, "broken")
                else:
                    logger.warning(
                        "dataset=%s partition=%s: the earlier snapshot %s can't be parsed: %s",
                        dataset.dataset, snapshot.partition, snapshot.snapshot_id[:12],
                        _describe(error),
                    )  # fmt: skip

    def _parse(self, dataset: Dataset, snapshot: LandedSnapshot, fingerprint: str) -> None:
        """Parse one snapshot and store its rows."""
        result = _protocol(dataset).parse(
            dataset,
            Snapshot(dataset.dataset, snapshot.partition, snapshot.snapshot_id),
            self.landing.read(snapshot.snapshot_id),
            self.context,
        )
        parsed.store(parsed.observations_path(self.settings, snapshot), result, fingerprint)

    def _note_error(
        self,
        dataset: Dataset,
        run: _Run,
        partition: str,
        error: Exception,
        outcome: Outcome | None = None,
    ) -> None:
        """Turn an error into its partition's outcome, and log the ones nobody foresaw."""
        source = self.catalogue.source_of(dataset)
        key = self.settings.connection_key(source.connection) if source.connection else None
        message = redact(_describe(error), [key])
        run.note(partition, outcome or outcome_of(error), message)
        if not isinstance(error, (IngestError, OSError)):
            logger.error(
                "dataset=%s partition=%s: %s", dataset.dataset, partition, message, exc_info=error
            )

    def _finish(self, dataset: Dataset, run: _Run) -> HarvestReport:
        """Write the outcomes to the ledger and sum the run up."""
        now = datetime.now(UTC)
        for partition, (outcome, message) in sorted(run.outcomes.items()):
            self.landing.record(Attempt(dataset.dataset, partition, now, outcome, message))
        snapshots = self.landing.snapshots(dataset.dataset, run.is_sample)
        paths = [parsed.observations_path(self.settings, snapshot) for snapshot in snapshots]
        outcome, message = overall(run.outcomes)
        return HarvestReport(
            dataset_id=dataset.dataset,
            outcome=outcome,
            n_snapshots=len(snapshots),
            n_new_snapshots=run.n_new,
            n_observations=sum(parsed.n_rows(path) for path in paths),
            n_rejected=sum(parsed.n_rows(parsed.rejected_path(path)) for path in paths),
            is_sample=run.is_sample,
            message=message,
        )

    @cached_property
    def client(self) -> Client:
        """The HTTP client of all datasets: one pool, one memory of who refused us."""
        return self.given_client or Client(self.settings)

    def close(self) -> None:
        """Close the client, where we opened one."""
        if "client" in vars(self) and self.given_client is None:
            self.client.close()

    @cached_property
    def context(self) -> Context:
        """What parsers look things up in; read only when there is something to parse."""
        return Context(
            indicators=self.catalogue.indicators,
            sources=self.catalogue.sources,
            regions=RegionRegister.load(self.settings.geography),
        )

    @cached_property
    def parsers(self) -> parsed.ParserFingerprints:
        """The fingerprints of the parsers of this catalogue."""
        return parsed.ParserFingerprints(self.settings, self.catalogue)


def harvest(
    source_or_dataset: str | Iterable[str], settings: Settings, client: Client | None = None
) -> list[HarvestReport]:
    """Harvest all datasets of a source, or the datasets named.

    Raises CatalogueError only where a name is neither a source nor a dataset.
    """
    with closing(Harvester(settings, client=client)) as harvester:
        return harvester.run(_named(harvester.catalogue, source_or_dataset))


def _named(catalogue: Catalogue, source_or_dataset: str | Iterable[str]) -> list[Dataset]:
    """Return the datasets that the names stand for."""
    names = [source_or_dataset] if isinstance(source_or_dataset, str) else source_or_dataset
    datasets: list[Dataset] = []
    for name in names:
        known = name in catalogue.sources
        datasets += catalogue.of_source(name) if known else [catalogue.dataset(name)]
    return datasets


def outcome_of(error: Exception) -> Outcome:
    """Name the outcome an error stands for."""
    if isinstance(error, NothingAvailableError):
        return "empty"
    if isinstance(error, (BlockedError, BadKeyError)):
        return "refused"
    return "broken"


def overall(outcomes: dict[str, tuple[Outcome, str]]) -> tuple[Outcome, str]:
    """Sum up a dataset's partitions: the worst outcome and what was said about it."""
    if not outcomes:
        return "empty", "the source offered nothing for this dataset"
    worst = max((outcome for outcome, _ in outcomes.values()), key=SEVERITY.index)
    said = [
        f"{partition}: {message}"
        for partition, (outcome, message) in sorted(outcomes.items())
        if outcome == worst and message
    ]
    more = f" (and {len(said) - 1} more partitions)" if len(said) > 1 else ""
    return worst, (said[0] + more) if said else ""


def _protocol(dataset: Dataset) -> SourceProtocol:
    return PROTOCOLS[dataset.protocol]


def _identity(request: Request, reply: Reply) -> tuple[str, str]:
    """Name a reply by its question and its bytes: the partition and the snapshot id."""
    return request.partition, hashlib.sha256(reply.body).hexdigest()


def _describe(error: Exception) -> str:
    """Say what went wrong; errors nobody foresaw are named by their type as well."""
    if isinstance(error, IngestError):
        return str(error)
    return f"{type(error).__name__}: {error}"
