"""What can go wrong on the way to a release, each message with what to do now."""

from __future__ import annotations


class ReleaseError(Exception):
    """Base of every error that release raises on purpose."""


class AssemblyError(ReleaseError):
    """The candidate could not be built; nothing was published."""


class GateError(ReleaseError):
    """A gate refused the candidate; the current release stays as it was."""


class UnknownReleaseError(ReleaseError):
    """No release or candidate of that name is kept."""
