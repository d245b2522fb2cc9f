"""How long a refresh takes and how much memory: cold, one figure changed, nothing new.

Works on a copy of the tree and a home of its own, with the packages already installed. Prints a
table, and the same as JSON with `--json`. Times are wall seconds. Memory is the most that the
refresh and its children together may have held: twice a second, the high-water marks of all that
live are added up (looking ten times a second made a refresh two seconds slower). A refresh without
news may take what Airflow takes by itself for four tasks that do nothing, measured here too, and
2 s more.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from lumbung import airflow_home
from lumbung.settings import ROOT, load

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "target", "logs")
FIGURES = Path("ingest/bundled/cited_labour/all.csv")
MIB_ALLOWED = 1024
OURS_SECONDS = 2
#: What Airflow costs by itself.
EMPTY_DAG = """
import pendulum
from airflow.sdk import chain, dag, task

@dag(schedule=None, start_date=pendulum.datetime(2025, 1, 1), catchup=False)
def nothing():
    @task
    def do_nothing():
        pass

    chain(*[do_nothing.override(task_id=f"nothing_{n}")() for n in range(4)])

nothing()
"""


@dataclass(frozen=True)
class Measurement:
    """One refresh: how long, how much, and which release was current afterwards."""

    case: str
    seconds: float
    peak_mib: float
    limit_seconds: float
    release_id: str


def main() -> None:
    """Measure the three cases, one after the other, in one home."""
    with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as scratch:
        tree, home = Path(scratch) / "tree", Path(scratch) / "home"
        shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
        found = [measure("cold", tree, home, 120)]
        change_one_figure(tree / FIGURES)
        found.append(measure("one figure changed", tree, home, 30))
        alone = airflow_alone(Path(scratch), home)
        found.append(measure("nothing new", tree, home, round(alone + OURS_SECONDS, 1)))
    if "--json" in sys.argv:
        machine = {"cores": os.cpu_count(), "python": platform.python_version()}
        runs = [asdict(m) for m in found]
        said = {"command": "make bench", "machine": machine, "load": os.getloadavg()[1]}
        print(json.dumps({**said, "airflow_alone_seconds": alone, "runs": runs}, indent=1))
        return
    show(found, alone)


def measure(case: str, tree: Path, home: Path, limit: float) -> Measurement:
    """Run one refresh to its end, watching its memory; stop the benchmark where it fails."""
    environment = {**os.environ, "LUMBUNG_HOME": str(home), "PYTHONPATH": str(tree)}
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "lumbung", "refresh"],
        cwd=tree, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(0.5)
    seconds = time.monotonic() - started
    if process.returncode:
        raise SystemExit(f"the refresh '{case}' failed; its message is above")
    release_id = (home / "releases" / "current").resolve().name
    return Measurement(case, round(seconds, 1), round(peak / 2**20, 1), limit, release_id)


def airflow_alone(scratch: Path, home: Path) -> float:
    """Return the seconds of `airflow dags test` for four tasks that do nothing."""
    folder = scratch / "dags"
    folder.mkdir()
    (folder / "nothing.py").write_text(EMPTY_DAG, encoding="utf-8")
    settings = load().model_copy(update={"home": home})
    environment = airflow_home.environment(settings)
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "airflow", "dags", "test", "nothing"],
        env={**os.environ, **environment, "AIRFLOW__CORE__DAGS_FOLDER": str(folder)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return round(time.monotonic() - started, 1)


def resident(pid: int) -> int:
    """Return the most that a process and its living children ever held, each by itself, in bytes.

    More than they held at one moment: no short peak is missed.
    """
    total = 0
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for member in family:
        with suppress(OSError, StopIteration):  # it just ended
            lines = Path(f"/proc/{member.pid}/status").read_text(encoding="ascii").splitlines()
            mark = next(line for line in lines if line.startswith("VmHWM:"))
            total += int(mark.split()[1]) * 1024
    return total


def change_one_figure(path: Path) -> None:
    """Change the last digit of one published rate, as a correction would."""
    before = path.read_bytes()
    after = before.replace(b",10.61,", b",10.62,", 1)
    if after == before:
        raise SystemExit(f"{path}: the figure to change is gone")
    path.write_bytes(after)


def show(found: list[Measurement], alone: float) -> None:
    """Print the measurements as a table, and what Airflow takes by itself."""
    table = Table(title=f"One refresh, {os.cpu_count()} cores, Python {platform.python_version()}")
    for heading in ("case", "seconds", "aim", "peak MiB", "release"):
        table.add_column(heading, justify="left" if heading in ("case", "release") else "right")
    for m in found:
        table.add_row(m.case, f"{m.seconds}", f"{m.limit_seconds:g}", f"{m.peak_mib}", m.release_id)
    Console().print(table)
    load_average = f"{os.getloadavg()[1]:.1f}"
    Console().print(
        f"Airflow by itself: {alone} s. Memory aim: {MIB_ALLOWED} MiB. Load: {load_average}"
    )


if __name__ == "__main__":
    main()
