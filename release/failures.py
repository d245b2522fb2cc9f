"""Turns a failed dbt run into words: which model or test, which rule, which rows, which log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

SAMPLE_ROWS = 3
FAILED = frozenset({"error", "fail", "runtime error"})
#: Failures told in full; the log has the rest.
TOLD = 5


def describe(folder: Path, log: Path, code: int) -> str:
    """Return what failed in a run of dbt, from its own records, else from the end of its log."""
    results = _read(folder / "dbt" / "run_results.json").get("results", [])
    nodes = _read(folder / "dbt" / "manifest.json").get("nodes", {})
    failed = [result for result in results if result.get("status") in FAILED]
    if not failed:
        lines = [line for line in _tail(log) if line.strip()]
        return f"dbt ended with code {code}; its last words:\n  " + "\n  ".join(lines[-12:])
    told = [_one(folder, result, nodes) for result in failed[:TOLD]]
    more = [f"and {len(failed) - TOLD} more"] if len(failed) > TOLD else []
    return "\n  ".join(
        [f"dbt refused the candidate: {len(failed)} failed", *told, *more, f"log: {log}"]
    )


def _one(folder: Path, result: Mapping[str, Any], nodes: Mapping[str, Any]) -> str:
    unique_id = str(result.get("unique_id", ""))
    message = " ".join(str(result.get("message") or "").split())
    kind, _, name = unique_id.partition(".")
    if kind != "test":
        return f"{kind} {name.rpartition('.')[2]}: {message}"
    node = nodes.get(unique_id, {})
    on = _tested_model(node)
    column = f", column {node['column_name']}" if node.get("column_name") else ""
    rule = (node.get("test_metadata") or {}).get("name") or name.split(".")[1]
    rows = _sample(folder / "built.duckdb", str(result.get("compiled_code") or ""))
    shown = f"; rows: {rows}" if rows else ""
    return f"model {on}{column}, test {rule}: {message}{shown}"


def _tested_model(node: Mapping[str, Any]) -> str:
    attached = node.get("attached_node")
    on = [attached] if attached else node.get("depends_on", {}).get("nodes", [])
    return ", ".join(str(unique_id).rpartition(".")[2] for unique_id in on) or "?"


def _sample(warehouse: Path, query: str) -> str:
    """Run the failed test's own query again for a few of its rows."""
    if not query or not warehouse.exists():
        return ""
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute(f"from ({query}) limit {SAMPLE_ROWS}")
            names = [column[0] for column in found.description]
            rows = found.fetchall()
    except duckdb.Error:
        return ""
    return "; ".join(
        ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True)) for row in rows
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _tail(log: Path) -> list[str]:
    try:
        return log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
