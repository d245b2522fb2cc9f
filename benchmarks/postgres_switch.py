"""What eight BI clients notice of twenty publications into PostgreSQL: errors, mixtures, stalls.

``python benchmarks/postgres_switch.py --home HOME`` copies the home's current release under new
ids, each with its own number in three marts, and publishes one after the other while the clients
of ``postgres_reader.py`` ask in a loop; a ninth does as much work without a mart. A stall is what a
client waited longer than that one did at the same time: what the machine is late anyway is not
the publication's. PostgreSQL itself logs every wait for a lock over 150 ms. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from lumbung.settings import Settings
from release.files import sha256, write_json
from release.store import Store
from serving import access, place, publish, server

ROOT = Path(__file__).resolve().parent.parent
READER = ROOT / "benchmarks" / "postgres_reader.py"
STALL_SECONDS = 0.150
#: PostgreSQL's own word on who waited for a lock, and how long.
LOG_WAITS = {"deadlock_timeout": "150ms", "log_lock_waits": "on", "log_line_prefix": "%m [%p] %u "}
NUMBERED = {
    "unemployment": "select * replace ({n}::integer as n_ranked) from read_parquet('{path}')",
    "budget": "select * replace ({n}::bigint as budget_idr) from read_parquet('{path}')",
    "publication": "select * replace ('{release_id}' as release_id) from read_parquet('{path}')",
}


def main() -> int:
    """Measure on copies of a real release; return 1 where something must not have been."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--home", type=Path, required=True, help="a home with a current release")
    asked.add_argument("--publications", type=int, default=20)
    asked.add_argument(
        "--leave-out", nargs="*", default=[], metavar="MART", help="for a busy machine"
    )
    options = asked.parse_args()
    source = (options.home / "releases" / "current").resolve()
    with tempfile.TemporaryDirectory(prefix="lumbung-switch-") as scratch:
        Path(scratch).chmod(0o755)
        settings = Settings(home=Path(scratch) / "home", postgres_port=54397)
        rows = _count(source / "marts" / "budget.parquet")
        with server.running(settings, **LOG_WAITS):
            found = measure(settings, lambda n: clone(settings, source, n, options.leave_out),
                            options.publications, rows)  # fmt: skip
    found = {
        "command": f"python benchmarks/postgres_switch.py --home HOME --publications "
        f"{options.publications}"
        + (f" --leave-out {' '.join(options.leave_out)}" if options.leave_out else ""),
        "commit": subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip(),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(),
                    "load_1_minute": round(os.getloadavg()[0], 1)},
        **found,
    }  # fmt: skip
    print(json.dumps(found, indent=1))
    return 0 if not (found["errors"] or found["wrong"] or found["stalls"]) else 1


def clone(
    settings: Settings, source: Path, number: int, leave_out: Sequence[str] = (),
    numbered: Sequence[str] = tuple(NUMBERED),
) -> None:  # fmt: skip
    """Make a copy of a release current, under its own id and with its number in some marts."""
    release_id = f"20260101T{number:06d}Z-{number:08x}"
    folder = settings.releases / release_id
    shutil.copytree(source / "marts", folder / "marts", copy_function=os.link)
    shutil.copy2(source / "warehouse.duckdb", folder)
    recorded = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    recorded["tables"] = [t for t in recorded["tables"] if t["name"] not in leave_out]
    for name in numbered:
        query, path = NUMBERED[name], folder / "marts" / f"{name}.parquet"
        filled = query.format(n=number, path=source / "marts" / path.name, release_id=release_id)
        path.unlink()
        duckdb.execute(f"copy ({filled}) to '{path}' (format parquet)")
        for table in recorded["tables"]:
            if table["name"] == name:
                table["sha256"] = sha256(path)
    write_json(folder / "manifest.json", {**recorded, "release_id": release_id})
    Store(settings).switch(release_id)


