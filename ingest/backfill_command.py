"""The command ``python -m ingest backfill FILE``: run one declared backfill, by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ingest import backfill as backfills
from ingest import catalogue as catalogues
from ingest.errors import IngestError
from ingest.harvest import FAILED
from ingest.run import EXIT_FAILED, EXIT_USAGE
from ingest.run import line_of as line_of_report
from lumbung import settings as house


def backfill(
    file: Annotated[Path, typer.Argument(help="A file of backfills/.", show_default=False)],
) -> None:
    """Ask again for the partitions that a backfill file declares, once.

    Exit code 1 when the source refused or sent something unreadable: then it may run again.
    """
    settings = house.load()
    try:
        declared = backfills.read(file, catalogues.load(settings.catalog))
        report = backfills.run(settings, declared)
    except IngestError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    if report is None:
        typer.echo(f"{file}: has run already; nothing was asked")
        return
    typer.echo(line_of_report(report))
    if report.outcome in FAILED or report.outcome == "not_configured":
        raise typer.Exit(EXIT_FAILED)
