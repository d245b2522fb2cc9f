"""``python -m release``: list releases, show one, roll back, approve a blocked candidate."""

from __future__ import annotations

from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from lumbung import settings
from release import build, manifest
from release.errors import ReleaseError
from release.store import Store, candidate_folders

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
console = Console()


@app.command("list")
def list_() -> None:
    """Show the releases that are kept, and the candidates that wait or failed."""
    store = Store(settings.load())
    current = store.current()
    table = Table("release", "created", "figures", "gates", "")
    for name in reversed(store.ids()):
        found = manifest.read(store.releases / name)
        rows = {t.name: t.rows for t in found.tables}
        table.add_row(
            name,
            f"{found.created_at:%Y-%m-%d %H:%M} UTC",
            str(rows.get("observations", "?")),
            ", ".join(f"{gate.name} {gate.outcome}" for gate in found.gates),
            "current" if name == current else "",
        )
    for path in reversed(candidate_folders(store.candidates)):
        table.add_row(path.name, "", "", "", "candidate, not published")
    if table.row_count:
        console.print(table)
    else:
        console.print("Nothing is published yet. Run: make refresh")


@app.command()
def show(release_id: Annotated[str | None, typer.Argument()] = None) -> None:
    """Print a release's manifest (default: the current one) after checking its files."""
    store = Store(settings.load())
    try:
        name = release_id or store.current()
        if name is None:
            raise ReleaseError("nothing is published yet; run: make refresh")
        console.print_json(manifest.read(store.folder(name)).model_dump_json())
        console.print(f"{store.verify(name)} files are what the manifest says")
    except ReleaseError as error:
        _refuse(error)


@app.command()
def rollback(release_id: Annotated[str | None, typer.Argument()] = None) -> None:
    """Make an older release current again (default: the one before the current)."""
    try:
        before, now = Store(settings.load()).roll_back(release_id)
    except ReleaseError as error:
        _refuse(error)
    if before == now:
        console.print(f"{now} is current already")
        return
    console.print(f"{now} is current now, instead of {before}.")
    console.print("What was rolled back is not published again until its inputs or code change.")


@app.command()
def approve(
    candidate: str,
    by: Annotated[str, typer.Option(help="your name")],
    because: Annotated[str, typer.Option(help="why these figures may go")],
) -> None:
    """Accept the deletions that block a candidate, for ever on record, and publish it."""
    try:
        published = build.approve(settings.load(), candidate, by, because)
    except ReleaseError as error:
        _refuse(error)
    console.print(f"{published.release_id} is current now; the approval is in history.jsonl")


def _refuse(error: ReleaseError) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
