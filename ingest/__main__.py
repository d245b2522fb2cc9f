"""``python -m ingest``: the commands of ingest, one module each."""

from __future__ import annotations

import typer

from ingest.parse import parse

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Read sources into tidy rows. / Membaca sumber menjadi baris rapi.",
)


@app.callback()
def _commands() -> None:
    """Keep ``parse`` a subcommand while it is the only one."""


app.command()(parse)

if __name__ == "__main__":
    app(prog_name="python -m ingest")