def measure(
    settings: Settings, make: Callable[[int], object], publications: int, rows: int
) -> dict[str, Any]:
    """Publish release after release under readers; return what they met.

    ``make`` writes release number n and makes it current; ``rows`` are the rows of its budget.
    """
    make(1)
    publish.publish(settings)
    seconds = []
    with _readers(settings, rows) as clients:
        time.sleep(2)
        for number in range(2, publications + 2):
            make(number)
            seconds.append(publish.publish(settings).seconds)
            _drop_files(settings)
        time.sleep(2)
    seen = [_ended(client) for client in clients]
    return _judged(settings, seen, seconds)


@contextmanager
def _readers(settings: Settings, rows: int) -> Iterator[list[subprocess.Popen[str]]]:
    from benchmarks.postgres_reader import kinds

    dsn = access.dsn(settings, "reader")
    clients = [
        subprocess.Popen(
            [sys.executable, str(READER), kind, dsn, str(rows)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for kind in (*kinds(), "control")
    ]  # fmt: skip
    try:
        for client in clients:
            assert client.stdout  # noqa: S101 - it is a pipe
            if client.stdout.readline().strip() != "ready":
                raise RuntimeError(f"a reader did not come in: {client.communicate()[1]}")
        yield clients
    finally:
        for client in clients:
            if client.stdin:
                client.stdin.close()
                client.stdin = None


def _ended(client: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = client.communicate(timeout=60)
    if client.returncode:
        raise RuntimeError(f"a reader broke: {err}")
    found: dict[str, Any] = json.loads(out)
    return found


def _judged(
    settings: Settings, seen: Sequence[dict[str, Any]], seconds: list[float]
) -> dict[str, Any]:
    clients = [one for one in seen if one["kind"] != "control"]
    control = [wait for one in seen if one["kind"] == "control" for wait in one["waits"]]
    waits = [wait for one in clients for wait in one["waits"]]
    # Only what took so long by itself can have been a stall.
    slow = [wait for wait in waits if wait[1] > STALL_SECONDS]
    excess = [wait[1] - _late(control, *wait) for wait in slow]
    longest = sorted(wait[1] for wait in waits)
    return {
        "publications": len(seconds),
        "seconds_each": [round(s, 1) for s in seconds],
        "clients": [one["kind"] for one in clients],
        "answers": len(waits),
        "releases_seen": max(len(one["releases"]) for one in clients),
        "errors": [text for one in clients for text in one["errors"]],
        "wrong": [text for one in clients for text in one["wrong"]],
        "stalls": sum(e > STALL_SECONDS for e in excess),
        "answers_over_150_ms": len(slow),
        "longest_beyond_the_machine_ms": round(1000 * max(excess, default=0.0)),
        "lock_waits_over_150_ms": lock_waits(settings),
        "answer_ms": {
            "median": round(1000 * statistics.median(longest)),
            "p95": round(1000 * longest[int(0.95 * len(longest))]),
            "longest": round(1000 * longest[-1]),
        },
        "control_longest_ms": round(1000 * max(wait[1] for wait in control)),
    }


def _late(control: Sequence[Sequence[float]], asked: float, took: float) -> float:
    """Return how long the client without a mart waited at worst at about that time, in seconds."""
    # It waits for no answer longer than a minute, so earlier ones are over by then.
    first = bisect_left(control, asked - 60.5, key=lambda wait: wait[0])
    last = bisect_left(control, asked + took + 0.5, key=lambda wait: wait[0])
    near = (w for at, w in control[first:last] if at + w > asked - 0.5)
    return max(near, default=0.0)


def lock_waits(settings: Settings) -> list[str]:
    """Return what PostgreSQL logged of readers that waited for a lock."""
    here = place.find(settings)
    if here is None or not here.log.exists():
        return []
    lines = here.log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if "lumbung_reader" in line and "waiting for" in line]


def _drop_files(settings: Settings, keep: int = 5) -> None:
    """Keep as many releases as a home does; their numbers stand for time here."""
    store = Store(settings)
    for name in store.ids()[:-keep]:
        store.remove(store.releases / name)


def _count(path: Path) -> int:
    row = duckdb.execute("select count(*) from read_parquet(?)", [str(path)]).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    sys.exit(main())
