"""A copy of the tree to change, and a refresh of it in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.copies import copy_tree

ROOT = Path(__file__).resolve().parent.parent

#: Runs a command of the house and writes down which modules it ended with.
WATCHED = """
import json, os, sys
from lumbung.refresh import main
code = main()
with open(os.environ["MODULES_OUT"], "w") as out:
    json.dump(sorted(sys.modules), out)
sys.exit(code)
"""


@dataclass(frozen=True)
class Outcome:
    """What a refresh said and did."""

    code: int
    said: str
    complained: str
    modules: frozenset[str]

    def loaded(self, package: str) -> bool:
        """Tell whether a package's modules were imported; a bare namespace does not count."""
        return any(name.startswith(f"{package}.") for name in self.modules)


@dataclass
class Tree:
    """A copied tree with a home of its own."""

    root: Path
    home: Path
    extra: dict[str, str] = field(default_factory=dict)

    @classmethod
    def copy_to(cls, folder: Path) -> Tree:
        """Copy the tree into a folder whose path has a space, to keep us honest."""
        root = copy_tree(folder / "a lumbung")
        return cls(root, folder / "the home")

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables to run commands of this tree under, no source live."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
        return {
            **kept,
            "LUMBUNG_HOME": str(self.home),
            "PYTHONPATH": str(self.root),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **self.extra,
        }

    def refresh(self) -> Outcome:
        """Run one refresh."""
        modules = self.home.parent / "modules.json"
        modules.unlink(missing_ok=True)
        done = self.run(sys.executable, "-c", WATCHED, MODULES_OUT=str(modules))
        names = json.loads(modules.read_text()) if modules.exists() else []
        return Outcome(done.returncode, done.stdout, done.stderr, frozenset(names))

    def run(self, *command: str, **extra: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the tree's root."""
        return subprocess.run(
            command, cwd=self.root, env={**self.environment, **extra}, text=True,
            capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=600,
        )  # fmt: skip

    @property
    def current(self) -> str:
        """Return the id of the current release."""
        return (self.home / "releases" / "current").resolve().name

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the current release."""
        file = (self.home / "releases" / "current").resolve() / "warehouse.duckdb"
        with duckdb.connect(str(file), read_only=True) as connection:
            return connection.execute(sql).fetchall()
