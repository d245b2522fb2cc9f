"""A mart's key is proven by a test of dbt: the file holds no index that would.

An index takes longer to make than the table it is on, and every copy makes it anew.
"""

from __future__ import annotations

from typing import Any

import yaml

from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse

#: Filled by the audit, after dbt's tests: this one has an index.
FILLED_LATER = "audit_checks"


def models() -> list[dict[str, Any]]:
    files = sorted((ROOT / "dbt" / "models" / "marts").rglob("*.yml"))
    return [
        model
        for path in files
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", [])
    ]


def declared_key(model: dict[str, Any]) -> list[str]:
    declared = model.get("constraints", [])
    return next((c["columns"] for c in declared if c["type"] == "primary_key"), [])


def proven_keys(model: dict[str, Any]) -> list[list[str]]:
    tests = [test for test in model.get("data_tests", []) if isinstance(test, dict)]
    several = [
        test["unique_combination"]["arguments"]["columns"]
        for test in tests
        if "unique_combination" in test
    ]
    alone = [[c["name"]] for c in model["columns"] if "unique" in c.get("data_tests", [])]
    return several + alone


def test_every_declared_key_is_held_by_a_test_and_is_null_nowhere() -> None:
    keys = {model["name"]: (declared_key(model), model) for model in models()}
    wanting = {name for name, (key, model) in keys.items() if key and key not in proven_keys(model)}
    assert wanting == {FILLED_LATER}
    for name, (key, model) in keys.items():
        required = {
            column["name"]
            for column in model["columns"]
            if {"type": "not_null"} in column.get("constraints", [])
        }
        assert set(key) <= required, name


def test_the_file_holds_one_index_and_every_promise_of_no_null() -> None:
    found = warehouse().execute(
        """
        select table_name, constraint_type, count(*) from duckdb_constraints()
        where schema_name = 'marts' group by all
        """
    )
    counted = {(table, kind): count for table, kind, count in found.fetchall()}
    assert [table for table, kind in counted if kind == "PRIMARY KEY"] == [FILLED_LATER]
    promised = {
        model["name"]: sum(
            {"type": "not_null"} in column.get("constraints", []) for column in model["columns"]
        )
        for model in models()
    }
    assert promised["observation_history"] > 40
    kept = {name: counted.get((name, "NOT NULL"), 0) for name in promised}
    assert kept == promised
