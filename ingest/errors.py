"""What can go wrong on the way in, each with its own name.

Every message says what happened, to which dataset and place, and what to do now.
A key never enters a message: addresses are redacted before they get here.
"""

from __future__ import annotations


class IngestError(Exception):
    """Base of every error that ingest raises on purpose."""


class CatalogueError(IngestError):
    """A catalogue file breaks the schema, or names something that does not exist."""


class UnreadableFileError(IngestError):
    """The bytes are not what the protocol reads: empty, truncated, binary, wrong encoding."""


class ErrorReplyError(IngestError):
    """The source answered, and its answer is an error or says that there is nothing."""


class BadKeyError(ErrorReplyError):
    """The source refused the key."""


class MissingParameterError(ErrorReplyError):
    """The source asks for a parameter that the request lacks."""


class WindowTooWideError(ErrorReplyError):
    """The request covers more periods than the source allows."""

    def __init__(self, message: str, maximum: int) -> None:
        super().__init__(message)
        self.maximum = maximum


class ReplyTooLargeError(ErrorReplyError):
    """The source gave up on the size of the answer (BPS: a body of ``null``)."""


class NothingAvailableError(ErrorReplyError):
    """The source says that it has no such data."""


class BlockedError(ErrorReplyError):
    """A firewall refused us. An outcome, never something to work around."""


class KeyEchoError(BlockedError):
    """The reply repeats our key: it is refused before it lands."""


class NotAllowedError(BlockedError):
    """The service itself says that this is not for us: private, or behind a token."""


class NotFoundError(ErrorReplyError):
    """The service has nothing under that name, or not any more."""


class InvalidQuestionError(ErrorReplyError):
    """The service does not accept the question: a field or filter that it does not know."""


class ServiceTroubleError(ErrorReplyError):
    """The service failed inside and says so; it may work later."""


class HtmlReplyError(ErrorReplyError):
    """A page for people came where data was expected."""


class UnknownReplyError(ErrorReplyError):
    """An error reply of a form nobody has described yet."""


class InnerErrorReplyError(ErrorReplyError):
    """The reply says OK outside and holds an error inside (BPS: SIMDASI, censuses)."""


class NotConfiguredError(IngestError):
    """A source has no bundled figures and no address or key is set: it is not asked."""


class BackfillError(IngestError):
    """A backfill file breaks its schema, names nothing that exists, or was changed after it ran."""


class NotWantedError(IngestError):
    """A partition that this run leaves out: no outcome, nothing was asked."""


class FetchError(IngestError):
    """The transport failed: no connection, time-out, wrong length, too many retries."""


class LandingError(IngestError):
    """The landing zone is damaged or can't be written: a missing object, a broken ledger."""


class UnreachableError(LandingError):
    """A store or a ledger that workers share does not answer: later it may."""


class ValueRejectedError(IngestError):
    """One item can't be read; it goes to rejected with ``rule`` as its reason."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class NumberError(ValueRejectedError):
    """A text is no number, or could be two different ones."""


class UnitError(ValueRejectedError):
    """A unit is unknown, or can't be turned into the indicator's own."""


class PeriodError(ValueRejectedError):
    """A period's text or label is unknown."""


class RegionError(ValueRejectedError):
    """A region is unknown, or its name fits several."""
