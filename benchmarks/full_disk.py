"""Fill the disk in the middle of every step of a refresh; count what readers suffered.

Each step runs on a file system of its own that lies in memory and has room for a part of what
the step writes: nothing, an eighth, ... seven eighths; and once it can't be written at all. So
the system itself refuses, to DuckDB and Arrow as to Python, wherever the step then is. A reader
asks the current release all the while. Then there is room again, and the step must get through
by itself.

Mounting needs root, or user namespaces (`unshare -rm`), in which the program starts itself again
so that its mounts end with it. `--parts N`, `--out FILE` for the result as JSON; `--only STEP ...`
tries these steps and leaves what FILE says of the others.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fault_reader import judge, plain, read_once
from benchmarks.fault_world import World, ledger_rows
from lumbung.settings import ROOT

STEPS = ("harvest", "assemble", "audit", "publish", "roll back")
ENOUGH_BYTES = 1 << 30
OLD, NEW = "101.51", "101.52"
INSIDE = "--inside"


@dataclass
class Trial:
    """One step on a disk with too little room: how it ended, what was seen, what came after."""

    step: str
    room: str
    room_bytes: int
    ended: int
    said: str = ""
    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    recovered: bool = False
    problem: str = ""


class Disk:
    """A file system in memory, mounted where the world's home is, of a size that can change."""

    def __init__(self, home: Path) -> None:
        self.home, self.is_covered = home, False
        home.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def filled_from(self, source: Path) -> Iterator[None]:
        """Mount it with the files of a folder on it; unmount it at the end."""
        _mount("-t", "tmpfs", "-o", f"size={ENOUGH_BYTES}", "tmpfs", str(self.home))
        try:
            shutil.copytree(source, self.home, symlinks=True, dirs_exist_ok=True)
            yield
        finally:
            subprocess.run(["umount", "-l", str(self.home)], check=True)

    @property
    def used_bytes(self) -> int:
        """Return how much is taken."""
        now = os.statvfs(self.home)
        return (now.f_blocks - now.f_bfree) * now.f_frsize

    def leave_room(self, n_bytes: int) -> None:
        """Make it so small that only so much can be added."""
        _mount("-o", f"remount,size={self.used_bytes + n_bytes}", str(self.home))

    def close_for_writing(self) -> None:
        """Lay a read-only view of it over it: it can't be remounted while anybody writes."""
        _mount("--bind", str(self.home), str(self.home))
        _mount("-o", "remount,bind,ro", str(self.home))
        self.is_covered = True

    def make_room(self) -> None:
        """Let it be written, and large."""
        if self.is_covered:
            subprocess.run(["umount", "-l", str(self.home)], check=True)
            self.is_covered = False
        _mount("-o", f"remount,size={ENOUGH_BYTES}", str(self.home))


