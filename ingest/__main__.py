"""``python -m ingest``: the commands of ingest, one module each."""

from __future__ import annotations

import typer

from ingest.backfill_command import backfill
from ingest.discover.command import app as discover
from ingest.drop_commands import check_file, receive, template
from ingest.parse import parse
from ingest.quarantine import command as quarantine
from ingest.run import run
from ingest.trace import trace

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Read sources into tidy rows. / Membaca sumber menjadi baris rapi.",
)

app.command()(backfill)
app.add_typer(discover, name="discover")
app.command("check")(check_file)
app.command()(parse)
app.command()(receive)
app.command()(run)
app.command("quarantine")(quarantine)
app.command()(template)
app.command()(trace)

if __name__ == "__main__":
    app(prog_name="python -m ingest")
