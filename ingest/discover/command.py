"""The command ``python -m ingest discover``: ask a source what it has."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Annotated, Literal

import typer

from ingest import catalogue as catalogues
from ingest.discover.stubs import Stub, subject_line, table_stub, variable_stub
from ingest.discover.variables import Browser
from ingest.errors import IngestError
from ingest.http import Client, Validators
from ingest.protocol import Fetch, Reply, Request
from ingest.regions import RegionRegister
from ingest.schema import Source
from ingest.transport import live
from lumbung import settings as house
from lumbung.settings import Settings

EXIT_FAILED = 1
EXIT_USAGE = 2

NO_KEY = (
    "Set LUMBUNG_BPS_KEY: BPS answers only with a key. It is free: register at "
    "https://webapi.bps.go.id/developer/ / Isi LUMBUNG_BPS_KEY: BPS hanya menjawab dengan kunci "
    "gratis dari pendaftaran di alamat itu."
)


def discover(  # noqa: PLR0913, PLR0917 - a parameter for each option of the command
    source: Annotated[Literal["bps"], typer.Argument(help="Which service to ask.")],
    domain: Annotated[str, typer.Option(help="Four digits: 0000, 3600, 3604.")],
    keyword: Annotated[str, typer.Option(help="Words of a title.")] = "",
    subject: Annotated[str, typer.Option(help="Id of a subject; without both, list them.")] = "",
    category: Annotated[str, typer.Option(help="Id of a subject category.")] = "",
    tables: Annotated[bool, typer.Option(help="Static tables instead of variables.")] = False,
    limit: Annotated[int, typer.Option(help="How many to describe in full.", min=1)] = 20,
) -> None:
    """Print what BPS has on something, as dataset files to paste into ingest/catalog.

    Each answer takes four questions or more, at the pace the settings allow: narrow it down.
    """
    settings = house.load()
    if settings.connection_key(source) is None:
        typer.echo(NO_KEY, err=True)
        raise typer.Exit(EXIT_USAGE)
    try:
        catalogue = catalogues.load(settings.catalog)
        with closing(Client(settings)) as client:
            browser = Browser(_fetch(catalogue.sources[source], settings, client), domain)
            register = RegionRegister.load(settings.geography)
            name = browser.domain_name()
            typer.echo(f"# BPS domain {domain}: {name}")
            if not (keyword or subject or tables):
                _print_subjects(browser, category)
            elif tables:
                found = browser.tables(keyword)
                _print([table_stub(row, domain) for row in found[:limit]], len(found))
            else:
                listed = browser.variables(keyword, subject)
                described = (browser.describe(row) for row in listed[:limit])
                _print([variable_stub(v, domain, register) for v in described], len(listed))
    except IngestError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None


def _fetch(source: Source, settings: Settings, client: Client) -> Fetch:
    """Ask over the one HTTP client; nothing is landed, for nothing becomes a figure."""
    ask = live(source, settings, client)

    def fetch(request: Request) -> Reply:
        return ask(request, Validators())

    return fetch


def _print_subjects(browser: Browser, category: str) -> None:
    rows = browser.subjects(category)
    typer.echo("# subjects: repeat with --subject ID, or with --keyword")
    for row in rows:
        typer.echo(subject_line(row))


def _print(stubs: Sequence[Stub], n_found: int) -> None:
    """Print dataset files, and how many there were, those left out too."""
    left = n_found - len(stubs)
    more = f", {left} more left out: narrow the keyword or raise --limit" if left else ""
    typer.echo(f"# {n_found} found{more}")
    for stub in stubs:
        typer.echo(f"\n---\n{stub}", nl=False)
