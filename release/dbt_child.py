"""The process that dbt builds in: ``python -m release.dbt_child OPTIONS``.

It imports dbt, then waits for one line on its standard input: the environment that only the
parent knows, as JSON. dbt's own command line would write its whole manifest twice, which takes
longer than any model; this keeps its results, and of the manifest what a failed node needs.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dbt.adapters.duckdb  # noqa: F401 - its import takes a second, better before the word comes
import duckdb  # noqa: F401
from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner

RESULTS = "run_results.json"
FAILED = "failed.json"
#: dbt's own words for a node that did not do what it should.
NOT_WELL = frozenset({"error", "fail", "runtime error", "partial success"})


def main(target: Path, options: list[str]) -> int:
    """Build as told; keep the results in ``target``. Return dbt's exit code, 2 where it broke."""
    told = sys.stdin.readline()
    if not told:  # the parent changed its mind, or died
        print("never told what to build")  # noqa: T201 - the parent keeps what is said here
        return 2
    os.environ.update(json.loads(told))
    outcome = dbtRunner().invoke(
        ["--no-write-json", *options, "--target-path", str(target), "--log-path", str(target)]
    )
    if isinstance(outcome.result, RunExecutionResult):
        outcome.result.write(str(target / RESULTS))
        failed = list(_failed(outcome.result.results))
        (target / FAILED).write_text(json.dumps(failed), encoding="utf-8")
    if outcome.exception is not None:
        return 2
    return 0 if outcome.success else 1


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
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
