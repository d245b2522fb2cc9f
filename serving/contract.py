"""What dbt's model YAML promises of every mart: types, keys, references, words in two languages.

That YAML is the single source of the tables in PostgreSQL. What is not in it is not made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lumbung.settings import Settings
from serving.errors import ServingError

#: dbt's (DuckDB's) names of types and PostgreSQL's.
TYPES = {
    "varchar": "text",
    "integer": "integer",
    "bigint": "bigint",
    "smallint": "smallint",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp without time zone",
    "timestamp with time zone": "timestamp with time zone",
    "double": "double precision",
}
_DECIMAL = re.compile(r"(?:decimal|numeric)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)")


@dataclass(frozen=True)
class Column:
    """One column of a mart. ``type`` is PostgreSQL's own name of it."""

    name: str
    type: str
    is_required: bool = False
    is_reference: bool = False
    comment_id: str = ""
    comment_en: str = ""


@dataclass(frozen=True)
class Table:
    """One mart. ``key`` names the columns that tell its rows apart; it may be empty."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    comment_id: str = ""
    comment_en: str = ""


def read(settings: Settings) -> dict[str, Table]:
    """Read the contract of every mart, by name.

    Raises ServingError naming the file, model and column of what can't be understood.
    """
    found: dict[str, Table] = {}
    for path in sorted((settings.dbt_project / "models" / "marts").rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for model in content.get("models") or ():
            found[model["name"]] = _table(model, path)
    return found


def postgres_type(name: str) -> str | None:
    """Return PostgreSQL's name of one of DuckDB's types, None where it has no counterpart."""
    lowered = name.strip().lower()
    decimal = _DECIMAL.fullmatch(lowered)
    if decimal:
        return f"numeric({decimal[1]},{decimal[2]})"
    return TYPES.get(lowered)


def _table(model: Mapping[str, Any], path: Path) -> Table:
    name = model["name"]
    return Table(
        name,
        tuple(_column(column, name, path) for column in model.get("columns") or ()),
        _key(model),
        _meta(model).get("description_id", ""),
        model.get("description", ""),
    )


def _column(column: Mapping[str, Any], model: str, path: Path) -> Column:
    given = str(column.get("data_type", ""))
    known = postgres_type(given)
    if known is None:
        raise ServingError(
            f"{path.name}: {model}.{column['name']} is of type '{given}', which has no "
            "counterpart in PostgreSQL: add it to serving/contract.py"
        )
    constraints = {item["type"] for item in column.get("constraints") or ()}
    tests = column.get("data_tests") or ()
    return Column(
        column["name"],
        known,
        is_required=bool(constraints & {"not_null", "primary_key"}),
        is_reference=any(isinstance(test, dict) and "relationships" in test for test in tests),
        comment_id=_meta(column).get("description_id", ""),
        comment_en=column.get("description", ""),
    )


def _meta(item: Mapping[str, Any]) -> dict[str, str]:
    return (item.get("config") or {}).get("meta") or {}


def _key(model: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the primary key; where dbt only tests the combination, that."""
    for constraint in model.get("constraints") or ():
        if constraint["type"] == "primary_key":
            return tuple(constraint["columns"])
    for test in model.get("data_tests") or ():
        if isinstance(test, dict) and "unique_combination" in test:
            return tuple(test["unique_combination"]["arguments"]["columns"])
    return ()
