"""Whole refreshes on a poor machine: little memory, no room for files, two at the same time."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from tests.tree import Tree

HOUSE = [sys.executable, "-m", "lumbung", "refresh"]
FIGURES = "select count(*), count(value), bit_xor(hash(obs_id, value)) from marts.observations"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree.copy_to(tmp_path_factory.mktemp("faults"))
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    return tree


def limited(tree: Tree, which: int, size: int) -> subprocess.CompletedProcess[str]:
    """Run a refresh under a limit of the system, which its children inherit."""
    return subprocess.run(
        HOUSE, cwd=tree.root, env=tree.environment, text=True, capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(which, (size, size)), timeout=280,
    )  # fmt: skip


def change(tree: Tree, old: str, new: str) -> None:
    path = tree.root / "ingest" / "bundled" / "cited_labour" / "all.csv"
    text = path.read_text(encoding="utf-8")
    assert f",{old}," in text
    path.write_text(text.replace(f",{old},", f",{new},", 1), encoding="utf-8")


@pytest.mark.full
def test_a_refresh_gets_by_with_one_gibibyte_of_memory(tmp_path):
    tree = Tree.copy_to(tmp_path)
    done = limited(tree, resource.RLIMIT_DATA, 1 << 30)
    assert done.returncode == 0, done.stderr
    assert tree.ask("select count(*) from marts.observations")[0][0] > 10_000


@pytest.mark.full
@pytest.mark.parametrize("size", [1 << 12, 1 << 16, 1 << 20])
def test_where_files_cannot_grow_readers_keep_their_release_and_room_mends_it(tree, size):
    before, figures = tree.current, tree.ask(FIGURES)
    change(tree, "10.61", "10.62")
    try:
        done = limited(tree, resource.RLIMIT_FSIZE, size)
        assert done.returncode != 0
        assert (tree.current, tree.ask(FIGURES)) == (before, figures)
    finally:
        change(tree, "10.62", "10.61")
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    assert tree.ask(FIGURES) == figures


@pytest.mark.full
def test_of_two_refreshes_at_once_one_works_and_one_says_so(tree):
    change(tree, "10.61", "10.63")
    before = tree.current
    both = [
        subprocess.Popen(
            HOUSE, cwd=tree.root, env=tree.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    ends = {}
    for process in both:
        _, complained = process.communicate(timeout=280)
        ends[process.returncode] = complained
    assert set(ends) == {0, 75}
    assert "another refresh is at work" in ends[75]
    assert tree.current != before
