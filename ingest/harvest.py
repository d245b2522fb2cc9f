"""Fetches, lands and parses datasets, many in flight, whatever becomes of each.

An error is an outcome: it is written down for its partition and the other datasets go on.
A reply that can't be parsed stays in landing; what was parsed before stays in use. What was
answered before a run was cut short is not asked again: ``ingest.runs``.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from threading import Lock
from typing import Literal

import lumbung
from ingest import catalogue as catalogues
from ingest import leftovers, parsed, storage
from ingest.catalogue import Catalogue
from ingest.errors import (
    BadKeyError,
    BlockedError,
    IngestError,
    LandingError,
    NothingAvailableError,
    NotWantedError,
)
from ingest.http import Client, Validators
from ingest.landing import SEVERITY, Attempt, Fetch, Landing, Outcome
from ingest.parse_pool import ParsePool
from ingest.personal_data import PersonalDataError
from ingest.protocol import Reply, Request, SourceProtocol
from ingest.redaction import redact
from ingest.runs import Finished, Runs
from ingest.schema import Dataset, Source
from ingest.sources import PROTOCOLS
from ingest.tombstones import QuarantinedError
from ingest.transport import (
    NOT_MODIFIED,
    Transport,
    how_to_go_live,
    is_configured,
    open_transport,
)
from lumbung.settings import Settings

logger = logging.getLogger(__name__)

#: Outcomes after which a partition is asked again by the next run, same day or not.
FAILED: frozenset[Outcome] = frozenset({"refused", "broken"})


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
class _Task:
    """What a dataset's run has done so far. ``run_id`` is the run it belongs to."""

    run_id: int
    is_sample: bool
    only: Sequence[str] = ()
    answers: dict[str, tuple[int, bool]] = field(default_factory=dict)
    outcomes: dict[str, tuple[Outcome, str]] = field(default_factory=dict)
    fetched: set[tuple[str, str]] = field(default_factory=set)
    reused: set[str] = field(default_factory=set)
    n_new: int = 0
    is_whole: bool = False
    partition: str = "all"

    def note(self, partition: str, outcome: Outcome, message: str = "") -> None:
        """Write down a partition's outcome; only a worse one replaces it."""
        known = self.outcomes.get(partition)
        if known is None or SEVERITY.index(outcome) > SEVERITY.index(known[0]):
            self.outcomes[partition] = (outcome, message)

    def wants(self, request: Request) -> bool:
        """Tell whether the run is about this question; what steers it always is."""
        names = self.only
        return not (names and request.keep) or any(_names(name, request) for name in names)

    def told(self, partition: str) -> bool:
        """Tell whether an earlier part of the run wrote this partition's outcome down."""
        return partition in self.reused and self.answers[partition][1]


