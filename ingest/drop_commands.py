"""The commands for agencies' files: write a template, check a file, look through the folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ingest import catalogue as catalogues
from ingest import drop
from ingest.catalogue import Catalogue
from ingest.errors import CatalogueError, IngestError
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.sources.agency_check import check
from ingest.sources.agency_model import AgencyDataset
from ingest.sources.agency_template import write_template
from lumbung import settings as house

EXIT_WRONG = 1
EXIT_USAGE = 2


def template(
    dataset: Annotated[str, typer.Argument(help="An agency dataset of the catalogue.")],
    out: Annotated[Path | None, typer.Option(help="Where it goes; default DATASET.xlsx.")] = None,
) -> None:
    """Write the XLSX that an agency fills in for DATASET."""
    known, everything = _catalogue()
    described = _agency_dataset(everything, dataset)
    target = out or Path(f"{dataset}.xlsx")
    try:
        target.write_bytes(write_template(described, RegionRegister.load(known.geography)))
    except OSError as error:
        _stop(f"{target} can't be written: {error.strerror}")
    typer.echo(f"{target}: fill in the sheet Data / isi lembar Data")


def check_file(
    dataset: Annotated[str, typer.Argument(help="An agency dataset of the catalogue.")],
    file: Annotated[Path, typer.Argument(help="A filled-in template.")],
) -> None:
    """Check FILE against the template of DATASET and name every wrong cell; store nothing.

    Exit 1 where anything is wrong.
    """
    known, everything = _catalogue()
    described = _agency_dataset(everything, dataset)
    try:
        body = file.read_bytes()
    except OSError as error:
        _stop(f"{file} can't be read: {error.strerror}")
    context = Context(
        everything.indicators, everything.sources, RegionRegister.load(known.geography)
    )
    snapshot = Snapshot(dataset, "check", hashlib.sha256(body).hexdigest())
    found = check(described, body, context, snapshot).findings
    for one in found:
        place = f"{one.sheet}!{one.cell}" if one.cell else one.sheet or "file"
        value = f" '{one.value}'" if one.value else ""
        typer.echo(f"{place}{value}: {one.rule}: {one.said_id} / {one.said_en}")
    typer.echo(f"{len(found)} wrong" if found else "right / benar")
    if found:
        raise typer.Exit(EXIT_WRONG)


def receive() -> None:
    """Look through the drop folder: accept right files, give wrong ones back with a report.

    Run `python -m ingest run --source agency_drop` after it to read what was accepted.
    """
    known, everything = _catalogue()
    if not known.is_live(drop.CONNECTION):
        typer.echo(f"no drop folder: make {known.home / 'drop'}, or set LUMBUNG_DROP_URL")
        return
    try:
        received = drop.receive(known, everything)
    except (IngestError, OSError) as error:
        _stop(str(error))
    for line in drop.summary(received):
        typer.echo(line)
    typer.echo(f"{len(received)} files")


def _catalogue() -> tuple[house.Settings, Catalogue]:
    known = house.load()
    try:
        return known, catalogues.load(known.catalog)
    except CatalogueError as error:
        _stop(str(error))


def _agency_dataset(everything: Catalogue, name: str) -> AgencyDataset:
    described = everything.datasets.get(name)
    if not isinstance(described, AgencyDataset):
        offered = (d for d, one in sorted(everything.datasets.items())
                   if isinstance(one, AgencyDataset))  # fmt: skip
        _stop(f"'{name}' is no agency dataset; there are: {', '.join(offered)}")
    return described


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(EXIT_USAGE)
