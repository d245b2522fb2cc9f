"""`python -m service`: up, down, status, and the parts that the supervisor starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lumbung import settings
from lumbung.told import told
from service.errors import ServiceError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Lumbung's scheduled service on this machine · layanan terjadwal Lumbung.",
)


@app.command()
def up() -> None:
    """Start what does not run, wait until it works, and print the addresses."""
    from service import control

    loaded = settings.load()
    with told(ServiceError):
        control.up(loaded, _say)
    _show(loaded)


@app.command()
def down() -> None:
    """Stop everything."""
    from service import control

    with told(ServiceError):
        n_processes = control.down(settings.load())
    typer.echo(f"Stopped ({n_processes} processes)." if n_processes else "Nothing was running.")


@app.command()
def status() -> None:
    """Say what works; exit code 0 where all does, 3 where not."""
    from service import health

    loaded = settings.load()
    troubles = health.troubles(loaded)
    for name, trouble in troubles.items():
        typer.echo(f"{name}: {trouble}")
    if troubles:
        raise typer.Exit(3)
    _show(loaded)


@app.command(hidden=True)
def run(name: str) -> None:
    """Become one part; the supervisor starts this."""
    from service import supervision

    with told(ServiceError):
        supervision.run(settings.load(), name)


@app.command(hidden=True)
def portal(host: str = "127.0.0.1") -> None:
    """Serve the portal's pages; the supervisor starts this."""
    from service import site

    loaded = settings.load()
    site.serve(loaded.home / "portal" / "current", host, loaded.portal_port)


@app.command(hidden=True)
def postgres() -> None:
    """Stand for PostgreSQL; the supervisor starts this."""
    from service.postgres import stand_for

    sys.exit(stand_for(settings.load()))


@app.command(hidden=True)
def migrate() -> None:
    """Make Airflow's database ready."""
    from lumbung import airflow_home

    airflow_home.prepare(settings.load())


@app.command(hidden=True)
def healthy(part: str, host: str = "127.0.0.1") -> None:
    """Ask whether one part works; exit code 1 and its trouble where it does not."""
    from service import health

    loaded = settings.load()
    if part == "portal":
        trouble = health.portal(loaded)
    elif part in health.AIRFLOW_PARTS:
        trouble = health.airflow(loaded, host, (part,))
    else:
        trouble = f"there is no part {part!r}: portal, {', '.join(health.AIRFLOW_PARTS)}"
    with told(ServiceError):
        if trouble:
            raise ServiceError(trouble)


@app.command(hidden=True)
def secrets(
    postgres_password: Annotated[Path, typer.Option()],
    reader_pgpass: Annotated[Path, typer.Option()],
) -> None:
    """Generate what containers need to know of each other, once, and say where it lies."""
    from service import environment

    for line in environment.write_secrets(settings.load(), postgres_password, reader_pgpass):
        typer.echo(line)


def _show(loaded: settings.Settings) -> None:
    from service import control, supervision

    typer.echo("Lumbung berjalan · Lumbung runs")
    for name, address, secret in control.addresses(loaded):
        typer.echo(f"  {name:<11} {address}")
        if secret:
            typer.echo(f"  {'':<11} {secret}")
    typer.echo(f"  {'Logs':<11} {supervision.logs(loaded)}")
    typer.echo("Stop it · hentikan: make down")


def _say(text: str) -> None:
    typer.echo(text, err=True)


if __name__ == "__main__":
    app(prog_name="python -m service")
