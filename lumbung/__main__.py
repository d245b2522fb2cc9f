"""`python -m lumbung`: the commands behind `make refresh` and `make query`."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from lumbung.told import told

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Lumbung: regional indicators of Indonesia."
)


@app.command()
def refresh() -> None:
    """Fetch, build, audit and release what is new."""
    from lumbung.leave import leave
    from lumbung.refresh import main

    leave(main())  # everything is closed by now, the lock and the metadata database included


@app.command()
def query(
    sql: str = typer.Argument("", envvar="Q", help="One statement; without it, a shell opens."),
    question: int | None = typer.Option(None, help="A question of docs/gallery.md, by number."),
) -> None:
    """Ask the current release a question in SQL; nothing can be changed."""
    from lumbung.query import main

    sys.exit(main(sql, question))


@app.command()
def backup(destination: Path) -> None:
    """Copy landing and releases into a new folder, verified file by file."""
    from lumbung import backup as backups
    from lumbung import settings

    with told(backups.BackupError, OSError):
        made = backups.backup(settings.load(), destination)
    typer.echo(f"{len(made['files'])} files in {destination}; current release: {made['current']}")


@app.command()
def restore(source: Path) -> None:
    """Bring a backup back into an empty LUMBUNG_HOME, verified file by file."""
    from lumbung import backup as backups
    from lumbung import settings

    loaded = settings.load()
    with told(backups.BackupError, OSError):
        found = backups.restore(loaded, source)
    typer.echo(f"{len(found['files'])} files in {loaded.home}; current release: {found['current']}")
    typer.echo("Observations are read again from landing by the next `make refresh`.")


if __name__ == "__main__":
    app(prog_name="python -m lumbung")
