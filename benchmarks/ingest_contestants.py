"""One contestant of `ingest_tables.py`, in a process of its own: asks, and counts its figures.

``python ingest_contestants.py JSON``, the JSON being :class:`Asked`. Runs in the venv of `stadata`
too, so it imports nothing of the house before it is known who is asked for.
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "3600"


@dataclass(frozen=True)
class Asked:
    """Who asks which server for how many tables, how fast, and where it may write."""

    name: str
    url: str
    key: str
    n_tables: int
    rate: float
    world: str
    out: str


class Pace:
    """Lets so many requests a second through, the first second's worth at once."""

    def __init__(self, rate: float) -> None:
        self._rate, self._began, self._n = rate, time.monotonic(), 0

    def wait(self) -> None:
        """Return when the next request may go."""
        self._n += 1
        due = self._began + (self._n - self._rate) / self._rate
        time.sleep(max(0.0, due - time.monotonic()))


def main() -> None:
    """Ask, and write how many figures were read."""
    asked = Asked(**json.loads(sys.argv[1]))
    contestants = {"harvest": harvest, "plain loop": plain_loop, "stadata": stadata}
    n_figures = contestants[asked.name](asked)
    (Path(asked.out) / "figures").write_text(str(n_figures), encoding="ascii")


def harvest(asked: Asked) -> int:
    """Harvest a catalogue of so many tables."""
    sys.path.insert(0, str(ROOT))
    from ingest.harvest import harvest as harvests
    from tests.ingest.world import WorldSettings

    os.environ |= {"LUMBUNG_BPS_URL": asked.url, "LUMBUNG_BPS_KEY": asked.key}
    settings = WorldSettings(
        world=Path(asked.world), home=Path(asked.out), rate_per_host=asked.rate, timeout_seconds=30
    )
    reports = harvests("bps", settings)
    failed = [report for report in reports if report.outcome != "ok"]
    if failed or len(reports) != asked.n_tables:
        raise SystemExit(f"{len(failed)} of {len(reports)} tables failed: {failed[:1]}")
    return sum(report.n_observations for report in reports)


def plain_loop(asked: Asked) -> int:
    """Ask for each table's periods, then for its figures, one request after the other."""
    import requests

    session, pace, rows = requests.Session(), Pace(asked.rate), []
    session.headers["User-Agent"] = "Mozilla/5.0 (a plain loop)"

    def get(**words: Any) -> Any:
        pace.wait()
        params = {"key": asked.key, "domain": DOMAIN, "lang": "ind", **words}
        reply = session.get(f"{asked.url}/list", params=params, timeout=30)
        reply.raise_for_status()
        return reply.json()

    for var in range(1, asked.n_tables + 1):
        periods = ";".join(str(th["th_id"]) for th in get(model="th", var=var)["data"][1])
        reply = get(model="data", var=var, th=periods)
        for vervar in reply["vervar"]:
            for tahun in reply["tahun"]:
                for turth in reply["turtahun"]:
                    key = f"{vervar['val']}{var}0{tahun['val']}{turth['val']}"
                    if key in reply["datacontent"]:
                        value = reply["datacontent"][key]
                        rows.append((var, vervar["val"], tahun["label"], turth["label"], value))
    return len(rows)


def stadata(asked: Asked) -> int:
    """Ask the public client for the newest period of each table."""
    import requests
    import stadata as client  # type: ignore[import-not-found]
    import stadata.main as main_module  # type: ignore[import-not-found]

    pace, send = Pace(asked.rate), requests.Session.send

    def paced(self: Any, *args: Any, **words: Any) -> Any:
        pace.wait()
        return send(self, *args, **words)

    requests.Session.send = paced  # type: ignore[method-assign]
    main_module.BASE_URL = asked.url.removesuffix("api")
    asking = client.Client(asked.key)
    tables = [
        asking.view_dynamictable(domain=DOMAIN, var=str(var), th="124")
        for var in range(1, asked.n_tables + 1)
    ]
    return sum(len(table) for table in tables)


if __name__ == "__main__":
    main()
