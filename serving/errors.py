"""What can go wrong between a release and its readers in PostgreSQL, each with what to do."""

from __future__ import annotations


class ServingError(Exception):
    """Base of every error that serving raises on purpose."""


class PortTakenError(ServingError):
    """Somebody else listens on the port that PostgreSQL is to have."""


class UnreachableError(ServingError):
    """No PostgreSQL answers, or it does not let us in."""


class NotConfiguredError(ServingError):
    """Neither a PostgreSQL of our own nor another server is set up: nothing to do."""
