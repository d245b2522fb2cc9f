"""Kill refreshes, their tasks and roll-backs at random moments; count what readers suffered.

Works on a copy of the tree and a home of its own. Faults come in chains: a figure gets a value
it never had; then run after run is killed with SIGKILL, with all its children, each run taking
up what the killed one before it left; and at the end a plain refresh must get through by itself
and publish the new value. All the while a reader asks the current release, several times a
second.

What is killed: whole refreshes through Airflow, anywhere in them; single tasks (harvest, plan,
assemble, audit, publish) as the service's scheduler runs and retries them, each in a process of
its own, at a random moment of their work; and roll-backs. Short tasks are killed as often as
long ones, as releases are switched in the short ones. Only runs that were still at work are
counted. After each kill, everything that was landed or published before is read again and held
against its hash.

Counted: wrong figures served, figures lost, runs that needed a human. `--faults N`, `--seed S`,
`--minutes M` to stop early, `--out FILE` for the result as JSON, written after every chain. A run
that was stopped is taken up by the next with the same FILE: what it holds counts, and only what
is missing to N is tried, in a sitting of its own with other random moments. A chain cut short has
no end to be judged by and counts for nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import queue
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.fault_reader import judge, plain, read_forever, read_once
from benchmarks.fault_world import PATIENCE, World, ledger_rows
from lumbung.settings import ROOT

#: In the order of a figure's path: a chain kills them in this order, and lets each that the
#: next one needs get through once in between.
TASKS = ("harvest", "plan", "assemble", "audit", "publish")
WHOLE, ROLL_BACK = "whole refresh", "roll back"
#: How many kills of each a chain has, at least and at most.
CHAIN = {
    ROLL_BACK: (2, 4), "harvest": (2, 5), "plan": (1, 2), WHOLE: (1, 2), "assemble": (1, 3),
    "audit": (2, 3), "publish": (4, 8),
}  # fmt: skip
#: What a refresh announces as done, in order; what follows the last of them is being killed.
ANNOUNCED = (
    "start or harvest", "harvest", "plan", "assemble", "audit", "publish", "summary",
)  # fmt: skip

#: What is told of each sitting, and what adds up over them.
OF_A_SITTING = (
    "command", "ended_at", "machine", "commit", "faults_tried", "chains", "seconds_undisturbed",
    "reads", "different_answers_seen",
)  # fmt: skip
SUMS = (
    "chains", "reads", "different_answers_seen", "wrong_figures_served", "wrong", "figures_lost",
    "lost", "runs_needing_a_human",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One kill: what was killed, in what step, after how long, and how its chain ended."""

    number: int
    chain: int
    killed: str
    step: str
    after_seconds: float
    current_after: str
    recovered: bool = False
    problem: str = ""


class Running:
    """A started run: its lines are read as they come, so that a step can be waited for."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process, self.lines = process, list[str]()
        self.started = time.monotonic()
        self._coming: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - it was started with a pipe
        for line in self.process.stdout:
            self._coming.put(line.rstrip("\n"))
        self._coming.put(None)

    def wait_for(self, text: str | None, seconds: float) -> bool:
        """Wait until a line says the text; return False where the run ends or time is up first."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._coming.get(timeout=left)
            except queue.Empty:
                return False
            if line is None:
                return False
            self.lines.append(line)
            if text is not None and line == text:
                return True
        return False

    def kill(self) -> bool:
        """Kill the run with all its children; return False where it had ended by itself."""
        was_running = self.process.poll() is None
        if was_running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.wait_for(None, 5)
        return was_running and self.process.returncode == -signal.SIGKILL


