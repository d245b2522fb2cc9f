"""``python -m release``: list, show, compare, roll back, approve, keep, collect, rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from ingest.errors import IngestError
from lumbung import settings
from lumbung.told import told
from release import build, manifest, retention
from release import compare as comparing
from release.errors import ReleaseError
from release.store import Store, candidate_folders
from serving import follow
from serving.errors import ServingError

app = typer.Typer(add_completion=False, help=__doc__, no_args_is_help=True)
console = Console()

EXPECTED = (ReleaseError, IngestError, ServingError)


@app.command("list")
def list_() -> None:
    """Show the releases that are kept, and the candidates that wait or failed."""
    store = Store(settings.load())
    current = store.current()
    table = Table(Column("release", no_wrap=True), "created", "figures", "gates", "")
    for name in reversed(store.ids()):
        found = manifest.read(store.releases / name)
        rows = {t.name: t.rows for t in found.tables}
        table.add_row(
            name,
            f"{found.created_at:%Y-%m-%d %H:%M} UTC",
            str(rows.get("observations", "?")),
            ", ".join(f"{gate.name} {gate.outcome}" for gate in found.gates),
            ", ".join(_marks(store, name, name == current)),
        )
    for path in reversed(candidate_folders(store.candidates)):
        table.add_row(path.name, "", "", "", "candidate, not published")
    if table.row_count:
        console.print(table)
    else:
        console.print("Nothing is published yet. Run: make refresh")


def _marks(store: Store, name: str, is_current: bool) -> Iterator[str]:
    """Say what is special about a release."""
    if is_current:
        yield "current"
    if name in store.pinned():
        yield "pinned"
    if name in store.cited():
        yield "cited" if store.is_whole(name) else "cited, Parquet only"


@app.command()
def show(release_id: Annotated[str | None, typer.Argument()] = None) -> None:
    """Print a release's manifest (default: the current one) after checking its files."""
    store = Store(settings.load())
    with told(*EXPECTED):
        name = release_id or store.current()
        if name is None:
            raise ReleaseError("nothing is published yet; run: make refresh")
        console.print_json(manifest.read(store.folder(name)).model_dump_json())
        console.print(f"{store.verify(name)} files are what the manifest says")


@app.command()
def rollback(release_id: Annotated[str | None, typer.Argument()] = None) -> None:
    """Make an older release current again (default: the one before the current)."""
    with told(*EXPECTED):
        before, now = Store(settings.load()).roll_back(release_id)
    if before == now:
        console.print(f"{now} is current already")
    else:
        console.print(f"{now} is current now, instead of {before}.")
        console.print(
            "What was rolled back is not published again until its inputs or code change."
        )
    _let_postgres_follow()


@app.command()
def approve(
    candidate: str,
    by: Annotated[str, typer.Option(help="your name")],
    because: Annotated[str, typer.Option(help="why these figures may go")],
) -> None:
    """Accept the deletions that block a candidate, for ever on record, and publish it."""
    with told(*EXPECTED):
        published = build.approve(settings.load(), candidate, by, because)
    console.print(f"{published.release_id} is current now; the approval is in history.jsonl")
    _let_postgres_follow()


By = Annotated[str, typer.Option(help="your name")]
Because = Annotated[str, typer.Option(help="why; it is kept for ever")]


@app.command()
def pin(release_id: str, because: Because, by: By) -> None:
    """Keep a release whole, however old it gets."""
    with told(*EXPECTED):
        retention.pin(settings.load(), release_id, because, by)
    console.print(f"{release_id} is pinned; `unpin` lets it age again")


@app.command()
def unpin(release_id: str, because: Because, by: By) -> None:
    """Let a pinned release age again."""
    with told(*EXPECTED):
        retention.unpin(settings.load(), release_id, because, by)
    console.print(f"{release_id} is not pinned any more; the next collection may remove it")


