"""What can be wrong with our Superset; each message says what to do."""

from __future__ import annotations


class SupersetError(Exception):
    """Superset can't do what was asked."""
