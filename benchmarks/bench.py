"""What benchmarks share in one run: a scratch folder, a home with a release, and the size."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.measure import run
from lumbung.settings import ROOT, Settings, load


@dataclass
class Bench:
    """One run of the suite."""

    scratch: Path
    is_quick: bool = False
    given_home: Path | None = None

    def rounds(self, number: int, quick: int = 1) -> int:
        """Return how often to measure: less often in a quick run."""
        return quick if self.is_quick else number

    def n(self, number: int, quick: int) -> int:
        """Return a size: a smaller one in a quick run."""
        return quick if self.is_quick else number

    def folder(self, name: str) -> Path:
        """Return a new folder of this run's own."""
        folder = self.scratch / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    @cached_property
    def home(self) -> Path:
        """Return a home whose current release holds the bundled figures; not to be written to."""
        if self.given_home is not None:
            return self.given_home.resolve()
        home = self.scratch / "home"
        run([sys.executable, "-m", "benchmarks.directly"], cwd=ROOT, env=environment(home))
        return home

    @cached_property
    def settings(self) -> Settings:
        """Return settings of that home."""
        return load().model_copy(update={"home": self.home})

    @property
    def release(self) -> Path:
        """Return the folder of its current release."""
        return (self.home / "releases" / "current").resolve()


def environment(home: Path, tree: Path = ROOT) -> dict[str, str]:
    """Return the environment of a command of ours on a home and a tree of the benchmark's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LUMBUNG_")}
    return {**kept, "LUMBUNG_HOME": str(home), "PYTHONPATH": str(tree)}
