"""Whole refreshes with too little of something: memory, room on the disk, or the barn to itself."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.tree import Tree

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]

MIB = 1 << 20
#: Runs a refresh in which no process, dbt's and the copy's included, goes beyond a limit.
LIMITED = """
import resource, sys
limit = int(sys.argv[2])
resource.setrlimit(getattr(resource, sys.argv[1]), (limit, limit))
from lumbung.refresh import main
sys.exit(main())
"""
PLAIN = "import sys; from lumbung.refresh import main; sys.exit(main())"
#: One step of a release, in a process of its own, no file of which may grow beyond a limit.
STEP = """
import resource, sys
from lumbung import settings
from release import build
from release.errors import ReleaseError
step, limit = sys.argv[1], int(sys.argv[2])
loaded = settings.load()
planned = build.plan(loaded)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    getattr(build, step)(loaded, planned.release_id)
except ReleaseError as error:
    sys.exit(f"refused: {error}")
"""
OLD, NEW = "10.61", "10.67"
#: What the audit writes is small and depends on the figures: benchmarks/full_disk.py stops it.
STOPPED_AT_KIB = {"assemble": (64, 256, 4096), "audit": (), "publish": (64, 256)}
HARVEST = """
from ingest.harvest import harvest
from lumbung import settings
assert {one.outcome for one in harvest("cited_figures", settings.load())} <= {"ok", "unchanged"}
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree.copy_to(tmp_path_factory.mktemp("whole"))


@dataclass
class Memory:
    """The most that one process ever held, and that all of them held at one moment, in bytes."""

    process: int = 0
    together: int = 0

    def look_at(self, head: psutil.Process) -> None:
        """Add what the processes hold now to what was seen; the dead hold nothing."""
        together = 0
        for process in [head, *head.children(recursive=True)]:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                continue
            held = {
                name: int(re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024
                for name in ("VmHWM", "VmRSS")
                if f"\n{name}:" in status
            }
            self.process = max(self.process, held.get("VmHWM", 0))
            together += held.get("VmRSS", 0)
        self.together = max(self.together, together)


@pytest.fixture(scope="module")
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="module")
def released(tree: Tree, memory: Memory) -> Tree:
    """A first release from nothing, its processes watched."""
    with (tree.home.parent / "said").open("w+") as said:
        process = psutil.Popen(
            [sys.executable, "-c", PLAIN], cwd=tree.root, env=tree.environment,
            stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        while process.poll() is None:
            memory.look_at(process)
            time.sleep(0.1)
        said.seek(0)
        assert process.returncode == 0, said.read()
    return tree


def rate(tree: Tree) -> list[str]:
    """Return what readers are told of Kabupaten Serang in August 2022."""
    rows = tree.ask(
        """select cast(unemployment_rate_pct as double)::varchar from marts.unemployment
        where region_code = '3604' and survey_year = 2022 and survey_month = 8 and is_headline"""
    )
    return [row[0] for row in rows]


def restate(tree: Tree, old: str, new: str) -> None:
    """Change the figure in every source's line, and no other that has the same number."""
    csv: Path = tree.root / "ingest" / "bundled" / "cited_labour" / "all.csv"
    lines = csv.read_text(encoding="utf-8").splitlines(keepends=True)
    ours = [
        at for at, line in enumerate(lines)
        if line.startswith("unemployment_rate,total,") and f",2022-08-31,{old}," in line
        and ",3604," in line
    ]  # fmt: skip
    assert ours
    for at in ours:
        lines[at] = lines[at].replace(f",{old},", f",{new},")
    csv.write_text("".join(lines), encoding="utf-8")


def test_a_whole_refresh_from_nothing_fits_into_a_gibibyte(released: Tree, memory: Memory) -> None:
    """Measured: what the processes held at most, one by one and all at one moment."""
    assert rate(released) == [OLD]
    assert 100 * MIB < memory.process < 1024 * MIB, memory
    assert memory.together < 1024 * MIB, memory


def test_a_refresh_under_a_limit_of_a_gibibyte_publishes_the_new_figure(released: Tree) -> None:
    """Imposed: no process may ask for more, whether it uses what it asks for or not."""
    before, told = released.current, rate(released)
    new = OLD if told == [NEW] else NEW
    restate(released, told[0], new)
    done = released.run(sys.executable, "-c", LIMITED, "RLIMIT_DATA", str(1024 * MIB))
    assert done.returncode == 0, done.stdout + done.stderr
    assert released.current != before
    assert rate(released) == [new]


def test_a_disk_that_fills_up_in_any_step_is_named_and_the_step_done_again(
    released: Tree,
) -> None:
    before, told = released.current, rate(released)
    new = OLD if told == [NEW] else NEW
    restate(released, told[0], new)
    harvested = released.run(sys.executable, "-c", HARVEST)
    assert harvested.returncode == 0, harvested.stdout + harvested.stderr
    # the inputs of dbt stop at 256 KiB, dbt itself at 4 MiB
    for step, limits_kib in STOPPED_AT_KIB.items():
        for kib in limits_kib:
            done = released.run(sys.executable, "-c", STEP, step, str(kib * 1024))
            assert done.returncode == 1, (step, kib, done.stdout + done.stderr)
            assert "refused: " in done.stderr, (step, kib, done.stderr)
            assert "too large" in done.stderr.lower(), (step, kib, done.stderr)
            assert "ake room below" in done.stderr, (step, kib, done.stderr)
            assert (released.current, rate(released)) == (before, told), (step, kib)
        done = released.run(sys.executable, "-c", STEP, step, "0")
        assert done.returncode == 0, (step, done.stdout + done.stderr)
    assert released.current != before
    assert rate(released) == [new]


def test_a_disk_that_fills_up_leaves_the_release_and_the_next_run_finishes(released: Tree) -> None:
    """No file may grow beyond the limit: small ones still fit, as on a disk that is nearly full."""
    before, told = released.current, rate(released)
    new = OLD if told == [NEW] else NEW
    restate(released, told[0], new)
    done = released.run(sys.executable, "-c", LIMITED, "RLIMIT_FSIZE", str(4 * MIB))
    assert done.returncode in (1, 74), done.stdout + done.stderr
    assert "File too large" in done.stdout + done.stderr
    assert (released.current, rate(released)) == (before, told)
    again = released.run(sys.executable, "-c", PLAIN)
    assert again.returncode == 0, again.stdout + again.stderr
    assert released.current != before
    assert rate(released) == [new]


def test_of_two_refreshes_at_once_one_works_and_one_says_so(released: Tree) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", PLAIN], cwd=released.root, env=released.environment,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]  # fmt: skip
    ends = {}
    for process in both:
        said, complained = process.communicate(timeout=900)
        ends[process.returncode] = said + complained
    assert sorted(ends) == [0, 75], ends
    assert "another refresh is at work: process" in ends[75]
