"""``python -m ingest parse``: one saved reply or file into rows, with no warehouse around it."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import typer

from ingest import catalogue
from ingest.errors import CatalogueError, ErrorReplyError, UnreadableFileError
from ingest.observation import ParseResult
from ingest.protocol import Context, Snapshot
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from lumbung import settings

UNREADABLE = 2
ERROR_REPLY = 3


def parse(
    catalog_yml: Annotated[Path, typer.Argument(help="The dataset's catalogue file.")],
    file: Annotated[Path, typer.Argument(help="A saved reply or file of that dataset.")],
    out: Annotated[Path, typer.Option(help="Where the observation rows go, as CSV.")],
) -> None:
    """Read FILE as CATALOG_YML describes it; write rows to OUT, rejects beside it.

    Rejected items go to OUT.rejected.csv. Exit 0 with rejects, 2 on an unreadable file or
    catalogue, 3 where the file is an error reply. Values are kept as they are: a cell may
    begin with = or +, so open the CSV as data, not in a program that runs formulas.
    """
    try:
        result = read(catalog_yml, file)
        write(result.observations, out)
        write(result.rejected, rejected_path(out))
    except ErrorReplyError as error:
        _stop(f"{type(error).__name__}: {error}", ERROR_REPLY)
    except (UnreadableFileError, CatalogueError, OSError) as error:
        _stop(f"{type(error).__name__}: {error}", UNREADABLE)
    else:
        typer.echo(summary(result, out))


def read(catalog_yml: Path, file: Path) -> ParseResult:
    """Parse one file with the dataset of one catalogue file.

    The indicators and sources are those beside the catalogue file where it lies in a
    catalogue folder, otherwise the project's own.
    """
    dataset = catalogue.read_dataset(catalog_yml)
    known = settings.load()
    beside = catalog_yml.parent
    folder = beside if (beside / "indicators").is_dir() else known.catalog
    everything = catalogue.load(folder)
    _check_names(dataset, everything)
    body = file.read_bytes()
    context = Context(
        everything.indicators, everything.sources, RegionRegister.load(known.geography)
    )
    snapshot = Snapshot(dataset.dataset, file.stem, hashlib.sha256(body).hexdigest())
    return PROTOCOLS[dataset.protocol].parse(dataset, snapshot, body, context)


def write(table: pa.Table, path: Path) -> None:
    """Write a table as CSV: UTF-8, a header, NULL as an empty cell, decimals in full."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
        writer.writerow(table.column_names)
        for batch in table.to_batches():
            columns = [_texts(column) for column in batch.columns]
            writer.writerows(zip(*columns, strict=True))


def rejected_path(out: Path) -> Path:
    """Return where the rejected items of ``out`` go."""
    return out.with_name(out.name + ".rejected.csv")


def summary(result: ParseResult, out: Path) -> str:
    """Tell what was read and what was not, and why."""
    rules = Counter(result.rejected["rule"].to_pylist())
    why = "".join(f"\n  {number} {rule}" for rule, number in rules.most_common())
    return (
        f"{result.n_items} items: {result.observations.num_rows} observations in {out}, "
        f"{result.rejected.num_rows} rejected in {rejected_path(out)}{why}"
    )


def _check_names(dataset: Dataset, everything: catalogue.Catalogue) -> None:
    for name in sorted(dataset.indicators_named()):
        everything.indicator(name)
    if dataset.source not in everything.sources:
        raise CatalogueError(
            f"source '{dataset.source}' of {dataset.dataset} is not in "
            f"{everything.folder / 'sources.yml'}"
        )


def _texts(column: pa.Array) -> list[object]:
    if pa.types.is_decimal(column.type):
        return [None if value is None else f"{value:f}" for value in column.to_pylist()]
    return list(column.to_pylist())


def _stop(message: str, code: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code)
