"""Gets ready what the hand-written script is given: a server of the bytes, lists, and its SQL."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import dbt_build
from benchmarks.bench import Bench
from benchmarks.measure import Cost, run
from lumbung.settings import ROOT
from release.names import SCRATCH, WAREHOUSE

SCRIPT = ROOT / "benchmarks" / "by_hand.py"
BUNDLED = ROOT / "ingest" / "bundled"


@dataclass
class Script:
    """The script with all that it is given; ``run`` it into a folder."""

    ready: Path
    statements: Path
    reference: Path
    bundled: Path = BUNDLED
    #: Of made data: how many indicators, then the years of programme lines.
    made: tuple[str, ...] = ()
    last: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def run(self, folder: Path) -> Cost:
        """Run it once into a new folder; return what it took."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.last = folder / "warehouse.duckdb"
        with served(self.bundled) as url:
            cost = run([
                sys.executable, SCRIPT, url, self.ready, self.statements, self.last, *self.made,
            ])  # fmt: skip
        with duckdb.connect(str(self.last), read_only=True) as connection:
            rows = connection.execute("select count(*) from marts.observations").fetchone()
        self.facts["figures_by_hand"] = rows[0] if rows else 0
        return cost

    def differing(self) -> list[str]:
        """Return the marts whose rows are not those of the release with the same inputs."""
        return dbt_build.differences(self.reference, self.last) if self.last else []


def prepare(bench: Bench) -> Script:
    """Compile the marts' SQL with dbt, and lay out the lists, once."""
    folder, nodes = dbt_build.prepared(bench)
    return laid_out(folder, nodes, bench.folder("by_hand_inputs"))


def laid_out(folder: Path, nodes: Sequence[dbt_build.Node], ready: Path) -> Script:
    """Lay out what a script is given beside the bytes, from a folder in which dbt built."""
    ready.mkdir(exist_ok=True)
    for file in (folder / "inputs").glob("*.parquet"):
        if file.stem != "observations":
            shutil.copy2(file, ready)
    statements = dbt_build.as_statements(
        [node for node in nodes if node[0] != "test"], folder / SCRATCH
    )
    path = ready / "statements.json"
    path.write_text(json.dumps(statements), encoding="utf-8")
    return Script(ready, path, folder / WAREHOUSE)


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each, over connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; yield the address."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
