"""What a piece of work costs: wall seconds, CPU seconds and peak memory, children included.

:func:`run` measures a process and all it starts, :func:`here` a function of this process. Peak
memory is taken from high-water marks, looked up twice a second: looking ten times a second made a
refresh two seconds slower. :func:`interleaved` lets contestants take turns, so that a machine that
slows down in the middle slows all of them.
"""

from __future__ import annotations

import gc
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

LOOK_EVERY_SECONDS = 0.5
#: Of what a failed command said, so many characters are shown.
SHOWN = 4_000


@dataclass(frozen=True)
class Cost:
    """What one run took: wall seconds, CPU seconds with children, the most MiB held at a time."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Spread:
    """The middle, the least and the most of several runs."""

    median: float
    low: float
    high: float


class FailedError(Exception):
    """A measured command failed: its cost says nothing."""


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Cost:
    """Measure a command from start to end, everything it starts included.

    Raises FailedError, with the end of what it said, where it does not end well.
    """
    with subprocess.Popen(
        [str(part) for part in command], cwd=cwd, env=None if env is None else dict(env),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process, _watched(process.pid) as marks:  # fmt: skip
        started = time.monotonic()
        said = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        words = f"ended with {process.returncode}:\n{said.decode(errors='replace')[-SHOWN:]}"
        raise FailedError(f"{' '.join(map(str, command))} {words}")
    # What came after the last look; but up to our own mark it may be memory that it had borrowed.
    own = usage.ru_maxrss * 1024
    if not marks or own > _high_water_mark(os.getpid()):
        marks.append(own)
    return Cost(seconds, usage.ru_utime + usage.ru_stime, max(marks) / 2**20)


def here(
    work: Callable[[], object], *, server_pid: int | None = None, by_children: bool = False
) -> Cost:
    """Measure a function of this process; a server's CPU seconds are counted in where one is named.

    Memory is this process's own peak during the work, with what it held before; ``by_children``:
    that of the processes it starts, without this one.
    """
    gc.collect()
    with suppress(OSError):  # not all kernels let the mark be set back
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    with _watched(os.getpid()) as marks:
        seconds, cpu = _timed(work, server_pid)
    own = _high_water_mark(os.getpid())
    peak = max((mark - own for mark in marks), default=0) if by_children else own
    return Cost(seconds, cpu, peak / 2**20)


def _timed(work: Callable[[], object], server_pid: int | None) -> tuple[float, float]:
    served = cpu_seconds_of(server_pid) if server_pid else 0.0
    cpu, started = _own_cpu_seconds(), time.monotonic()
    work()
    seconds, cpu = time.monotonic() - started, _own_cpu_seconds() - cpu
    if server_pid:
        cpu += cpu_seconds_of(server_pid) - served
    return seconds, cpu


def interleaved(
    contestants: Mapping[str, Callable[[], Cost]], repetitions: int
) -> dict[str, list[Cost]]:
    """Measure the contestants in turns, every second round in reverse; return the costs of each."""
    found: dict[str, list[Cost]] = {name: [] for name in contestants}
    for number in range(repetitions):
        names = list(contestants) if number % 2 == 0 else list(contestants)[::-1]
        for name in names:
            found[name].append(contestants[name]())
    return found


def spread(values: Sequence[float]) -> Spread:
    """Return the median, the least and the most of some values, to four places."""
    return Spread(*(round(x, 4) for x in (statistics.median(values), min(values), max(values))))


def less(cost: Cost, other: Cost) -> Cost:
    """Return a cost without the time of another that it contains; memory stays."""
    seconds, cpu = cost.seconds - other.seconds, cost.cpu_seconds - other.cpu_seconds
    return replace(cost, seconds=seconds, cpu_seconds=cpu)


def cpu_seconds_of(pid: int) -> float:
    """Return the CPU seconds that a process and its children, living and ended, have used."""
    total = 0.0
    for member in _family(pid):
        with suppress(psutil.Error):
            total += sum(member.cpu_times()[:2])
    with suppress(psutil.Error):
        total += sum(psutil.Process(pid).cpu_times()[2:4])
    return total


def resident(pid: int) -> int:
    """Return the most that a process and its living children ever held, each by itself, in bytes.

    More than they held at one moment: no short peak is missed.
    """
    return sum(_high_water_mark(member.pid) for member in _family(pid))


def _own_cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _family(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _high_water_mark(pid: int) -> int:
    """Return the most that a process ever held, in bytes; 0 where it ended.

    A process that was just forked and is about to run another program borrows its parent's memory
    for a moment: that is counted once, with the parent.
    """
    status = _status(pid)
    if not status or _memory(status) == _memory(_status(int(status["PPid"]))):
        return 0
    return int(status.get("VmHWM", "0 kB").split()[0]) * 1024


def _memory(status: Mapping[str, str]) -> list[str]:
    return [status.get(name, "") for name in ("VmPeak", "VmHWM", "VmData")]


def _status(pid: int) -> dict[str, str]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:  # it just ended
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@contextmanager
def _watched(pid: int) -> Iterator[list[int]]:
    """Note twice a second what a process and its children hold, in bytes."""
    marks: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_EVERY_SECONDS):
            marks.append(resident(pid))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield marks
    finally:
        ended.set()
        watcher.join()