class Harvester:
    """Runs datasets of one catalogue into one home folder. Its threads share everything."""

    def __init__(
        self, settings: Settings, catalogue: Catalogue | None = None, client: Client | None = None
    ) -> None:
        self.settings = settings
        self.catalogue = catalogue or catalogues.load(settings.catalog)
        self.given_client = client
        self.landing = Landing.of(settings)
        self.runs = Runs(self.landing)
        self.parse_pool = ParsePool(settings, self.catalogue)
        self.lock = Lock()
        #: One dataset at a time is entered, but for answers as they come: SQLite has who waits
        #: sleep for too long.
        self.entering = Lock()

    def run(
        self,
        datasets: Iterable[Dataset],
        tell: Callable[[HarvestReport], None] | None = None,
        anew: bool = False,
        only: Sequence[str] = (),
    ) -> list[HarvestReport]:
        """Harvest the datasets, many at a time; one that fails never stops another.

        The reports come in the order asked for; ``tell`` gets each as soon as it is there.
        ``anew`` asks for everything, also where an unfinished run has had it already.
        ``only`` names the partitions that are asked for, closed ones too; ``*`` matches.
        """
        wanted = list(datasets)
        try:
            run_id = self._open_run(wanted, anew, only)
        except (LandingError, OSError) as error:
            return [self._unwritten(dataset, error) for dataset in wanted]

        def one(dataset: Dataset) -> HarvestReport:
            report = self._survive(dataset, run_id, only)
            if tell is not None:
                with self.lock:
                    tell(report)
            return report

        with ThreadPoolExecutor(self.settings.max_in_flight, "harvest") as pool:
            reports = list(pool.map(one, wanted))
        asked = [r.dataset_id for r in reports if r.outcome != "not_configured"]
        if not any(report.outcome in FAILED for report in reports):
            self.runs.end(run_id, asked)
        return reports

    def _open_run(self, datasets: Sequence[Dataset], anew: bool, only: Sequence[str]) -> int:
        """Go on with the unfinished run of these datasets, or begin one."""
        leftovers.sweep(self.landing.objects / "objects", storage.observations(self.settings))
        scope = " ".join([self._scope(datasets), *only])
        if anew:
            self.runs.abandon(scope)
            self.client.hosts.clear()
        return self.runs.open(scope, self.settings.run_hours)

    def _scope(self, datasets: Iterable[Dataset]) -> str:
        """Name a set of datasets by all that decides what they ask for, and of whom."""
        total = hashlib.sha256()
        for dataset in sorted(datasets, key=lambda one: one.dataset):
            source = self.catalogue.source_of(dataset)
            connection = source.connection or source.source
            parts = (
                dataset.dataset,
                str(self._is_sample(dataset)),
                self.settings.connection_url(connection, source.default_url) or "",
                self.parsers.of(dataset),
            )
            total.update("\0".join(parts).encode() + b"\n")
        return total.hexdigest()

    def harvest(self, dataset: Dataset, run_id: int, only: Sequence[str] = ()) -> HarvestReport:
        """Ask for everything a dataset wants, land it, parse what is not parsed yet.

        Raises LandingError and OSError where not even the outcome can be written.
        """
        started = time.monotonic()
        source = self.catalogue.source_of(dataset)
        if not is_configured(dataset, source, self.settings):
            said = how_to_go_live(source)
            return HarvestReport(dataset.dataset, "not_configured", 0, 0, 0, 0, False, said)
        is_sample = self._is_sample(dataset)
        # A bundled file costs nothing to read, and may have been edited a moment ago.
        finished = None if is_sample else self.runs.finished(run_id, dataset.dataset)
        answers = {} if is_sample else self.runs.answers(run_id, dataset.dataset)
        task = _Task(run_id, is_sample, only, answers)
        if finished is None:
            with self._written_at_once(is_sample):
                self._collect_all(dataset, source, task)
        self._parse_pending(dataset, task)
        report = self._finish(dataset, task, finished)
        logger.info(
            "dataset=%s outcome=%s snapshots=%d new=%d observations=%d rejected=%d seconds=%.1f %s",
            report.dataset_id, report.outcome, report.n_snapshots, report.n_new_snapshots,
            report.n_observations, report.n_rejected, time.monotonic() - started, report.message,
        )  # fmt: skip
        return report

    @contextmanager
    def _written_at_once(self, is_sample: bool) -> Iterator[None]:
        """Enter all answers of a bundled dataset together; a live one's as each comes.

        What it cost to have an answer must never be lost; a bundled file is at hand again, and
        forcing the ledger to the disk takes longer than reading it.
        """
        if not is_sample:
            yield
            return
        with self.entering, self.landing.transaction() as db:
            db.execute("begin immediate")
            yield

    def _collect_all(self, dataset: Dataset, source: Source, task: _Task) -> None:
        """Collect what a dataset wants; what goes wrong becomes a partition's outcome."""
        try:
            client = None if task.is_sample else self.client
            self._collect(dataset, open_transport(dataset, source, self.settings, client), task)
            task.is_whole = not task.only
        except NotWantedError as error:
            said = (
                f"{error}, but its pages are handed on together or not at all: name all "
                "partitions (`*`)"
            )
            task.note(task.partition, "broken", said)
        except Exception as error:
            self._note_error(dataset, task, task.partition, error)

    def _survive(self, dataset: Dataset, run_id: int, only: Sequence[str]) -> HarvestReport:
        """Harvest a dataset; report it as broken where even its outcome can't be written."""
        try:
            return self.harvest(dataset, run_id, only)
        except (LandingError, OSError) as error:
            return self._unwritten(dataset, error)

    def _unwritten(self, dataset: Dataset, error: Exception) -> HarvestReport:
        logger.error("dataset=%s outcome=broken %s", dataset.dataset, error)
        is_sample = self._is_sample(dataset)
        return HarvestReport(dataset.dataset, "broken", 0, 0, 0, 0, is_sample, str(error))

    def _is_sample(self, dataset: Dataset) -> bool:
        return not self.settings.is_live(self.catalogue.source_of(dataset).connection)

    def _collect(self, dataset: Dataset, transport: Transport, task: _Task) -> None:
        """Land every reply as it comes; those the protocol hands on become snapshots."""
        landed: dict[tuple[str, str], tuple[int, bool]] = {}

        def fetch(request: Request) -> Reply:
            if not task.wants(request):
                raise NotWantedError(f"{dataset.dataset}: {request.partition} is left out")
            task.partition = request.partition
            had = self._had(dataset, request, task)
            if had is None:
                reply = self._ask(dataset, request, transport)
                fetch_id = self.landing.land(dataset.dataset, request, reply, lumbung.__version__)
                landed[_identity(request, reply)] = (fetch_id, True)
                return reply
            reply = self._reply_of(had)
            is_this_run = request.partition in task.reused
            landed[_identity(request, reply)] = (had.fetch_id, is_this_run)
            return reply

        for request, reply in _protocol(dataset).collect(dataset, fetch):
            if isinstance(reply, NotWantedError):
                continue
            if isinstance(reply, IngestError):
                self._note_error(dataset, task, request.partition, reply)
                continue
            if not request.keep:
                continue
            identity = _identity(request, reply)
            fetch_id, is_this_run = landed[identity]
            with self.landing.transaction():
                is_new = is_this_run and self.landing.keep(fetch_id)
                self.runs.answered(task.run_id, dataset.dataset, request.partition, fetch_id)
            task.fetched.add(identity)
            task.n_new += is_new
            task.note(request.partition, "ok" if is_new else "unchanged")

    def _had(self, dataset: Dataset, request: Request, task: _Task) -> Fetch | None:
        """Return the answer that need not be asked for again.

        That is one this run has had before it was cut short, or an earlier one to a
        question whose answer does not change any more.
        """
        if request.keep and request.partition in task.answers:
            fetch = self.landing.fetch(task.answers[request.partition][0])
            task.reused.add(request.partition)
            return fetch
        if request.once and not task.only:
            return self.landing.last_kept(dataset.dataset, request.partition, task.is_sample)
        return None

    def _ask(self, dataset: Dataset, request: Request, transport: Transport) -> Reply:
        """Ask the source, on condition that the answer we have no longer holds."""
        known = None
        if request.keep and not transport.is_sample:
            known = self.landing.last_kept(dataset.dataset, request.partition, is_sample=False)
        if known is None or not (known.etag or known.last_modified) or not self._is_whole(known):
            return transport.ask(request, Validators())
        reply = transport.ask(request, Validators(known.etag, known.last_modified))
        if reply.status != NOT_MODIFIED:
            return reply
        return replace(
            reply,
            body=self.landing.read(known.sha256),
            content_type=known.content_type,
            etag=reply.etag or known.etag,
            last_modified=reply.last_modified or known.last_modified,
        )

    def _is_whole(self, fetch: Fetch) -> bool:
        """Tell whether the object of a fetch is there, so that "not modified" is of use."""
        try:
            self.landing.read(fetch.sha256)
        except LandingError:
            return False
        return True

    def _reply_of(self, fetch: Fetch) -> Reply:
        """Return a reply as it was had."""
        return Reply(
            body=self.landing.read(fetch.sha256),
            url=fetch.url,
            status=fetch.status,
            content_type=fetch.content_type,
            fetched_at=fetch.fetched_at,
            seen_on=fetch.seen_on,
            is_sample=fetch.is_sample,
            etag=fetch.etag,
            last_modified=fetch.last_modified,
        )

    def _parse_pending(self, dataset: Dataset, task: _Task) -> None:
        """Parse each kept snapshot that has no rows yet, or rows of an older parser."""
        fingerprint = self.parsers.of(dataset)
        pending = [
            snapshot
            for snapshot in self.landing.snapshots(dataset.dataset, task.is_sample)
            if parsed.parser_of(parsed.observations_path(self.settings, snapshot)) != fingerprint
        ]
        for snapshot, error in self.parse_pool.parse(dataset, pending) if pending else ():
            if error is None:
                continue
            if (snapshot.partition, snapshot.snapshot_id) in task.fetched:
                self._note_error(dataset, task, snapshot.partition, error, "broken")
                self.runs.forget(task.run_id, dataset.dataset, snapshot.partition)
            else:
                logger.warning(
                    "dataset=%s partition=%s: the earlier snapshot %s can't be parsed: %s",
                    dataset.dataset, snapshot.partition, snapshot.snapshot_id[:12],
                    _describe(error),
                )  # fmt: skip

    def parse_landed(self, dataset: Dataset, is_sample: bool) -> None:
        """Parse what landed of a dataset and has no rows of today's parser; fetch nothing."""
        self._parse_pending(dataset, _Task(0, is_sample))

    def _note_error(
        self,
        dataset: Dataset,
        task: _Task,
        partition: str,
        error: Exception,
        outcome: Outcome | None = None,
    ) -> None:
        """Turn an error into its partition's outcome, and log the ones nobody foresaw."""
        source = self.catalogue.source_of(dataset)
        key = self.settings.connection_key(source.connection) if source.connection else None
        message = redact(_describe(error), [key])
        task.note(partition, outcome or outcome_of(error), message)
        if not isinstance(error, (IngestError, OSError)):
            logger.error(
                "dataset=%s partition=%s: %s", dataset.dataset, partition, message, exc_info=error
            )

    def _finish(self, dataset: Dataset, task: _Task, before: Finished | None) -> HarvestReport:
        """Write the outcomes to the ledger and sum the run up."""
        how = before or Finished(*overall(task.outcomes), task.n_new)
        with self.entering, self.landing.transaction():
            self._write_down(dataset, task, how, before)
        snapshots = self.landing.snapshots(dataset.dataset, task.is_sample)
        paths = [parsed.observations_path(self.settings, snapshot) for snapshot in snapshots]
        return HarvestReport(
            dataset_id=dataset.dataset,
            outcome=how.outcome,
            n_snapshots=len(snapshots),
            n_new_snapshots=how.n_new,
            n_observations=sum(parsed.n_rows(path) for path in paths),
            n_rejected=sum(parsed.n_rows(parsed.rejected_path(path)) for path in paths),
            is_sample=task.is_sample,
            message=how.message,
        )

    def _write_down(
        self, dataset: Dataset, task: _Task, how: Finished, before: Finished | None
    ) -> None:
        """Enter the outcomes of a dataset's partitions, and how it ended in the run."""
        now = datetime.now(UTC)
        self.landing.record(
            Attempt(dataset.dataset, partition, now, outcome, message)
            for partition, (outcome, message) in sorted(task.outcomes.items())
            if not task.told(partition)
        )
        if how.outcome not in FAILED:
            self.runs.finish(
                task.run_id, dataset.dataset, how,
                is_sample=task.is_sample,
                is_whole=task.is_whole or (before is not None and not task.only),
            )  # fmt: skip
        else:
            self.runs.tell(task.run_id, dataset.dataset)

    @property
    def client(self) -> Client:
        """The HTTP client of all datasets: one pool, one memory of who refused us."""
        with self.lock:
            return self._client

    @cached_property
    def _client(self) -> Client:
        return self.given_client or Client(self.settings)

    def close(self) -> None:
        """End the helpers in parsing, and close the client, where we opened one."""
        self.parse_pool.close()
        if "_client" in vars(self) and self.given_client is None:
            self._client.close()

    @property
    def parsers(self) -> parsed.ParserFingerprints:
        """The fingerprints of the parsers of this catalogue."""
        return self.parse_pool.parser.fingerprints


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
    if isinstance(error, (BlockedError, BadKeyError, PersonalDataError, QuarantinedError)):
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


def _names(pattern: str, request: Request) -> bool:
    """Tell whether a pattern means a question, or another page of the same table."""
    if fnmatchcase(request.partition, pattern):
        return True
    beginning = pattern.rstrip("0123456789*?")
    return request.page_of is not None and fnmatchcase(request.page_of, beginning)


def _identity(request: Request, reply: Reply) -> tuple[str, str]:
    """Name a reply by its question and its bytes: the partition and the snapshot id."""
    return request.partition, hashlib.sha256(reply.body).hexdigest()


def _describe(error: Exception) -> str:
    """Say what went wrong; errors nobody foresaw are named by their type as well."""
    if isinstance(error, IngestError):
        return str(error)
    return f"{type(error).__name__}: {error}"
