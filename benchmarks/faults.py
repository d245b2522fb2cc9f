"""Kill refreshes and roll-backs at random moments, and count what readers and the figures suffered.

Works on a copy of the tree and a home of its own. Each fault: one figure gets a new value, a
refresh (one time in ten a roll-back) is killed with SIGKILL with all its children at a random
moment, and then a plain refresh runs to its end. All the while a reader asks the current
release, several times a second. Counted: wrong figures served, figures lost, runs that needed a
human. `--faults N`, `--seed S`, `--out FILE` for the result as JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "target", "logs")
FIGURES = Path("ingest/bundled/cited_prices/all.csv")
#: A refresh that is not done by then hangs: that is a run that needs a human.
PATIENCE = 600
ROLL_BACK_SHARE = 0.1


@dataclass(frozen=True)
class Fault:
    """One kill: what was killed, how far it was, and what the next plain refresh did."""

    number: int
    command: str
    after_seconds: float
    was_killed: bool
    stage: str
    current_after_kill: str
    recovered: bool
    seconds_to_recover: float
    problem: str


class World:
    """A copied tree and its home, with a figure that can be given a value."""

    def __init__(self, folder: Path) -> None:
        self.tree, self.home = folder / "tree", folder / "home"
        shutil.copytree(ROOT, self.tree, ignore=NOT_COPIED)
        self.file = self.tree / FIGURES
        self.original = self.file.read_text(encoding="utf-8")
        self.line, self.key = _line_to_change(self.original)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
        self.environment = {**kept, "LUMBUNG_HOME": str(self.home), "PYTHONPATH": str(self.tree)}

    def set_figure(self, value: str) -> None:
        """Give the figure a value that it never had."""
        changed = dict(self.key) | {"value": value}
        line = ",".join(_quoted(text) for text in changed.values())
        self.file.write_text(self.original.replace(self.line, line, 1), encoding="utf-8")

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command of the house in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", *command], cwd=self.tree, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip

    def run(self, *command: str) -> tuple[int, str]:
        """Run a command to its end; a hanging one is ended and told as -1."""
        process = self.start(*command)
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return -1, "it hangs"
        return process.returncode, said

    @property
    def current(self) -> str:
        """Return the id of the current release."""
        return (self.home / "releases" / "current").resolve().name

    def lost(self, objects: dict[str, int], rows: int) -> list[str]:
        """Return what is missing or damaged of what was landed and released before."""
        found = [name for name in objects if not _is_whole(self.home / "landing", name)]
        if ledger_rows(self.home) < rows:
            found.append("rows of the ledger")
        for folder in (self.home / "releases").glob("2*"):
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            for table in manifest["tables"]:
                path = folder / "marts" / f"{table['name']}.parquet"
                if not path.is_file() or _sha256(path) != table["sha256"]:
                    found.append(f"{folder.name}/{table['name']}")
        return found


def _line_to_change(text: str) -> tuple[str, dict[str, str]]:
    """Pick the first plain line whose value is a number; return it and its cells by column."""
    head, *lines = text.splitlines()
    columns = head.split(",")
    for line in lines:
        cells = line.split(",")
        if '"' not in line and len(cells) == len(columns):
            row = dict(zip(columns, cells, strict=True))
            if row["value"].replace(".", "", 1).isdigit():
                return line, row
    raise SystemExit(f"{FIGURES}: no plain line to change")


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(landing: Path, name: str) -> bool:
    path = landing / "objects" / name[:2] / name
    return path.is_file() and _sha256(path) == name


def landed(home: Path) -> dict[str, int]:
    """Return the objects that the ledger names."""
    with sqlite3.connect(home / "landing" / "ledger.sqlite", timeout=60) as ledger:
        return dict(ledger.execute("select sha256, size from fetches where is_kept").fetchall())


def ledger_rows(home: Path) -> int:
    """Return how many fetches and outcomes the ledger holds."""
    with sqlite3.connect(home / "landing" / "ledger.sqlite", timeout=60) as ledger:
        (found,) = ledger.execute(
            "select (select count(*) from fetches) + (select count(*) from outcomes)"
        ).fetchone()
    return int(found)


# -- the reader ------------------------------------------------------------------------------


def read_forever(releases: Path, key: dict[str, str], out: Path) -> None:
    """Ask the current release until killed; write each new answer, or error, as a line."""
    last = None
    n_reads = 0
    with out.open("a", encoding="utf-8") as log:
        while True:
            answer = read_once(releases, key)
            n_reads += 1
            if answer != last:
                log.write(json.dumps({"at": n_reads, **answer}) + "\n")
                log.flush()
                last = answer
            out.with_suffix(".count").write_text(str(n_reads), encoding="utf-8")
            time.sleep(0.2)


def read_once(releases: Path, key: dict[str, str]) -> dict[str, str]:
    """Return which release is current, what it says of the figure, and a sum over all figures."""
    try:
        folder = (releases / "current").resolve(strict=True)
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            release = connection.execute("select release_id from marts.publication").fetchall()
            value = connection.execute(
                "select value::varchar from marts.observations where indicator_id = ? and "
                "region_code = ? and period_label = ? and stage = ? and perimeter = ?",
                [key[k] for k in ("indicator", "region_code", "period", "stage", "perimeter")],
            ).fetchall()
            whole = connection.execute(
                "select count(*) || ':' || bit_xor(hash(obs_id, value)) from marts.observations"
            ).fetchall()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return {
        "folder": folder.name, "release": release[0][0],
        "value": "|".join(sorted(str(row[0]) for row in value)), "whole": whole[0][0],
    }  # fmt: skip


# -- the faults ------------------------------------------------------------------------------


class Tries:
    """Tries faults one after the other and keeps what each did."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)  # noqa: S311 - no secret
        self.faults: list[Fault] = []
        self.lost: list[str] = []
        self.expected: dict[str, set[str]] = {}
        self.seconds = 0.0

    def prepare(self, value: str) -> None:
        """Publish two releases: one to read, one to roll back to; learn how long one takes."""
        for one in (value, value + "1"):
            self.world.set_figure(one)
            started = time.monotonic()
            code, said = self.world.run("lumbung", "refresh")
            self.seconds = time.monotonic() - started
            if code:
                raise SystemExit(f"the first refreshes must work:\n{said}")
            self.expected[self.world.current] = {_plain(one)}

    def one(self, number: int, value: str) -> None:
        """Kill one run at a random moment and let a plain refresh follow."""
        world, rolls_back = self.world, self.random.random() < ROLL_BACK_SHARE
        objects, rows = landed(world.home), ledger_rows(world.home)
        if not rolls_back:
            world.set_figure(value)
        command = ("release", "rollback") if rolls_back else ("lumbung", "refresh")
        until = self.random.uniform(0.2, 4.0 if rolls_back else self.seconds * 1.05)
        killed, said = self._kill(world.start(*command), until)
        after = world.current
        stage = _stage(said) if not rolls_back else "roll-back"
        if rolls_back:
            # what is rolled back stays held back: something new must come for the next release
            world.set_figure(value)
        started = time.monotonic()
        code, answer = world.run("lumbung", "refresh")
        took = time.monotonic() - started
        self.expected.setdefault(world.current, set()).add(_plain(value))
        self.lost += world.lost(objects, rows)
        self.faults.append(
            Fault(
                number, " ".join(command), round(until, 2), killed, stage, after,
                code == 0, round(took, 1), "" if code == 0 else answer[-600:],
            )
        )  # fmt: skip

    def _kill(self, process: subprocess.Popen[str], after: float) -> tuple[bool, str]:
        try:
            said, _ = process.communicate(timeout=after)
            return False, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return True, said


