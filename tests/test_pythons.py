"""The whole set-up and one refresh on every other Python that is here, as root and not.

The tree is a copy without .git in a path with a space: what a ZIP from a download page is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.copies import copy_tree

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
NOBODY = 65534


def works(candidate: Path | str | None, version: str) -> bool:
    """Tell whether an interpreter starts and is of the version; a pyenv shim may be neither."""
    if candidate is None:
        return False
    done = subprocess.run([str(candidate), "-V"], capture_output=True, text=True, check=False)
    return done.returncode == 0 and f" {version}." in done.stdout


def others() -> dict[str, str]:
    """Find the supported versions that are present besides the one running the tests."""
    found = {}
    for version in ("3.11", "3.12", "3.13"):
        if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
            continue
        name = f"python{version}"
        versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        candidates = [shutil.which(name), *sorted(versions.glob(f"{version}.*/bin/{name}"))]
        working = next((str(item) for item in candidates if works(item, version)), None)
        if working:
            found[version] = working
    return found


OTHERS = others()


def make(tree: Path, target: str, user: int | None = None, **extra: str) -> str:
    """Run a make target in a tree under a clean environment; return what it printed."""
    kept = ("PIP_", "UV_", "SSL_", "HTTP", "http", "LANG")
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(tree.parent / "home"),
        **{k: v for k, v in os.environ.items() if k.startswith(kept)},
        **extra,
    }
    done = subprocess.run(
        ["make", target], cwd=tree, env=environment, user=user, group=user, text=True,
        extra_groups=None if user is None else [], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def copied(folder: Path) -> Path:
    """Copy the tree, with a home for the user who will run it."""
    tree = copy_tree(folder / "a lumbung")
    (folder / "home").mkdir()
    return tree


@pytest.mark.parametrize("version", sorted(OTHERS))
def test_a_refresh_from_nothing_on_another_python(version, tmp_path):
    tree = copied(tmp_path)
    said = make(tree, "refresh", LUMBUNG_PYTHON=OTHERS[version])
    assert f"Python {version}" in said
    assert "Published release" in said
    question = (
        "select unemployment_rate_pct from unemployment where region_code = '3604'"
        " and survey_year = 2022 and is_headline"
    )
    assert "10.61" in make(tree, "query", Q=question)
    shutil.rmtree(tree / ".venv")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder any user can reach: pytest's own lie under one that only its user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="lumbung-nobody-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran without root already")
def test_a_refresh_without_root(open_folder):
    tree = copied(open_folder)
    for path in (open_folder, *open_folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    said = make(tree, "refresh", user=NOBODY, LUMBUNG_PYTHON=shutil.which("python3") or "")
    assert "Published release" in said
    assert (tree / "var").stat().st_uid == NOBODY
