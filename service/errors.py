"""What can be wrong with the service; each message says what to do."""

from __future__ import annotations


class ServiceError(Exception):
    """The service can't do what was asked."""


class PortTakenError(ServiceError):
    """A port of the service belongs to another program."""
