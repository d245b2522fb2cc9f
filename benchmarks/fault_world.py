"""A copy of the tree with a home of its own, and a figure in it that can be given any value."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from benchmarks.copies import copy_tree

FIGURES = Path("ingest/bundled/cited_prices/all.csv")
#: A run that is not done by then hangs: that is one that needs a human.
PATIENCE = 600


class World:
    """A copied tree and its home, with a figure that can be given a value."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.home = folder / "tree", folder / "home"
        copy_tree(self.tree)
        self.file = self.tree / FIGURES
        self.original = self.file.read_text(encoding="utf-8")
        self.line, self.key = _line_to_change(self.original)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
        self.environment = {**kept, "LUMBUNG_HOME": str(self.home), "PYTHONPATH": str(self.tree)}

    def set_figure(self, value: str) -> None:
        """Give the figure a value that it never had."""
        changed = dict(self.key) | {"value": value}
        line = ",".join(_quoted(text) for text in changed.values())
        self.file.write_text(self.original.replace(self.line, line, 1), encoding="utf-8")

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command of the house in a session of its own."""
        return self.start_file("-m", *command)

    def start_file(self, *command: str) -> subprocess.Popen[str]:
        """Start Python on a file in a session of its own."""
        return subprocess.Popen(
            [sys.executable, *command], cwd=self.tree, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command to its end; a hanging one is ended and told as -1."""
        process = self.start(*command)
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return -1, "it hangs"
        return process.returncode, said

    @property
    def current(self) -> str:
        """Return the id of the current release."""
        return (self.home / "releases" / "current").resolve().name

    def landed(self) -> dict[str, int]:
        """Return the objects that the ledger names, with their sizes."""
        with sqlite3.connect(self.home / "landing" / "ledger.sqlite", timeout=60) as ledger:
            return dict(ledger.execute("select sha256, size from fetches where is_kept").fetchall())

    def lost(self, objects: dict[str, int], rows: int) -> list[str]:
        """Return what is missing or damaged of what was landed and released before."""
        found = [name for name in objects if not _is_whole(self.home / "landing", name)]
        if ledger_rows(self.home) < rows:
            found.append("rows of the ledger")
        for folder in (self.home / "releases").glob("2*"):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            for table in manifest["tables"]:
                path = folder / "marts" / f"{table['name']}.parquet"
                if not path.is_file() or _sha256(path) != table["sha256"]:
                    found.append(f"{folder.name}/{table['name']}")
        return found


def _line_to_change(text: str) -> tuple[str, dict[str, str]]:
    """Pick the first plain line whose value is a number; return it and its cells by column."""
    head, *lines = text.splitlines()
    columns = head.split(",")
    for line in lines:
        cells = line.split(",")
        if '"' not in line and len(cells) == len(columns):
            row = dict(zip(columns, cells, strict=True))
            if row["value"].replace(".", "", 1).isdigit():
                return line, row
    raise SystemExit(f"{FIGURES}: no plain line to change")


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(landing: Path, name: str) -> bool:
    path = landing / "objects" / name[:2] / name
    return path.is_file() and _sha256(path) == name


def ledger_rows(home: Path) -> int:
    """Return how many fetches and outcomes the ledger holds."""
    with sqlite3.connect(home / "landing" / "ledger.sqlite", timeout=60) as ledger:
        (found,) = ledger.execute(
            "select (select count(*) from fetches) + (select count(*) from outcomes)"
        ).fetchone()
    return int(found)
