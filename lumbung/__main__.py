"""`python -m lumbung`: the commands behind `make refresh` and `make query`."""

from __future__ import annotations

import sys

import typer

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Lumbung: regional indicators of Indonesia."
)


@app.command()
def refresh() -> None:
    """Fetch, build, audit and release what is new."""
    from lumbung.refresh import main

    sys.exit(main())


@app.command()
def query(
    sql: str = typer.Argument("", envvar="Q", help="One statement; without it, a shell opens."),
) -> None:
    """Ask the current release a question in SQL; nothing can be changed."""
    from lumbung.query import main

    sys.exit(main(sql))


if __name__ == "__main__":
    app(prog_name="python -m lumbung")
