"""How a command refuses: what went wrong in one sentence on standard error, and exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def told(*expected: type[Exception]) -> Iterator[None]:
    """Tell of an expected error and end with code 1; others pass: they are faults of ours."""
    try:
        yield
    except expected as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