class Campaign:
    """Brings a figure from source to readers step by step, and breaks each step."""

    def __init__(self, folder: Path, parts: int) -> None:
        self.world, self.folder, self.parts = World(folder), folder, parts
        self.disk = Disk(self.world.home)
        self.expected: dict[str, set[str]] = {}
        self.trials: list[Trial] = []
        self.written_bytes: dict[str, int] = {}

    def prepare(self) -> Path:
        """Publish a first release, and give the figure another value; return the home's copy."""
        self.world.set_figure(OLD)
        shutil.rmtree(self.world.home)
        code, said = self.world.run("lumbung", "refresh")
        if code:
            raise SystemExit(f"what is to be broken must work first:\n{said}")
        self._note_releases(OLD)
        self.world.set_figure(NEW)
        return self._keep("harvest")

    def step(self, step: str, before: Path, is_tried: bool) -> Path:
        """Run a step undisturbed, then with ever more room; return the home after it."""
        with self.disk.filled_from(before):
            self.written_bytes[step] = self._undisturbed(step)
            self._note_releases(NEW)
            after = self._keep(step + " done")
        for part in range(self.parts) if is_tried else ():
            room = self.written_bytes[step] * part // self.parts
            self.trials.append(self._try(step, before, f"{part}/{self.parts}", room))
        if is_tried:
            self.trials.append(self._try(step, before, "read-only", 0))
        return after

    def _undisturbed(self, step: str) -> int:
        """Run a step with room enough; return how much more it took at its fullest moment."""
        base = most = self.disk.used_bytes
        process = self._start(step)
        while process.poll() is None:
            most = max(most, self.disk.used_bytes)
            time.sleep(0.005)
        if process.returncode:
            raise SystemExit(f"{step} must work:\n{process.communicate()[0]}")
        return max(most, self.disk.used_bytes) - base

    def _try(self, step: str, before: Path, room: str, n_bytes: int) -> Trial:
        with self.disk.filled_from(before), Reader(self.world) as reader:
            objects, rows = self.world.landed(), ledger_rows(self.world.home)
            if room == "read-only":
                self.disk.close_for_writing()
            else:
                self.disk.leave_room(n_bytes)
            process = self._start(step)
            said = process.communicate()[0].replace(f"{self.folder}/", "").strip().splitlines()
            trial = Trial(step, room, n_bytes, process.returncode, said[-1][:400] if said else "")
            self.disk.make_room()
            self._note_releases(NEW)
            self._finish(trial)
            trial.lost = self.world.lost(objects, rows)
            trial.problem = trial.problem or self._unlike(step)
        trial.seen = sorted({f"{one.get('release')} {one.get('value')}" for one in reader.answers})
        trial.wrong = judge(reader.answers, self.expected)
        print(json.dumps(asdict(trial)), flush=True)
        return trial

    def _finish(self, trial: Trial) -> None:
        """Run a step that was stopped again; one that found room enough is not to be undone."""
        words = ""
        trial.recovered = trial.ended == 0
        if not trial.recovered:
            again = self._start(trial.step)
            words = again.communicate()[0]
            trial.recovered = again.returncode == 0
            self._note_releases(NEW)
        trial.problem = "" if trial.recovered else words[-600:]

    def _unlike(self, step: str) -> str:
        """Say what is wrong with what readers have once the step got through, if anything."""
        answer = read_once(self.world.home / "releases", self.world.key)
        wanted = NEW if step == "publish" else OLD
        found = answer.get("value", "nan").partition("|")[0]
        return "" if plain(found) == plain(wanted) else f"{step} ended well and left {answer}"

    def _start(self, step: str) -> subprocess.Popen[str]:
        program = self.world.tree / "benchmarks" / "faults.py"
        return self.world.start_file(str(program), "--work", step)

    def _keep(self, name: str) -> Path:
        kept = self.folder / f"before {name}"
        shutil.copytree(self.world.home, kept, symlinks=True)
        return kept

    def _note_releases(self, value: str) -> None:
        """Every release that is new was built from this value."""
        for folder in (self.world.home / "releases").glob("2*"):
            self.expected.setdefault(folder.name, {plain(value)})


class Reader:
    """Asks the current release several times a second, and keeps every answer that is new."""

    def __init__(self, world: World) -> None:
        self.world, self.answers = world, list[dict[str, str]]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.1):
            answer = read_once(self.world.home / "releases", self.world.key)
            if not self.answers or answer != self.answers[-1]:
                self.answers.append(answer)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def main() -> None:
    """Start again where mounts are our own, break every step, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", type=int, default=8)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--only", choices=STEPS, nargs="*", default=STEPS)
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if not asked.inside:
        flags = "-m" if os.geteuid() == 0 else "-rm"
        arguments = [sys.executable, "-m", "benchmarks.full_disk", *sys.argv[1:], INSIDE]
        os.execvp("unshare", ["unshare", flags, *arguments])  # noqa: S606
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="lumbung-disk-") as scratch:
        result = attempt(Path(scratch), asked)
    print(json.dumps({k: v for k, v in result.items() if k != "trials"}, indent=1))
    if result["wrong_figures_served"] or result["figures_lost"] or result["runs_needing_a_human"]:
        raise SystemExit(1)


def attempt(scratch: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Break every step, writing the result after each."""
    campaign = Campaign(scratch, asked.parts)
    before = campaign.prepare()
    result: dict[str, Any] = {}
    if asked.out and asked.out.is_file() and set(asked.only) < set(STEPS):
        result = json.loads(asked.out.read_text(encoding="utf-8"))
    for step in STEPS:
        before = campaign.step(step, before, step in asked.only)
        result = _summed_up(campaign, asked, result)
        if asked.out:
            asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def _summed_up(
    campaign: Campaign, asked: argparse.Namespace, earlier: dict[str, Any]
) -> dict[str, Any]:
    """Put this sitting's trials in the place of earlier ones of the same steps."""
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    tried = {trial.step for trial in campaign.trials}
    new = [{"commit": commit or "no checkout", **asdict(trial)} for trial in campaign.trials]
    old = [
        {"commit": earlier.get("commit"), **trial}
        for trial in earlier.get("trials", [])
        if trial["step"] not in tried
    ]
    trials = sorted(old + new, key=lambda trial: STEPS.index(trial["step"]))
    return {
        "command": f"python -m benchmarks.full_disk --parts {asked.parts}",
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "tried": len(trials),
        "bytes_written_undisturbed": campaign.written_bytes,
        "stopped_for_want_of_room": sum(trial["ended"] != 0 for trial in trials),
        "wrong_figures_served": sum(len(trial["wrong"]) for trial in trials),
        "figures_lost": sum(len(trial["lost"]) for trial in trials),
        "runs_needing_a_human": sum(bool(trial["problem"]) for trial in trials),
        "trials": trials,
    }


if __name__ == "__main__":
    main()
