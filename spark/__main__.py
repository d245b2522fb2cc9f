"""`python -m spark`: the current release's marts on Spark, held against the release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lumbung import settings
from lumbung.told import told
from release.manifest import Manifest
from release.rebuild import NOT_REBUILT
from release.store import Store
from spark import build, compare
from spark.errors import SparkError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_show_locals=False,
    help="The marts on Apache Spark · Tabel siap pakai di Apache Spark.",
)  # fmt: skip


@app.command("build")
def build_(
    inputs: Annotated[
        str, typer.Option(help="where the inputs lie for Spark; else the current release's")
    ] = "",
) -> None:
    """Build every mart of the current release's inputs with dbt on Spark."""
    loaded = settings.load()
    with told(SparkError):
        folder, manifest = _current(loaded)
        words = {
            "LUMBUNG_BUILD_RELEASE_ID": manifest.release_id,
            "LUMBUNG_BUILD_CREATED_AT": manifest.created_at.isoformat(),
            "LUMBUNG_BUILD_IS_SAMPLE": str(manifest.is_sample),
            "LUMBUNG_BUILD_REGION_EDITION": manifest.region_edition,
        }
        # Unit tests judge the code, not the figures: `make test-all` runs them here too.
        options = ["--exclude-resource-type", "unit_test"]
        build.build(loaded, inputs or str(folder / "inputs"), words, options)
    typer.echo(f"Built: {build.warehouse(loaded)}/marts.db")


@app.command("compare")
def compare_() -> None:
    """Hold what Spark built against the current release; exit code 1 where anything differs."""
    loaded = settings.load()
    with told(SparkError):
        folder, _ = _current(loaded)
        marts = Path(build.warehouse(loaded)) / "marts.db"
        warehouse = folder / "warehouse.duckdb"
        # What the audit fills once dbt is done, no engine makes.
        found = list(compare.differences(warehouse, marts, without=NOT_REBUILT))
        count = len(compare.tables(warehouse) - NOT_REBUILT)
    for difference in found:
        typer.echo(f"{difference.table}: {difference.what}", err=True)
    typer.echo(f"{count - len(found)} of {count} marts are the same on both engines.")
    raise typer.Exit(1 if found else 0)


def _current(loaded: settings.Settings) -> tuple[Path, Manifest]:
    store = Store(loaded)
    manifest = store.current_manifest()
    if manifest is None:
        raise SparkError("there is no release yet: make refresh")
    return (store.releases / manifest.release_id).resolve(), manifest


if __name__ == "__main__":
    app(prog_name="python -m spark")