def _stage(said: str) -> str:
    """Return what a killed refresh was doing: the last line it announced."""
    doing = [line.rstrip(" …") for line in said.splitlines() if line.endswith("…")]
    done = [line for line in said.splitlines() if line.startswith(("✓", "–"))]
    if done:
        return f"after '{' '.join(done[-1].split()[1:-2])}'"
    return doing[-1] if doing else "start"


def _plain(value: str) -> str:
    return f"{float(value):.6f}"


def judge(lines: list[dict[str, str]], expected: dict[str, set[str]]) -> list[str]:
    """Return what readers should never have seen: errors, mixtures, figures of no release."""
    wrong, wholes = [], {}
    for line in lines:
        if "error" in line:
            wrong.append(line["error"])
            continue
        if line["folder"] != line["release"]:
            wrong.append(f"{line['folder']} says that it is {line['release']}")
        if wholes.setdefault(line["release"], line["whole"]) != line["whole"]:
            wrong.append(f"{line['release']} changed while it was current")
        allowed = expected.get(line["release"])
        if allowed is not None and _plain(line["value"].partition("|")[0]) not in allowed:
            wrong.append(f"{line['release']} says {line['value']}, expected {sorted(allowed)}")
        if allowed is None:
            wrong.append(f"{line['release']} was current and is no release that a run ended with")
    return wrong


def main() -> None:
    """Try the faults and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop early after so long")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        read_forever(Path(asked.read[0]), json.loads(asked.read[1]), Path(asked.read[2]))
    with tempfile.TemporaryDirectory(prefix="lumbung-faults-") as scratch:
        result = attempt(Path(scratch), asked.faults, asked.seed, asked.minutes)
    text = json.dumps(result, indent=1)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")
    counts = {k: v for k, v in result.items() if k not in ("faults", "machine")}
    print(json.dumps(counts, indent=1))
    if result["wrong_figures_served"] or result["figures_lost"] or result["runs_needing_a_human"]:
        raise SystemExit(1)


def _commit() -> str:
    """Return the commit that was tried, where the tree is a checkout."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown: no checkout"


def attempt(scratch: Path, n_faults: int, seed: int, minutes: float) -> dict[str, object]:
    """Try the faults below a reader, and sum up."""
    world = World(scratch)
    tries = Tries(world, seed)
    tries.prepare("101.5")
    seen, started = scratch / "seen.jsonl", time.monotonic()
    reader = subprocess.Popen(
        [
            sys.executable, str(Path(__file__).resolve()), "--read",
            str(world.home / "releases"), json.dumps(world.key), str(seen),
        ]
    )  # fmt: skip
    try:
        for number in range(1, n_faults + 1):
            if time.monotonic() - started > minutes * 60:
                break
            tries.one(number, f"{102 + number / 100:.2f}")
            print(json.dumps(asdict(tries.faults[-1])), flush=True)
        time.sleep(1)
    finally:
        reader.kill()
        reader.wait()
    lines = [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]
    wrong = judge(lines, tries.expected)
    return {
        "command": f"python benchmarks/faults.py --faults {n_faults} --seed {seed}",
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "commit": _commit(),
        "faults_asked": n_faults,
        "faults_tried": len(tries.faults),
        "killed_while_running": sum(fault.was_killed for fault in tries.faults),
        "by_stage": dict(Counter(f.stage for f in tries.faults if f.was_killed).most_common()),
        "reads": int(seen.with_suffix(".count").read_text(encoding="utf-8")),
        "different_answers_seen": len(lines),
        "wrong_figures_served": len(wrong),
        "wrong": wrong[:20],
        "figures_lost": len(tries.lost),
        "lost": tries.lost[:20],
        "runs_needing_a_human": sum(not fault.recovered for fault in tries.faults),
        "faults": [asdict(fault) for fault in tries.faults],
    }


if __name__ == "__main__":
    main()
