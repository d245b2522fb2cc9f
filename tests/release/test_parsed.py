"""What dbt read of the project is kept for the next build, and never trusted blindly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lumbung.settings import Settings
from release.dbt_process import EARLY_LOG, DbtProcess, environment

KEPT = "partial_parse.msgpack"
READ = """
import sys
from pathlib import Path
from release import dbt_child
manifest = dbt_child.read(Path(sys.argv[1]), sys.argv[2:])
print("models", len([name for name in manifest.nodes if name.startswith("model.")]))
"""


def read(home: Path) -> str:
    """Read the project as a build does, and say how many models it has."""
    settings = Settings(home=home)
    memory = home / "cache" / "dbt"
    memory.mkdir(parents=True, exist_ok=True)
    said = subprocess.run(
        [sys.executable, "-c", READ, str(memory), *DbtProcess(settings)._project()],
        cwd=memory, env=environment(settings), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return said.stdout


@pytest.mark.full
def test_a_damaged_copy_is_left_alone_and_a_good_one_is_used(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    kept = home / "cache" / "dbt" / KEPT
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"\x00not what dbt wrote")
    first = read(home)
    assert "models 1" in first  # a hundred and some
    good = kept.stat()
    assert good.st_size > 100_000
    assert read(home).splitlines()[-1] == first.splitlines()[-1]
    assert kept.stat().st_mtime_ns == good.st_mtime_ns  # nothing had changed: nothing was read


class Moved(Settings):
    """Settings of a tree that lies where ``lies`` says."""

    lies: Path

    @property
    def dbt_project(self) -> Path:
        """A folder of that name."""
        return self.lies / "dbt"


def test_what_was_learned_of_a_tree_is_forgotten_where_it_was_moved(tmp_path: Path) -> None:
    learned = tmp_path / "home" / "cache" / "dbt" / KEPT
    left = []
    for lies in ("here", "here", "there"):
        with DbtProcess(Moved(home=tmp_path / "home", lies=tmp_path / lies)):
            left.append(learned.exists())
        learned.write_bytes(b"with the paths of its seeds")
    assert left == [False, True, False]


def test_what_is_said_before_a_build_is_known_has_a_place(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with DbtProcess(settings):
        assert (settings.home / "cache" / "dbt" / EARLY_LOG).is_file()
