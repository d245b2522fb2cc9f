"""What a protocol is: how to ask a source, and how to read what came back.

Transports (live HTTP, bundled files) and protocols meet only here: a protocol yields
requests and gets replies, and cannot tell where they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from ingest.errors import IngestError
from ingest.observation import ParseResult
from ingest.regions import RegionRegister
from ingest.schema import Dataset, Indicator, Source


@dataclass(frozen=True)
class Request:
    """One question to a source.

    ``partition`` names it inside its dataset, for ever the same for the same question
    (``all``, ``th-112-114``, ``2025-06``). ``path`` and ``params`` are what goes behind the
    connection's base address; keys are added by the transport and never stand here.
    ``keep`` is False for replies that only steer the collection (lists of periods): they
    are landed like every other, but hold no figures and are not parsed. ``once`` marks a
    question whose answer does not change any more (a budget year closed long ago): where an
    earlier run kept an answer, that one is handed out and the source is not asked again.
    ``spoken`` are the statuses with which the service itself says no, in JSON: they come as
    replies, for the protocol to read. Pages that are handed on together have partitions of
    one beginning, ``page_of``, and a number behind it: who names one of them asks for all.
    """

    partition: str
    path: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    keep: bool = True
    once: bool = False
    spoken: frozenset[int] = frozenset()
    page_of: str | None = None


@dataclass(frozen=True)
class Reply:
    """The bytes of one answer and how they were had. ``url`` is redacted already."""

    body: bytes
    url: str
    status: int
    content_type: str
    fetched_at: datetime
    seen_on: date
    is_sample: bool
    etag: str | None = None
    last_modified: str | None = None


Fetch = Callable[[Request], Reply]

#: What became of one question: its reply, or the error that its partition ends with.
Answer = tuple[Request, Reply | IngestError]


@dataclass(frozen=True)
class Snapshot:
    """One distinct reply of a dataset: the sha256 of its bytes, and which question it answers."""

    dataset_id: str
    partition: str
    snapshot_id: str


@dataclass(frozen=True)
class Context:
    """What a parser may look things up in."""

    indicators: Mapping[str, Indicator]
    sources: Mapping[str, Source]
    regions: RegionRegister


@runtime_checkable
class SourceProtocol(Protocol):
    """A module in ``ingest/sources`` offers exactly this."""

    #: The dataset model: ``Dataset`` plus the protocol's own fields.
    model: type[Dataset]

    def collect(self, dataset: Dataset, fetch: Fetch) -> Iterator[Answer]:
        """Ask for everything the dataset wants, yielding each question with its answer.

        Yields an error in place of the reply where one partition fails and the others go
        on. Raises ErrorReplyError subclasses for answers that say no to all of it.
        """
        ...

    def parse(
        self, dataset: Dataset, snapshot: Snapshot, body: bytes, context: Context
    ) -> ParseResult:
        """Read one kept reply into tidy rows and rejected items.

        Raises UnreadableFileError for bytes that are not of the protocol and ErrorReplyError
        subclasses for well-formed replies that carry an error.
        """
        ...
