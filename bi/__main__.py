"""`python -m bi`: start, stop, status, and the bundle for another Superset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bi import bundle, control
from bi.errors import SupersetError
from lumbung import settings
from lumbung.told import told
from serving import server
from serving.errors import ServingError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False,
    help="Superset with our dashboard · Superset dengan dasbor Lumbung.",
)  # fmt: skip


@app.command("start")
def start_() -> None:
    """Start Superset, import the dashboard, and print its address."""
    loaded = settings.load()
    with told(SupersetError, ServingError):
        control.start(loaded, lambda text: typer.echo(text, err=True))
    _show(loaded)


@app.command("stop")
def stop_() -> None:
    """Stop Superset; PostgreSQL goes on, as others may read it."""
    loaded = settings.load()
    with told(SupersetError, ServingError):
        ran = control.stop(loaded)
        goes_on = server.state(loaded).is_running
    typer.echo("Superset is stopped." if ran else "Superset did not run.")
    if goes_on:
        typer.echo("PostgreSQL goes on; to stop it too: .venv/bin/python -m serving stop")


@app.command("status")
def status_() -> None:
    """Say what works; exit code 0 where all does, 3 where not."""
    loaded = settings.load()
    if trouble := control.trouble(loaded):
        typer.echo(trouble)
        raise typer.Exit(3)
    _show(loaded)


@app.command("bundle")
def bundle_(target: Annotated[Path, typer.Argument(help="the zip file to write")]) -> None:
    """Write database, datasets, charts and dashboards for the import of another Superset."""
    loaded = settings.load()
    target.write_bytes(bundle.archive(control.reads(loaded), control.portal(loaded)))
    typer.echo(f"Written: {target}. Its database's address names this machine: change it there.")


def _show(loaded: settings.Settings) -> None:
    base = control.address(loaded)
    typer.echo("Superset berjalan · Superset runs")
    typer.echo(f"  Dasbor      {base}superset/dashboard/banten/")
    typer.echo(f"  Dashboard   {base}superset/dashboard/banten-en/")
    typer.echo(f"  Login       user admin, password in {control.password_file(loaded)}")
    typer.echo("Stop it · hentikan: make superset-down")


if __name__ == "__main__":
    app(prog_name="python -m bi")
