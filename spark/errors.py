"""What can go wrong with a build on Spark; each message says what to do."""

from __future__ import annotations


class SparkError(Exception):
    """The marts could not be built on Spark, or not be compared."""