class Campaign:
    """Tries chains of faults and keeps what each did."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)  # noqa: S311 - no secret
        self.faults: list[Fault] = []
        self.lost: list[str] = []
        self.expected: dict[str, set[str]] = {}
        self.seconds: dict[str, float] = {}
        self.value, self.n_chains = "", 0

    def prepare(self) -> None:
        """Publish two releases and roll one back, and learn how long everything takes."""
        self._give("101.51")
        started = time.monotonic()
        code, said = self.world.run("lumbung", "refresh")
        if code:
            raise SystemExit(f"what is to be killed must work first:\n{said}")
        self.seconds[WHOLE] = time.monotonic() - started
        self._note_releases()
        self._give("101.52")
        for task in (*TASKS, ROLL_BACK):
            self.seconds[task] = self._get_through(task)

    def _get_through(self, task: str) -> float:
        """Run a task to its end; return how many seconds its work took."""
        run = self._start(task)
        run.wait_for(task, PATIENCE)
        started = time.monotonic()
        if not run.wait_for("done", PATIENCE):
            raise SystemExit(f"{task} must work:\n" + "\n".join(run.lines[-12:]))
        took = time.monotonic() - started
        run.process.wait()
        self._note_releases()
        return took

    def _start(self, work: str) -> Running:
        here = str(self.world.tree / "benchmarks" / "faults.py")
        return Running(self.world.start_file(here, "--work", work))

    def _give(self, value: str) -> None:
        self.value = value
        self.world.set_figure(value)

    def _note_releases(self) -> None:
        """Every release that is new was built from the value that was there just now."""
        for folder in (self.world.home / "releases").glob("2*"):
            self.expected.setdefault(folder.name, {plain(self.value)})

    def chain(self) -> None:
        """Kill run after run, then let a refresh finish by itself."""
        self.n_chains += 1
        begun = len(self.faults)
        for _ in range(self.random.randint(*CHAIN[ROLL_BACK])):
            # it is over in an instant: one in a few tries meets it at work
            while not self._one(ROLL_BACK):
                pass
        # what is rolled back stays held back: something new must come for the next release
        self._give(f"{102 + self.n_chains / 100:.2f}")
        for what in (*TASKS[:2], WHOLE, *TASKS[2:]):
            for _ in range(self.random.randint(*CHAIN[what])):
                self._one(what)
            if what in ("harvest", "assemble", "audit"):
                self._get_through(what)
        problem = self._settle()
        self.faults[begun:] = [
            replace(fault, recovered=not problem, problem=fault.problem or problem)
            for fault in self.faults[begun:]
        ]

    def _settle(self) -> str:
        """Run a plain refresh to its end; return what wants a human, if anything."""
        objects, rows = self.world.landed(), ledger_rows(self.world.home)
        code, said = self.world.run("lumbung", "refresh")
        self._note_releases()
        self.lost += self.world.lost(objects, rows)
        if code:
            return said[-600:]
        answer = read_once(self.world.home / "releases", self.world.key)
        if plain(answer.get("value", "nan").partition("|")[0]) != plain(self.value):
            return f"a refresh that ended well left {answer}, not {self.value}"
        return ""

    def _one(self, what: str) -> bool:
        """Kill one run at a random moment, and read again all that there was before.

        Return False where the run had ended well before the kill: that is no fault.
        """
        objects, rows = self.world.landed(), ledger_rows(self.world.home)
        if what == WHOLE:
            run = Running(self.world.start("lumbung", "refresh"))
            run.wait_for(None, self.random.uniform(0.2, self.seconds[WHOLE]))
        else:
            run = self._start(what)
            if run.wait_for(what, PATIENCE):
                run.wait_for("done", self.random.uniform(0, self.seconds[what]))
        was_killed = run.kill() and "done" not in run.lines
        after = time.monotonic() - run.started
        self._note_releases()
        self.lost += self.world.lost(objects, rows)
        if was_killed or run.process.returncode not in (0, -signal.SIGKILL):
            problem = "" if was_killed else "it failed by itself: " + "\n".join(run.lines[-12:])
            self.faults.append(
                Fault(
                    len(self.faults) + 1, self.n_chains, what, _step(what, run.lines),
                    round(after, 2), self.world.current, problem=problem,
                )
            )  # fmt: skip
            print(json.dumps(asdict(self.faults[-1])), flush=True)
            return True
        return False


def _step(what: str, lines: list[str]) -> str:
    """Return the step that a run was killed in, by what it had announced."""
    if what == WHOLE:
        done = [line for line in lines if line.startswith(("✓", "–")) and "Not conf" not in line]
        return ANNOUNCED[min(len(done), len(ANNOUNCED) - 1)]
    return what if what in lines else "start"


# -- what is killed, in a process of its own ---------------------------------------------------


def work(task: str) -> None:
    """Do what one of Airflow's tasks does, as its scheduler does: in a process of its own."""
    from ingest.harvest import harvest
    from lumbung import settings
    from release import build
    from release.store import Store

    loaded = settings.load()
    if task == ROLL_BACK:
        store = Store(loaded)
        *_, older, newest = store.ids()
        target = older if store.current() == newest else newest
        print(task, flush=True)
        store.roll_back(target)
    elif task in TASKS[:2]:
        print(task, flush=True)
        for source in ("bps", "cited_figures") if task == "harvest" else ():
            if broken := [one for one in harvest(source, loaded) if one.outcome == "broken"]:
                raise SystemExit(f"{broken[0].dataset_id}: {broken[0].message}")
        if task == "plan":
            build.plan(loaded)
    else:
        from release import audit, candidate, publish  # noqa: F401 - before the clock starts

        planned = build.plan(loaded)
        steps = {"assemble": build.assemble, "audit": build.audit, "publish": build.publish}
        print(task, flush=True)
        if not planned.unchanged:
            steps[task](loaded, planned.release_id)
    print("done", flush=True)


