"""The set-up script's sentences: what it says where it can't go on."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ("sh", "dirname", "uname", "cat", "grep", "sed", "tr", "cksum", "rm")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A tree without an environment, in a path with a space, and a PATH of a few tools."""
    tree = tmp_path / "a lumbung"
    (tree / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", tree / "scripts")
    for lock in ROOT.glob("requirements*.txt"):
        shutil.copy(lock, tree)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tools / tool).symlink_to(found)
    return tree


def fake(tree: Path, name: str, script: str) -> None:
    path = tree.parent / "bin" / name
    path.unlink(missing_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def setup(tree: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(tree.parent / "bin"), "HOME": os.environ.get("HOME", "/"), **extra}
    return subprocess.run(
        ["sh", str(tree / "scripts" / "setup.sh"), "run"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_python_it_says_which_and_how(bare):
    done = setup(bare)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "lumbung: needs Python 3.11, 3.12 or 3.13, and there is none "
        "(on Debian: apt install python3 python3-venv)."
    ]


def test_an_old_python_is_named(bare):
    fake(bare, "python3", '[ "$1" = --version ] && echo "Python 3.9.2"; [ "$1" = --version ]')
    done = setup(bare)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "this is Python 3.9.2" in done.stderr


def test_a_missing_venv_module_is_named(bare):
    fake(bare, "python3", 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac')
    done = setup(bare)
    assert done.returncode == 1
    assert (
        done.stderr
        == "lumbung: python3 has no venv module (on Debian: apt install python3-venv).\n"
    )


def test_another_platform_is_named(bare):
    fake(bare, "uname", "echo MINGW64_NT-10.0")
    done = setup(bare)
    assert done.returncode == 1
    assert done.stderr == "lumbung: runs on Linux and macOS; this is MINGW64_NT-10.0.\n"


def test_what_is_installed_is_not_installed_again(bare):
    """Both stamps in place: nothing but reading them happens."""
    bin_folder = bare / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    python = bin_folder / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ]\n')
    python.chmod(0o755)
    stamp = subprocess.run(
        ["cksum"], stdin=(bare / "requirements.txt").open(), capture_output=True, check=True
    )
    (bare / ".venv" / ".lumbung-run").write_bytes(stamp.stdout)
    done = setup(bare)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_interrupted_set_up_is_not_taken_for_done(bare):
    test_what_is_installed_is_not_installed_again(bare)
    (bare / ".venv" / ".lumbung-unfinished").touch()
    done = setup(bare)
    assert done.returncode == 1
    assert "The last set-up was interrupted: installing again." in done.stderr
