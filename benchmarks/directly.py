"""A refresh without Airflow: the same steps, called one after the other in one process.

``python -m benchmarks.directly`` works on LUMBUNG_HOME. It is what Airflow's share of a refresh is
measured against; nothing else should run it: nobody is told of a failure but its caller.
"""

from __future__ import annotations

import sys

from ingest.harvest import harvest
from lumbung import settings
from release import build

SOURCES = ("bps", "cited_figures")
FINE = frozenset({"ok", "unchanged", "empty", "not_configured"})


def main() -> int:
    """Harvest the sources of the bundled figures and build what is new."""
    loaded = settings.load()
    for source in SOURCES:
        broken = [report for report in harvest(source, loaded) if report.outcome not in FINE]
        if broken:
            print(f"{source}: {broken[0]}", file=sys.stderr)
            return 1
    planned, _made = build.run(loaded)
    print(planned.release_id)
    return 0


if __name__ == "__main__":
    sys.exit(main())
