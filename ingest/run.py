"""The command ``python -m ingest run``: fetch, land and parse, without Airflow around it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer

from ingest import catalogue as catalogues
from ingest.errors import CatalogueError
from ingest.harvest import Harvester, HarvestReport
from ingest.schema import Dataset
from lumbung import settings as house

#: Exit codes: some dataset was refused or broken; the command itself can't be carried out.
EXIT_FAILED = 1
EXIT_USAGE = 2


def run(
    source: Annotated[
        list[str] | None, typer.Option(help="Every dataset of this source. May be repeated.")
    ] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="This dataset. May be repeated.")
    ] = None,
    anew: Annotated[
        bool,
        typer.Option(
            "--anew",
            help="Ask for everything, also what an unfinished run has had, and hosts that "
            "were left alone.",
        ),
    ] = False,
) -> None:
    """Fetch what the catalogue asks for, land it and read it into rows.

    Without --source or --dataset: everything. Exit code 1 when any dataset was refused or broken.
    """
    settings = house.load()
    try:
        catalogue = catalogues.load(settings.catalog)
        chosen = _choose(catalogue, source or [], dataset or [])
    except CatalogueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_USAGE) from None
    with closing(Harvester(settings, catalogue)) as harvester:
        reports = harvester.run(chosen, lambda report: typer.echo(line_of(report)), anew)
    typer.echo(_summary(reports))
    if any(report.outcome in ("refused", "broken") for report in reports):
        raise typer.Exit(EXIT_FAILED)


def _choose(
    catalogue: catalogues.Catalogue, sources: Sequence[str], datasets: Sequence[str]
) -> list[Dataset]:
    """Return the datasets named, each once, in the order of their names.

    Raises CatalogueError for a source or dataset that does not exist.
    """
    for name in sources:
        if name not in catalogue.sources:
            known = ", ".join(sorted(catalogue.sources))
            raise CatalogueError(f"no source '{name}' in {catalogue.folder}; there are: {known}")
    named = {catalogue.dataset(name).dataset for name in datasets}
    return [
        one
        for name, one in sorted(catalogue.datasets.items())
        if not (sources or datasets) or name in named or one.source in sources
    ]


def line_of(report: HarvestReport) -> str:
    """Say in one line what became of a dataset."""
    kind = "bundled" if report.is_sample else "live"
    if report.outcome == "not_configured":
        return f"{report.dataset_id:<40} {report.message}"
    said = f"  {report.message}" if report.message else ""
    return (
        f"{report.dataset_id:<40} {report.outcome:<9} {kind:<7} "
        f"{report.n_observations:>8} figures {report.n_rejected:>6} rejected "
        f"{report.n_new_snapshots:>4} new{said}"
    )


def _summary(reports: Sequence[HarvestReport]) -> str:
    figures = sum(report.n_observations for report in reports)
    rejected = sum(report.n_rejected for report in reports)
    new = sum(report.n_new_snapshots for report in reports)
    text = f"{len(reports)} datasets, {figures} figures, {rejected} rejected, {new} new replies"
    if any(report.is_sample for report in reports):
        text += "; bundled figures: set a source's LUMBUNG_<SOURCE>_KEY or _URL to read it live"
    return text
