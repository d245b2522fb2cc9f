"""``python -m serving``: start, stop, publish, status, dsn."""

from __future__ import annotations

import json
from typing import Annotated, get_args

import typer

from lumbung import settings as settings_module
from lumbung.told import told
from release.errors import ReleaseError
from release.store import Store
from serving import access, publish, server
from serving.access import Role
from serving.errors import ServingError, UnreachableError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="PostgreSQL for BI tools.",
    pretty_exceptions_show_locals=False,  # one of them may be a connection string
)  # fmt: skip


@app.command("start")
def start_() -> None:
    """Start our PostgreSQL and set up its database and roles."""
    settings = settings_module.load()
    with told(ServingError, ReleaseError):
        state = server.start(settings)
        if state.port is None:
            typer.echo("LUMBUNG_POSTGRES_DSN names the server: nothing to start.")
            return
        typer.echo(f"PostgreSQL is up on {access.HOST}:{state.port}, database {access.DATABASE}.")
        typer.echo(f"Readers: {access.dsn(settings)}")
        typer.echo(f"Password: {access.password_file(settings, 'reader')}")


@app.command("stop")
def stop_() -> None:
    """Stop our PostgreSQL."""
    with told(ServingError, ReleaseError):
        ran = server.stop(settings_module.load())
    typer.echo("PostgreSQL is stopped." if ran else "PostgreSQL did not run.")


@app.command("publish")
def publish_() -> None:
    """Serve the current release: load it where needed, switch, put the oldest away."""
    with told(ServingError, ReleaseError):
        done = publish.publish(settings_module.load())
    if done.is_unchanged:
        typer.echo(f"PostgreSQL serves {done.release_id} already.")
        return
    instead = f" instead of {done.before}" if done.before else ""
    how = "loaded" if done.is_loaded else "still there"
    typer.echo(f"PostgreSQL serves {done.release_id}{instead} ({how}, {done.seconds:.1f} s).")


@app.command("status")
def status_(as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False) -> None:
    """Say what runs and which release readers see; exit code 3 where it is not as it should be."""
    settings = settings_module.load()
    with told(ServingError, ReleaseError):
        found = _status(settings)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        typer.echo(_in_words(found))
    if not found["is_up"] or found["served"] != found["current"]:
        raise typer.Exit(3)


@app.command("dsn")
def dsn_(role: Annotated[str, typer.Argument()] = "reader") -> None:
    """Print a connection string; it names the password file and holds no password."""
    with told(ServingError, ReleaseError):
        if role not in get_args(Role):
            raise ServingError(f"no role '{role}'; there are: {', '.join(get_args(Role))}")
        typer.echo(access.dsn(settings_module.load(), role))  # type: ignore[arg-type]


def _status(settings: settings_module.Settings) -> dict[str, str | int | bool | None]:
    mine = None if access.is_external(settings) else server.state(settings)
    try:
        served, is_up, message = publish.served(settings), True, None
    except UnreachableError as error:
        served, is_up, message = None, False, str(error)
    return {
        "is_up": is_up,
        "is_wanted": server.is_configured(settings),
        "port": mine.port if mine else None,
        "process": mine.process if mine else None,
        "served": served,
        "current": Store(settings).current(),
        "message": message,
    }


def _in_words(found: dict[str, str | int | bool | None]) -> str:
    if not found["is_up"]:
        return f"PostgreSQL is down: {found['message']}"
    if found["served"] == found["current"]:
        return f"PostgreSQL is up and serves {found['served'] or 'no release yet'}."
    return (
        f"PostgreSQL is up and serves {found['served'] or 'no release'}, but "
        f"{found['current'] or 'no release'} is current: python -m serving publish"
    )


if __name__ == "__main__":
    app()
