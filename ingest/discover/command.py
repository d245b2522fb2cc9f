"""The commands ``python -m ingest discover bps`` and ``ckan``: ask a source what it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer

from ingest import catalogue as catalogues
from ingest.discover.portal import Portal, resource_stub, resources_of
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

app = typer.Typer(no_args_is_help=True, help="Ask a source what it has, as files to paste.")

NO_KEY = (
    "Set LUMBUNG_BPS_KEY: BPS answers only with a key. It is free: register at "
    "https://webapi.bps.go.id/developer/ / Isi LUMBUNG_BPS_KEY: BPS hanya menjawab dengan kunci "
    "gratis dari pendaftaran di alamat itu."
)
#: A setting that holds an address, and the connection that it belongs to.
SETTING = re.compile(r"LUMBUNG_([A-Z][A-Z0-9_]*)_URL")
NO_URL = (
    "set it to the portal's address, without /api/3/action "
    "(https://opendata.serangkab.go.id/en_AU). / Isi dengan alamat portal."
)


@app.command()
def bps(  # noqa: PLR0913, PLR0917 - a parameter for each option of the command
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
    if settings.connection_key("bps") is None:
        typer.echo(NO_KEY, err=True)
        raise typer.Exit(EXIT_USAGE)
    try:
        catalogue = catalogues.load(settings.catalog)
        with closing(Client(settings)) as client:
            browser = Browser(_fetch(catalogue.sources["bps"], settings, client), domain)
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


@app.command()
def ckan(
    keyword: Annotated[str, typer.Option(help="Words of a title or description.")] = "",
    url_setting: Annotated[
        str, typer.Option(help="The setting that holds the portal's address.")
    ] = "LUMBUNG_CKAN_URL",
    organization: Annotated[str, typer.Option(help="Name of the office that uploads.")] = "",
    limit: Annotated[int, typer.Option(help="How many packages to describe.", min=1)] = 10,
) -> None:
    """Print what a CKAN portal has on something, as dataset files to paste into ingest/catalog.

    Looks into the columns of each table that the portal's datastore holds: narrow it down.
    """
    settings = house.load()
    setting = SETTING.fullmatch(url_setting)
    connection = setting.group(1).lower() if setting else ""
    if not connection or settings.connection_url(connection) is None:
        typer.echo(f"{url_setting}: {NO_URL}", err=True)
        raise typer.Exit(EXIT_USAGE)
    try:
        source = _of_connection(catalogues.load(settings.catalog), connection)
        with closing(Client(settings)) as client:
            portal = Portal(_fetch(source, settings, client))
            n_found, packages = portal.search(keyword, organization, limit)
            stubs = [
                resource_stub(source.source, package, about, portal.columns(about))
                for package in packages
                for about in resources_of(package)
            ]
            _print(stubs, n_found, n_found - len(packages), "packages")
    except IngestError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None


def _of_connection(catalogue: catalogues.Catalogue, connection: str) -> Source:
    """Return the source that has a connection, or one to be described."""
    for source in catalogue.sources.values():
        if source.connection == connection:
            return source
    return Source(
        source=connection, name=connection, url="", kind="portal", provenance_tier="primary",
        licence="", terms_known=False, connection=connection,
    )  # fmt: skip


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


def _print(stubs: Sequence[Stub], n_found: int, n_left: int = 0, things: str = "") -> None:
    """Print dataset files, and how many there were, those left out too."""
    left = n_left if things else n_found - len(stubs)
    more = f", {left} more left out: narrow the keyword or raise --limit" if left else ""
    typer.echo(f"# {n_found} {things + ' ' if things else ''}found{more}")
    for stub in stubs:
        typer.echo(f"\n---\n{stub}", nl=False)