# -- the campaign ------------------------------------------------------------------------------


def main() -> None:
    """Try the faults and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop early after so long")
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--read", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--work", choices=(*TASKS, ROLL_BACK), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work)
        return
    if asked.read:
        read_forever(Path(asked.read[0]), json.loads(asked.read[1]), Path(asked.read[2]))
    with tempfile.TemporaryDirectory(prefix="lumbung-faults-") as scratch:
        result = attempt(Path(scratch), asked)
    counts = {k: v for k, v in result.items() if k not in ("faults", "machine")}
    print(json.dumps(counts, indent=1))
    if result["wrong_figures_served"] or result["figures_lost"] or result["runs_needing_a_human"]:
        raise SystemExit(1)


def attempt(scratch: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Try chains of faults below a reader, and sum up after each."""
    commit = _commit()
    earlier = json.loads(asked.out.read_text(encoding="utf-8")) if _is_begun(asked.out) else None
    missing = asked.faults - (earlier["faults_tried"] if earlier else 0)
    if earlier and missing <= 0:
        return dict(earlier)
    sitting = len(sittings(earlier)) if earlier else 0
    campaign = Campaign(World(scratch), asked.seed + sitting)
    campaign.prepare()
    world, seen, started = campaign.world, scratch / "seen.jsonl", time.monotonic()
    reader = subprocess.Popen(
        [
            sys.executable, "-m", "benchmarks.faults", "--read",
            str(world.home / "releases"), json.dumps(world.key), str(seen),
        ],
        cwd=ROOT,
    )  # fmt: skip
    try:
        while len(campaign.faults) < missing:
            campaign.chain()
            time.sleep(1)
            result = _summed_up(campaign, seen, asked, commit)
            result = joined(earlier, result) if earlier else result
            if asked.out:
                asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
            if time.monotonic() - started > asked.minutes * 60:
                break
    finally:
        reader.kill()
        reader.wait()
    return result


def _is_begun(out: Path | None) -> bool:
    return out is not None and out.is_file()


def sittings(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sittings that a result comes from: itself, where it is of one only."""
    alone = {key: result[key] for key in OF_A_SITTING if key in result}
    return list(result.get("sittings") or [alone])


def joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Add a later sitting's faults to those of earlier ones."""
    before, now = sittings(earlier), sittings(later)
    faults = [{"sitting": 1, **fault} for fault in earlier["faults"]]
    for fault in later["faults"]:
        place = {"sitting": len(before) + fault.get("sitting", 1), "number": len(faults) + 1}
        faults.append({**fault, **place})
    return {
        "command": earlier["command"],
        "ended_at": later["ended_at"],
        "faults_asked": later["faults_asked"],
        "faults_tried": len(faults),
        "by_command": dict(Counter(fault["killed"] for fault in faults).most_common()),
        "by_step": dict(Counter(fault["step"] for fault in faults).most_common()),
        **{key: earlier[key] + later[key] for key in SUMS},
        "sittings": [*before, *now],
        "faults": faults,
    }


def _commit() -> str:
    """Return the commit that is tried, where the tree is a checkout."""
    asked = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "unknown: no checkout"


def _summed_up(
    campaign: Campaign, seen: Path, asked: argparse.Namespace, commit: str
) -> dict[str, Any]:
    lines = [json.loads(line) for line in seen.read_text(encoding="utf-8").splitlines()]
    wrong = judge(lines, campaign.expected)
    faults = campaign.faults
    return {
        "command": f"python -m benchmarks.faults --faults {asked.faults} --seed {asked.seed}",
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "commit": commit,
        "faults_asked": asked.faults,
        "faults_tried": len(faults),
        "chains": campaign.n_chains,
        "by_command": dict(Counter(fault.killed for fault in faults).most_common()),
        "by_step": dict(Counter(fault.step for fault in faults).most_common()),
        "seconds_undisturbed": {k: round(v, 1) for k, v in campaign.seconds.items()},
        "reads": int(seen.with_suffix(".count").read_text(encoding="utf-8")),
        "different_answers_seen": len(lines),
        "wrong_figures_served": len(wrong),
        "wrong": wrong[:20],
        "figures_lost": len(campaign.lost),
        "lost": campaign.lost[:20],
        "runs_needing_a_human": sum(bool(f.problem) or not f.recovered for f in faults),
        "faults": [asdict(fault) for fault in faults],
    }


if __name__ == "__main__":
    main()
