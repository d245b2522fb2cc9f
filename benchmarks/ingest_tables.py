"""Many tables from the BPS replica: our harvest, the public client `stadata`, a plain loop.

All three ask the same server on loopback under the same limit of requests a second. Ours asks for
the periods of each table, then for its figures, lands every byte, checks and explains; the loop
asks the same questions and keeps the figures; `stadata` 1.0.0 asks for the figures alone, of a
period it is told, into pandas. It runs in a venv of its own, filled from the package index by a
lock with hashes.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.ingest_contestants import Asked
from benchmarks.measure import Cost, FailedError, interleaved, run
from benchmarks.result import Measured, Versus
from lumbung.settings import ROOT
from tests.ingest.world import KEY, World
from tests.replicas.bps import Replica, Variable
from tests.replicas.stadata_client import install

TITLE = "Ingest of many tables"
CONTESTANTS = {
    "harvest": "`ingest.harvest`: landed, checked, as observations on disk",
    "plain loop": "`requests.get` one after the other, at the same limit; figures in a list",
    "stadata": "the public client, at the same limit; a pandas frame a table, of one period",
}
AIM = 1.3
SCRIPT = ROOT / "benchmarks" / "ingest_contestants.py"
RATE = 60.0
LATENCY_SECONDS = 0.01
REGIONS = {3600: "BANTEN", 3601: "Pandeglang", 3602: "Lebak", 3604: "Serang"}
YEARS = (2023, 2024)
#: It has no wheels for later Pythons.
STADATA_UP_TO = (3, 12)


def measure(bench: Bench) -> Measured:
    """Ask for all tables with each, in turns."""
    n_tables = bench.n(1000, 100)
    world = World(bench.folder("ingest"), rate_per_host=RATE, timeout_seconds=30)
    variables = [table(world, number) for number in range(1, n_tables + 1)]
    pythons = {"harvest": Path(sys.executable), "plain loop": Path(sys.executable)}
    if sys.version_info[:2] <= STADATA_UP_TO:
        pythons["stadata"] = install(bench.folder("stadata"))
    figures: dict[str, int] = {}
    questions: dict[str, int] = {}
    with Replica(variables, keys=[KEY], latency=LATENCY_SECONDS) as replica:

        def one(name: str) -> Cost:
            out = bench.folder("ingest_out")
            asked = Asked(name, replica.url, KEY, n_tables, RATE, str(world.folder), str(out))
            before = len(replica.requests)
            cost = run([pythons[name], SCRIPT, json.dumps(asked.__dict__)], cwd=ROOT)
            questions[name] = len(replica.requests) - before
            figures[name] = int((out / "figures").read_text(encoding="ascii"))
            return cost

        costs = interleaved({name: partial(one, name) for name in pythons}, 1)
    if figures["harvest"] != figures["plain loop"]:
        raise FailedError(f"they did not read the same figures: {figures}")
    ratios = [Versus("harvest", "plain loop", aim=AIM)]
    if "stadata" in costs:
        ratios += [Versus("harvest", "stadata"), Versus("harvest", "stadata", "peak_mib")]
    return Measured(
        costs, ratios,
        facts={"n_tables": n_tables, "requests_a_second": RATE,
               "latency_seconds": LATENCY_SECONDS, "figures": figures, "questions": questions},
    )  # fmt: skip


def table(world: World, number: int) -> Variable:
    """Add a table to the world's catalogue and return it for the replica."""
    world.add_rate(f"table_{number:04}", variable=number)
    cells = {
        (region, "0", year, 190): round((region + year + number) % 100 / 7, 2)
        for region in REGIONS
        for year in YEARS
    }
    return Variable("3600", number, f"Tabel {number}", "Persen", REGIONS, cells,
                    turths={190: "Agustus"})  # fmt: skip
