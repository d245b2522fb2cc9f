"""CONTRIBUTING works: its blocks are run, one by one, in a copy of the tree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.tree import ROOT, Tree

pytestmark = pytest.mark.full  # a refresh of its own

BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the file it is for (or none), and its text."""

    language: str
    file: str
    text: str


def blocks() -> list[Block]:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return [Block(*match) for match in BLOCK.findall(text)]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, list[str]]:
    """A tree in which somebody followed the page, and what the commands printed."""
    folder = tmp_path_factory.mktemp("contributing")
    tree = Tree.copy_to(folder)
    printed = []
    for block in blocks():
        if block.file:
            path = tree.root / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            continue
        # Set-up has a test of its own; here the environment is there already.
        script = block.text.replace("make ", "make -o setup-run ").replace("/tmp/", f"{folder}/")  # noqa: S108
        (tree.root / ".venv").unlink(missing_ok=True)
        (tree.root / ".venv").symlink_to(ROOT / ".venv")
        done = tree.run("sh", "-ec", script)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        printed.append(done.stdout + done.stderr)
    return tree, printed


def test_the_page_has_files_to_write_and_commands_to_run():
    assert [block.language for block in blocks()] == ["yaml", "yaml", "csv", "sh", "sh"]


def test_parsing_alone_reads_every_figure(followed):
    tree, _ = followed
    rows = (tree.root.parent / "rows.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 18
    rejected = Path(f"{tree.root.parent / 'rows.csv'}.rejected.csv")
    assert len(rejected.read_text(encoding="utf-8").splitlines()) == 1


def test_the_new_indicator_is_in_the_release_with_its_figures(followed):
    tree, printed = followed
    assert tree.ask(
        """select category, value from marts.observations
        where indicator_id = 'population_registered_by_sex' and region_code = '3604'
        order by category"""
    ) == [("female", 877814), ("male", 913981)]
    assert "877814" in printed[-1]


def test_the_dictionary_follows_from_the_catalogue(followed):
    tree, _ = followed
    assert tree.ask(
        """select name_id, unit from marts.dim_indicator
        where indicator_id = 'population_registered_by_sex'"""
    ) == [("Penduduk terdaftar menurut jenis kelamin", "persons")]
