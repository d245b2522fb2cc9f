"""Every recipe that is marked as tried: its very blocks are run, and its output is what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pytest

from lumbung.settings import ROOT, Settings
from serving.publish import publish
from tests.gallery.test_on_postgresql import exported
from tests.serving import workbench

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

FOLDER = ROOT / "docs" / "recipes"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^```(sh|python)\n(.*?)^```\n```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with workbench.postgres() as settings:
        release = workbench.release(settings, 1, exported(tmp_path_factory.mktemp("marts")))
        publish(settings)
        assert (settings.releases / release / "marts" / "unemployment.parquet").is_file()
        yield settings


@pytest.fixture
def project(served: Settings, tmp_path: Path) -> Path:
    """Return a folder that looks like the project's after `make refresh`."""
    (tmp_path / "var").symlink_to(served.home)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / ".venv" / "bin" / "python").chmod(0o755)
    return tmp_path


def environment(served: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "LUMBUNG_HOME": str(served.home),
        "LUMBUNG_POSTGRES_PORT": str(served.postgres_port),
        "PYTHONPATH": str(ROOT),
    }


def test_every_block_that_can_run_says_what_comes_out():
    assert len(BLOCKS) == 6
    assert len(BLOCKS) == len(re.findall(r"^```(?:sh|python)$", PAGE, re.MULTILINE))


@pytest.mark.parametrize(("language", "block", "output"), BLOCKS)
def test_the_block_does_what_the_page_says(served, project, language, block, output):
    command = ["sh", "-euc", block] if language == "sh" else [sys.executable, "-c", block]
    done = subprocess.run(
        command, cwd=project, env=environment(served), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == output


def test_the_notebook_runs_from_beginning_to_end(served, monkeypatch, tmp_path):
    monkeypatch.setenv("LUMBUNG_HOME", str(served.home))
    notebook = nbformat.read(FOLDER / "regional-figures.ipynb", as_version=4)
    assert [cell for cell in notebook.cells if cell.get("outputs")] == [], "kept without outputs"
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(tmp_path))
    texts = [
        output["text"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "stream"
    ]
    assert "Kabupaten Serang 2025-08: 8.73 persen" in "".join(texts)
    charts = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/svg+xml" in output.get("data", {})
    ]
    assert len(charts) == 1
