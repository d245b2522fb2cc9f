"""Turns a failed dbt run into words: which model or test, which rule, which rows, which log."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from release.names import SCRATCH, WAREHOUSE

SAMPLE_ROWS = 3
#: Failures told in full; the log has the rest.
TOLD = 5
#: What the system and the libraries say of a disk that is full.
FULL = ("No space left", "File too large", "disk is full")
LITTLE_BYTES = 1 << 20
#: What DuckDB says where its own share is used up, and not the machine's memory.
SHARE_USED_UP = re.compile(r"Out of Memory Error: .*\([^()]+/[^()]+ used\)")


def describe(folder: Path, log: Path, code: int) -> str:
    """Return what failed in a run of dbt, and what to do where disk or memory was too small."""
    said = _failures(folder, log, code)
    # a log that could not be written to its end does not say so
    if any(words in said for words in FULL) or shutil.disk_usage(folder).free < LITTLE_BYTES:
        home = folder.parent.parent
        said += f"\n  The disk is full. Make room below {home}, then run the refresh again."
    return said + advice_on_memory(said)


def advice_on_memory(said: str) -> str:
    """Return a line to add where DuckDB says that its share is used up, an empty text elsewhere."""
    if not SHARE_USED_UP.search(said):
        return ""
    return (
        "\n  DuckDB's share of memory is too small for so many figures. Raise it, then run the "
        "refresh again: LUMBUNG_BUILD_MEMORY=1GB make refresh"
    )


def _failures(folder: Path, log: Path, code: int) -> str:
    """Say what failed by dbt's own records, else by the end of its log."""
    failed = _read(folder / "dbt" / "failed.json")
    if not failed:
        lines = [line for line in _tail(log) if line.strip()]
        return f"dbt ended with code {code}; its last words:\n  " + "\n  ".join(lines[-12:])
    told = [_one(folder, node) for node in failed[:TOLD]]
    more = [f"and {len(failed) - TOLD} more"] if len(failed) > TOLD else []
    return "\n  ".join(
        [f"dbt refused the candidate: {len(failed)} failed", *told, *more, f"log: {log}"]
    )


def _one(folder: Path, node: Mapping[str, Any]) -> str:
    message = " ".join(str(node["message"] or "").split())
    if node["kind"] != "test":
        return f"{node['kind']} {node['name']}: {message}"
    on = ", ".join(str(unique_id).rpartition(".")[2] for unique_id in node["on"]) or "?"
    column = f", column {node['column']}" if node["column"] else ""
    rows = _sample(folder, node["query"] or "")
    shown = f"; rows: {rows}" if rows else ""
    return f"model {on}{column}, test {node['rule'] or node['name']}: {message}{shown}"


def _sample(folder: Path, query: str) -> str:
    """Run the failed test's own query again for a few of its rows."""
    warehouse, scratch = folder / WAREHOUSE, folder / SCRATCH
    if not query or not warehouse.exists():
        return ""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            if scratch.exists():
                path = str(scratch).replace("'", "''")
                connection.execute(f"attach '{path}' as scratch (read_only)")
            found = connection.execute(f"from ({query}) limit {SAMPLE_ROWS}")
            names = [column[0] for column in found.description]
            rows = found.fetchall()
    except duckdb.Error:
        return ""
    return "; ".join(
        ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in rows
    )


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return content if isinstance(content, list) else []


def _tail(log: Path) -> list[str]:
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
