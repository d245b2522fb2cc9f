"""The process that dbt builds in: ``python -m release.dbt_child MEMORY PROJECT_OPTIONS``.

It imports dbt and reads the project, as far as that changed since the last time, which MEMORY
keeps. Then it waits for one line on its standard input with what only the parent knows, as JSON:
the candidate's folder, the environment, and how many models may be at work at a time. dbt's own
command line would write its whole manifest twice, which takes longer than any model; this keeps
its results, and of the manifest what a failed node needs.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lumbung.leave import leave
from release.names import LOG

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

RESULTS = "run_results.json"
FAILED = "failed.json"
#: dbt's own words for a node that did not do what it should.
NOT_WELL = frozenset({"error", "fail", "runtime error", "partial success"})
QUIETLY = (
    "--no-write-json", "--no-use-colors",
    # Its own logs put every statement into words, for nobody: `say` keeps what a person reads.
    "--log-level", "none", "--log-level-file", "none",
)  # fmt: skip
#: What is put into words only where somebody looks for a mistake in dbt itself.
UNSAID = frozenset({"debug", "test"})
#: Unit tests and those of seeds judge the code, not the figures: `make test` runs them.
BUILD = (
    "build",
    "--exclude-resource-type", "unit_test",
    "--indirect-selection", "cautious",
    "--exclude", "resource_type:seed,resource_type:test",
)  # fmt: skip

#: New objects after which Python looks for garbage; by itself it does after 700.
RARELY = 20_000


def main(memory: Path, project: list[str]) -> int:
    """Read the project, then build as told. Return dbt's exit code, 2 where it broke.

    What dbt makes as it is imported and reads stays to the end. To look through it for garbage
    again and again would take a tenth of the reading, and a fifth of the build.
    """
    gc.set_threshold(RARELY)
    manifest = read(memory, project)
    gc.collect()
    gc.freeze()
    line = sys.stdin.readline()
    if not line:  # the parent changed its mind, or died
        print("never told what to build")  # noqa: T201 - the parent keeps what is said here
        return 2
    told = json.loads(line)
    os.chdir(told["folder"])
    speak_into(Path(LOG))
    os.environ.update(told["environment"])
    options = [*project, "--threads", str(told["threads"])]
    return build(Path(told["folder"]) / "dbt", manifest, options)


def read(memory: Path, project: list[str]) -> Manifest | None:
    """Read the project; None where that fails, which the build will say in its own log.

    dbt checks what it kept in ``memory`` against its own version, the settings and every file, and
    reads again what changed; what it cannot use it leaves alone.
    """
    import dbt.adapters.duckdb  # noqa: F401 - takes a second, better before the word comes
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    outcome = dbtRunner(callbacks=[say]).invoke([*QUIETLY, "parse", *project, *_into(memory)])
    return outcome.result if isinstance(outcome.result, Manifest) else None


def speak_into(log: Path) -> None:
    """Turn what this process says from now on into a file, also what libraries say."""
    sys.stdout.flush()
    sys.stderr.flush()
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)


def say(event: Any) -> None:
    """Write what dbt would write on a terminal."""
    if event.info.level not in UNSAID:
        print(f"{datetime.now(UTC):%H:%M:%S}  {event.info.msg}", flush=True)  # noqa: T201


def build(target: Path, manifest: Manifest | None, options: list[str]) -> int:
    """Build all that was read; keep the results in ``target``."""
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest, [say]).invoke([*QUIETLY, *BUILD, *options, *_into(target)])
    if isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(target / RESULTS))
        failed = list(_failed(outcome.result.results))
        (target / FAILED).write_text(json.dumps(failed), encoding="utf-8")
    if outcome.exception is not None:
        return 2
    return 0 if outcome.success else 1


def _into(folder: Path) -> tuple[str, ...]:
    return ("--target-path", str(folder), "--log-path", str(folder))


def _failed(results: Iterable[Any]) -> Iterable[dict[str, Any]]:
    """Say of each node that failed what it is about; ``query`` finds a test's offending rows."""
    for result in results:
        if str(result.status) not in NOT_WELL:
            continue
        node = result.node
        metadata = getattr(node, "test_metadata", None)
        attached = getattr(node, "attached_node", None)
        yield {
            "kind": str(node.resource_type),
            "name": node.name,
            "message": result.message,
            "on": [attached] if attached else getattr(node, "depends_on_nodes", []),
            "column": getattr(node, "column_name", None),
            "rule": metadata.name if metadata else None,
            "query": getattr(node, "compiled_code", None),
        }


if __name__ == "__main__":
    leave(main(Path(sys.argv[1]), sys.argv[2:]))
