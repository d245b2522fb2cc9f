"""How long many tables take: against a replica on loopback, beside what the rate limit allows.

    python benchmarks/harvest.py --tables 1000 --rate 20 --latency 0.2

Every table costs two questions, one for its periods and one for its figures. The first second's
worth of questions may go at once; after that the rate limit alone sets the pace. The aim is at
most 1.3 times that. The replica runs in the same process. CPU seconds and the load of the
machine stand beside the result: a processor shared with others shows there. `--json` prints the
measurement for a machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from ingest.harvest import harvest  # noqa: E402 - the tree comes first on the path
from tests.ingest.world import KEY, World  # noqa: E402
from tests.replicas.bps import Replica, Variable  # noqa: E402

AIM = 1.3
REGIONS = {3600: "BANTEN", 3601: "Pandeglang", 3602: "Lebak", 3604: "Serang"}


def main() -> None:
    """Measure one harvest of many tables and print it; exit 1 where it misses the aim."""
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as scratch:
        world = World(Path(scratch), rate_per_host=given.rate, timeout_seconds=30,
                      max_in_flight=given.in_flight)  # fmt: skip
        variables = [table(world, number) for number in range(1, given.tables + 1)]
        with Replica(variables, keys=[KEY], latency=given.latency) as replica:
            os.environ |= {"LUMBUNG_BPS_URL": replica.url, "LUMBUNG_BPS_KEY": KEY}
            started, used = time.monotonic(), time.process_time()
            reports = harvest("bps", world.settings)
            seconds, cpu_seconds = time.monotonic() - started, time.process_time() - used
            questions, in_flight = len(replica.requests), replica.most_in_flight
    failed = [report for report in reports if report.outcome != "ok"]
    if failed:
        raise SystemExit(f"{len(failed)} tables failed, the first: {failed[0]}")
    allowed = (questions - given.rate) / given.rate
    found = {
        "command": f"python benchmarks/harvest.py {' '.join(sys.argv[1:])}",
        "tables": given.tables,
        "figures": sum(report.n_observations for report in reports),
        "questions": questions,
        "rate_per_second": given.rate,
        "latency_seconds": given.latency,
        "seconds": round(seconds, 1),
        "rate_limit_alone_seconds": round(allowed, 1),
        "ratio": round(seconds / allowed, 3),
        "aim": AIM,
        "most_in_flight": in_flight,
        "cpu_seconds": round(cpu_seconds, 1),
        "cpu_milliseconds_per_table": round(1000 * cpu_seconds / given.tables, 1),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }
    if given.json:
        print(json.dumps(found, indent=1))
    else:
        print("\n".join(f"{name:<26}{value}" for name, value in found.items()))
    sys.exit(found["ratio"] > AIM)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=20.0, help="questions a second")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds before each answer")
    parser.add_argument("--in-flight", type=int, default=8, help="LUMBUNG_MAX_IN_FLIGHT")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def table(world: World, number: int) -> Variable:
    """Add a table to the world's catalogue and return it for the replica."""
    world.add_rate(f"table_{number:04}", variable=number)
    cells = {
        (region, "0", year, 190): round((region + year + number) % 100 / 7, 2)
        for region in REGIONS
        for year in (2023, 2024)
    }
    return Variable("3600", number, f"Tabel {number}", "Persen", REGIONS, cells,
                    turths={190: "Agustus"})  # fmt: skip


if __name__ == "__main__":
    main()