@app.command()
def cite(release_id: str, because: Because, by: By) -> None:
    """Keep a release's Parquet files for ever, as somebody has quoted it."""
    with told(*EXPECTED):
        retention.cite(settings.load(), release_id, because, by)
    console.print(f"{release_id} is cited: its Parquet files stay when its DuckDB file goes")


@app.command()
def collect() -> None:
    """Remove old releases, but none that is current, pinned or open."""
    with told(*EXPECTED):
        _tell_collected(retention.collect(settings.load()))
        _let_postgres_follow()


@app.command()
def compare(
    before: str,
    after: str,
    out: Annotated[Path | None, typer.Option(help="where: .csv or .parquet")] = None,
) -> None:
    """Show how one release differs from another, and write every difference to a file."""
    with told(*EXPECTED):
        found = comparing.compare(settings.load(), before, after, out)
    figures = Table("dataset", "indicator", "before", "after", "added", "changed", "deleted")
    for group in found.diff.groups:
        numbers = (group.n_added, group.n_changed, group.n_deleted)
        if any(numbers):
            counts = (group.n_before, group.n_after, *numbers)
            figures.add_row(group.dataset_id, group.indicator_id, *map(str, counts))
    tables = Table("table", "rows before", "rows after", "")
    for table in found.tables:
        rows = ("-" if n is None else str(n) for n in (table.rows_before, table.rows_after))
        tables.add_row(table.name, *rows, "same" if table.is_same else "differs")
    if figures.row_count:
        console.print(figures)
    console.print(tables)
    totals = found.diff.totals
    console.print(
        f"{totals['n_added']} figures added, {totals['n_changed']} changed, "
        f"{totals['n_deleted']} deleted; each of them: {found.changes}",
        soft_wrap=True,
    )


@app.command()
def rebuild(release_id: str) -> None:
    """Build a release again from landing alone, and compare every table's hash."""
    from release import rebuild as rebuilding

    with told(*EXPECTED):
        found = rebuilding.rebuild(settings.load(), release_id)
    for name in found.versions:
        console.print(f"version: {name}")
    if not found.same_code:
        console.print("Code, catalogue or libraries are not those it was built with.")
    console.print(
        f"{len(found.same)} tables have the hash they were published with; not compared: "
        f"{', '.join(found.not_compared) or 'none'}",
        soft_wrap=True,
    )
    console.print(f"It lies in {found.folder}", soft_wrap=True)
    if not found.is_equal:
        wrong = ", ".join((*found.different, *found.missing))
        typer.echo(f"not as published: {wrong}", err=True)
        raise typer.Exit(1)


@app.command()
def quarantine(sha256: str, because: Because, by: By) -> None:
    """Remove a landed reply everywhere: landing, rows, candidates, releases built from it."""
    from ingest import quarantine as burying

    with told(*EXPECTED):
        removed = burying.quarantine(settings.load(), sha256, because, by)
        console.print(burying.describe(removed), soft_wrap=True)
        _tell_collected(retention.collect(settings.load()))
        _let_postgres_follow()


def _tell_collected(done: retention.Collected) -> None:
    for name in done.removed:
        console.print(f"{name}: removed; its manifest stays in releases/manifests/")
    for name in done.reduced:
        console.print(f"{name}: cited, so only its Parquet files stay")
    for name, reason in done.spared.items():
        console.print(f"{name}: stays, {reason}", soft_wrap=True)
    if set(done.quarantined) & set(done.spared):
        console.print(
            "A release that stays still holds quarantined figures. Publish one without them "
            "(make refresh; the figures that go need `python -m release approve`), then: "
            "python -m release collect",
            soft_wrap=True,
        )
    elif not (done.removed or done.reduced or done.spared):
        console.print("Nothing is due.")


def _let_postgres_follow() -> None:
    """Bring PostgreSQL, where there is one, to what the files say now."""
    known = settings.load()
    if not follow.is_wanted(known) or Store(known).current() is None:
        return
    with told(*EXPECTED):
        console.print(follow.follow(known), soft_wrap=True)


if __name__ == "__main__":
    app()
