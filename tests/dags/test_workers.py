"""Each task on a worker of its own: what one leaves outside the home, the next never finds.

And with a store and a ledger that they share, ingest and build need not even share a home.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from psycopg.conninfo import conninfo_to_dict

from lumbung.settings import ROOT, Settings
from release.store import Store
from tests import stores

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

CALL = """
import json, sys
from lumbung import steps
step, *arguments = json.loads(sys.argv[1])
print("said", json.dumps(getattr(steps, step)(*arguments)))
"""


class Workers:
    """Runs tasks, each on a worker with a disk of its own."""

    def __init__(self, home: Path, disks: Path, **environment: str) -> None:
        self.home, self.disks, self.environment, self.ran = home, disks, environment, 0

    def run(self, step: str, *arguments: str) -> Any:
        """Run a step with nothing left of those before it but the home; return what it said."""
        return self.said(*self.started(step, *arguments))

    def started(self, step: str, *arguments: str) -> tuple[subprocess.Popen[str], Path]:
        """Start a step on a disk with nothing on it; return its process, and the disk."""
        self.ran += 1
        disk = self.disks / f"worker {self.ran} of {self.home.name}"
        disk.mkdir()
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
        process = subprocess.Popen(
            [sys.executable, "-c", CALL, json.dumps([step, *arguments])],
            cwd=disk,
            env={
                **kept,
                **self.environment,
                "PYTHONPATH": str(ROOT),
                "LUMBUNG_HOME": str(self.home),
                "HOME": str(disk),
                "TMPDIR": str(disk),
                "AIRFLOW_HOME": str(disk / "airflow"),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return process, disk

    @staticmethod
    def said(process: subprocess.Popen[str], disk: Path) -> Any:
        """Wait for a step, take its disk away, and return what it said."""
        out, error = process.communicate()
        shutil.rmtree(disk)
        assert process.returncode == 0, out + error
        (said,) = [line for line in out.splitlines() if line.startswith("said ")]
        return json.loads(said.removeprefix("said "))


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all homes and disks of the file's tests."""
    return tmp_path_factory.mktemp("workers")


def released(workers: Workers) -> list[Any]:
    """Make a release of what was harvested, a worker for each task; return what they told."""
    planned = workers.run("plan_release")
    steps = ("assemble_candidate", "audit_candidate", "publish_release")
    told = [planned, *(workers.run(step, planned["release_id"]) for step in steps)]
    assert Store(Settings(home=workers.home)).current() == planned["release_id"]
    return told


@pytest.fixture(scope="module")
def plain(disks: Path) -> tuple[Workers, list[Any]]:
    """Have workers that share a home make a release; return them and what they told."""
    workers = Workers(disks / "a shared home", disks)
    told = [workers.run("harvest_source", name) for name in ("cited_figures", "bps")]
    return workers, told + released(workers)


def test_a_release_comes_about_where_every_task_has_another_disk(plain, disks):
    workers, told = plain
    assert workers.run("plan_release") is None, "another worker finds something new"
    told = [*told, workers.run("build_site")]
    assert (workers.home / "portal" / "current" / "index.html").is_file()
    handed_on = json.dumps(told)
    assert str(disks) not in handed_on, "a task hands on a path"


#: What says when the marts were made and when we asked, and nothing else.
OF_THE_MAKING = {"publication", "fetch_outcomes", "freshness"}


def test_ingest_and_build_share_a_store_and_a_ledger_and_no_home(plain, disks):
    with stores.shared() as running:
        environment = running.fresh()
        ingest = {
            source: Workers(disks / f"home of {source}", disks, **environment)
            for source in ("cited_figures", "bps")
        }
        at_once = [worker.started("harvest_source", name) for name, worker in ingest.items()]
        told = [Workers.said(*one) for one in at_once]
        for worker in ingest.values():
            assert not any((worker.home / name).exists() for name in ("landing", "observations"))
            shutil.rmtree(worker.home)
        build = Workers(disks / "home of the builds", disks, **environment)
        told += released(build)
    handed_on = json.dumps(told)
    password = conninfo_to_dict(environment["LUMBUNG_LEDGER_DSN"])["passfile"]
    for secret in (str(disks), environment["LUMBUNG_SHARED_URL"], str(password)):
        assert secret not in handed_on, "a task hands on a path or an address"
    for name in ("landing", "observations"):
        assert not (build.home / name).exists(), f"{name} lies on the builder's disk"
    marts = Path("releases", "current", "marts")
    compare(plain[0].home / marts, build.home / marts)


def compare(one: Path, other: Path) -> None:
    """Hold two releases' marts against each other, row by row but for when we asked."""
    names = {path.name for path in one.glob("*.parquet")}
    assert names == {path.name for path in other.glob("*.parquet")}
    compared = 0
    with duckdb.connect() as connection:
        for name in sorted(names):
            if name.removesuffix(".parquet") in OF_THE_MAKING:
                continue
            (n_rows, n_lacking, n_new) = connection.execute(
                "with one as (select columns(c -> c <> 'fetched_at') from read_parquet($one)), "
                "other as (select columns(c -> c <> 'fetched_at') from read_parquet($other)) "
                "select (select count(*) from one), "
                "(select count(*) from (from one except all from other)), "
                "(select count(*) from (from other except all from one))",
                {"one": str(one / name), "other": str(other / name)},
            ).fetchone()
            assert (n_lacking, n_new) == (0, 0), f"{name}: {n_rows} rows"
            compared += n_rows
    assert compared > 100_000
