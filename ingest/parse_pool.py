"""Parses landed replies, in other processes as well where there are many.

Python parses one at a time, whatever its threads. Most runs bring a few replies, and are done
before another process has started; a first harvest of a whole country brings thousands. Nothing
is decided elsewhere: what a helper can't do, or finds wrong, is done again in this process, where
errors are raised as ever.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from functools import cached_property, lru_cache

from ingest import catalogue as catalogues
from ingest import parsed
from ingest.catalogue import Catalogue
from ingest.landing import LandedSnapshot, Landing
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from lumbung.settings import Settings

logger = logging.getLogger(__name__)

#: What is parsed in this process before helpers pay: each takes a second to start.
SECONDS_ALONE = 2.0
#: And that share of the time since: where replies come slowly, one process keeps up with them.
SHARE_ALONE = 0.5
#: Each takes 200 MB, and 500 with a reply of ``MAX_BYTES``.
MAX_HELPERS = 2
#: A reply larger than this waits its turn in this process: two at a time would take too much.
MAX_BYTES = 16 << 20


class Parser:
    """Parses snapshots of one catalogue, one at a time."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.landing = Landing.of(settings)
        self._settings = settings

    @cached_property
    def context(self) -> Context:
        """What parsers look things up in."""
        return Context(
            indicators=self.catalogue.indicators,
            sources=self.catalogue.sources,
            regions=RegionRegister.load(self._settings.geography),
        )

    @cached_property
    def fingerprints(self) -> parsed.ParserFingerprints:
        """The fingerprints of the parsers of this catalogue."""
        return parsed.ParserFingerprints(self._settings, self.catalogue)

    def parse(self, dataset: Dataset, snapshot: LandedSnapshot, body: bytes) -> parsed.Files:
        """Parse one snapshot's bytes into what its files are to hold. Raises what parsers raise."""
        result = PROTOCOLS[dataset.protocol].parse(
            dataset,
            Snapshot(dataset.dataset, snapshot.partition, snapshot.snapshot_id),
            body,
            self.context,
        )
        return parsed.Files.of(result, self.fingerprints.of(dataset))


class _Keeper:
    """Has the harvests of one block share their helpers, which end with it."""

    def __init__(self) -> None:
        self._is_keeping = False
        self._kept: ProcessPoolExecutor | None = None

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Keep helpers within this block, which ends them."""
        self._is_keeping = True
        try:
            yield
        finally:
            self._is_keeping = False
            if (kept := self.take()) is not None:
                kept.shutdown(cancel_futures=True)

    def keep(self, helpers: ProcessPoolExecutor) -> bool:
        """Tell whether somebody else takes care of them now."""
        if not self._is_keeping or self._kept is not None:
            return False
        self._kept = helpers
        return True

    def take(self) -> ProcessPoolExecutor | None:
        """Hand out those that are kept."""
        taken, self._kept = self._kept, None
        return taken


KEEPER = _Keeper()


class ParsePool:
    """A parser in this process, and helpers from the moment they pay. Threads share it."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self.parser = Parser(settings, catalogue)
        self._settings = settings
        #: One reply at a time is parsed in this process: it keeps memory bounded.
        self._alone = threading.Lock()
        self._seconds = 0.0
        self._begun: float | None = None
        self._starting = threading.Lock()
        self._helpers = KEEPER.take()
        self._is_hopeless = (os.cpu_count() or 1) == 1

    def parse(
        self, dataset: Dataset, snapshots: Sequence[LandedSnapshot]
    ) -> Iterator[tuple[LandedSnapshot, Exception | None]]:
        """Parse landed snapshots of a dataset and store their rows; yield each, or its error."""
        done = self._ask(dataset, snapshots) if self._is_worth_it() else [False] * len(snapshots)
        for snapshot, is_done in zip(snapshots, done, strict=True):
            yield snapshot, None if is_done else self._error_of(dataset, snapshot)

    def _is_worth_it(self) -> bool:
        """Tell whether helpers are there, or parsing has taken long by when it is our turn."""
        if self._helpers is not None:
            return True
        if self._seconds <= SECONDS_ALONE:
            with self._alone:
                pass
        since = time.monotonic() - self._begun if self._begun is not None else 0.0
        return self._seconds > SECONDS_ALONE and self._seconds >= SHARE_ALONE * since

    def _error_of(self, dataset: Dataset, snapshot: LandedSnapshot) -> Exception | None:
        """Parse a snapshot in this process; return what it raised."""
        try:
            with self._alone:
                started = time.monotonic()
                self._begun = self._begun or started
                try:
                    body = self.parser.landing.read(snapshot.snapshot_id)
                    files = self.parser.parse(dataset, snapshot, body)
                finally:
                    self._seconds += time.monotonic() - started
            # another one is parsed while the disk is waited for
            parsed.store(parsed.observations_path(self._settings, snapshot), files)
        except Exception as error:
            return error
        return None

    def close(self) -> None:
        """End the helpers, unless they are kept for the next harvest."""
        with self._starting:
            if self._helpers is not None and (self._is_hopeless or not KEEPER.keep(self._helpers)):
                self._helpers.shutdown(cancel_futures=True)
            self._helpers, self._is_hopeless = None, True

    def _ask(self, dataset: Dataset, snapshots: Sequence[LandedSnapshot]) -> list[bool]:
        """Have a helper do it; tell of each whether it could."""
        nothing = [False] * len(snapshots)
        try:
            asked = self._submit(dataset, snapshots)
            return asked.result() if asked else nothing
        except Exception as error:  # one was killed, or may not be started in such a process
            with self._starting:
                is_known, self._is_hopeless = self._is_hopeless, True
            if not is_known:
                logger.warning("no more helpers in parsing: %s: %s", type(error).__name__, error)
            return nothing

    def _submit(
        self, dataset: Dataset, snapshots: Sequence[LandedSnapshot]
    ) -> Future[list[bool]] | None:
        with self._starting:
            if self._is_hopeless:
                return None
            if self._helpers is None:
                self._helpers = ProcessPoolExecutor(
                    min(MAX_HELPERS, os.cpu_count() or 1),
                    multiprocessing.get_context("spawn"),
                    initializer=_begin,
                )
            fingerprint = self.parser.fingerprints.of(dataset)
            return self._helpers.submit(
                _help, self._settings, dataset.dataset, tuple(snapshots), fingerprint
            )


# -- in a helper ----------------------------------------------------------------------


def _begin() -> None:
    """Live until whoever started this ends it, or ends in whatever way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who was interrupted ends the helpers too
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@lru_cache(maxsize=1)
def _parser(settings: Settings) -> Parser:
    return Parser(settings, catalogues.load(settings.catalog))


def _help(
    settings: Settings, dataset_id: str, snapshots: Sequence[LandedSnapshot], fingerprint: str
) -> list[bool]:
    """Parse and store what is plain of a dataset: who asked does the rest, and finds the words."""
    parser = _parser(settings)
    dataset = parser.catalogue.dataset(dataset_id)
    if parser.fingerprints.of(dataset) != fingerprint:
        return [False] * len(snapshots)
    return [_is_done(parser, settings, dataset, snapshot) for snapshot in snapshots]


def _is_done(
    parser: Parser, settings: Settings, dataset: Dataset, snapshot: LandedSnapshot
) -> bool:
    try:
        body = parser.landing.read(snapshot.snapshot_id)
        if len(body) > MAX_BYTES:
            return False
        files = parser.parse(dataset, snapshot, body)
        parsed.store(parsed.observations_path(settings, snapshot), files)
    except Exception:
        return False
    return True
