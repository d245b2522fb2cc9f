"""A read-only SQL shell on the current release.

Opens the release's own DuckDB file read-only, so any number of people may ask while a refresh
runs; a release that is published meanwhile is seen by the next shell.
"""

from __future__ import annotations

import sys

import duckdb
from rich.console import Console
from rich.table import Table

from gallery.questions import QuestionError, find, load
from lumbung.settings import Settings
from lumbung.settings import load as load_settings
from lumbung.summary import HIGHEST, current_release_id

PROMPT, CONTINUED = "lumbung> ", "    ...> "


def main(sql: str, number: int | None = None) -> int:
    """Answer one statement or question of the gallery, else open a shell; return the exit code."""
    settings = load_settings()
    release_id = current_release_id(settings)
    if release_id is None:
        print("There is no release yet: run `make refresh` first.", file=sys.stderr)  # noqa: T201
        return 1
    with open_release(settings) as connection:
        if number is not None:
            return 0 if answer_question(connection, number) else 1
        if sql.strip():
            return 0 if answer(connection, sql) else 1
        return shell(connection, release_id)


def open_release(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Connect to the current release, read-only, with its marts in reach by their bare names."""
    file = (settings.releases / "current").resolve() / "warehouse.duckdb"
    connection = duckdb.connect(str(file), read_only=True)
    connection.execute("use marts")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Print the answer to one statement as a table; print the error and return False at one."""
    try:
        relation = connection.sql(sql)
    except duckdb.Error as error:
        print(error, file=sys.stderr)  # noqa: T201
        return False
    if relation is not None:
        relation.show(max_rows=200, max_width=max(Console().width, 160))
    return True


def answer_question(connection: duckdb.DuckDBPyConnection, number: int) -> bool:
    """Print a question of the gallery and its answer; print the error and return False at one."""
    try:
        question = find(number)
    except QuestionError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return False
    for line in (question.text_id, question.text_en, question.note_id, question.note_en):
        if line:
            print(line)  # noqa: T201
    return answer(connection, question.sql)


def shell(connection: duckdb.DuckDBPyConnection, release_id: str) -> int:
    """Read statements until the end of input; Ctrl-C forgets the one being typed."""
    if sys.stdin.isatty():
        _with_line_editing()
        console = Console()
        console.print(f"Release {release_id}, read-only. End a statement with ; leave with Ctrl-D.")
        console.print(_tables(connection))
        console.print(f"For example: {HIGHEST};", highlight=False)
        console.print(
            f"{len(load())} questions with their SQL: docs/gallery.md, and make query N=21",
            highlight=False,
        )
    typed = ""
    while True:
        try:
            line = input((CONTINUED if typed else PROMPT) if sys.stdin.isatty() else "")
        except KeyboardInterrupt:
            print()  # noqa: T201
            typed = ""
            continue
        except EOFError:
            return 0 if not typed.strip() or answer(connection, typed) else 1
        typed = f"{typed}\n{line}" if typed else line
        if typed.rstrip().endswith(";"):
            answer(connection, typed)
            typed = ""


def _tables(connection: duckdb.DuckDBPyConnection) -> Table:
    """List the marts with the descriptions they carry in the database."""
    table = Table(show_header=False, box=None)
    for name, comment in connection.execute(
        """
        select table_name, comment from duckdb_tables() where schema_name = 'marts'
        union all
        select view_name, comment from duckdb_views() where schema_name = 'marts'
        order by all
        """
    ).fetchall():
        table.add_row(f"[bold]{name}[/]", (comment or "").split(". ")[0].rstrip("."))
    return table


def _with_line_editing() -> None:
    """Arrow keys and history, where the platform has them."""
    try:
        import readline
    except ImportError:
        return
    readline.parse_and_bind("tab: complete")
