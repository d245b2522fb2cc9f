"""``python -m ingest``: the commands of ingest, one module each."""

from __future__ import annotations

import typer

from ingest.discover.command import discover
from ingest.parse import parse
from ingest.drop_commands import check_file, receive, template
from ingest.run import run

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Read sources into tidy rows. / Membaca sumber menjadi baris rapi.",
)

app.command()(discover)
app.command()(parse)
app.command()(run)

app.command("check")(check_file)
if __name__ == "__main__":
app.command()(receive)
    app(prog_name="python -m ingest")
app.command()(template)
