"""Every table and column is described in two languages, and typed where readers see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from lumbung.settings import ROOT

DBT = ROOT / "dbt"
MARTS = DBT / "models" / "marts"


def _entries(kind: str, folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted((DBT / folder).rglob("*.yml")):
        for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(kind) or []:
            yield path.relative_to(DBT).as_posix(), entry


def _described(entry: dict[str, Any]) -> bool:
    meta = entry.get("config", {}).get("meta", {})
    return bool(entry.get("description", "").strip() and meta.get("description_id", "").strip())


def _mart_entries() -> dict[str, dict[str, Any]]:
    return {
        entry["name"]: entry
        for path, entry in _entries("models", "models")
        if path.startswith("models/marts/")
    }


def _missing(kind: str, folder: str) -> list[str]:
    lacking = []
    for path, entry in _entries(kind, folder):
        parts = {entry["name"]: entry}
        parts |= {f"{entry['name']}.{c['name']}": c for c in entry.get("columns") or []}
        lacking += [f"{path}: {name}" for name, part in parts.items() if not _described(part)]
    return lacking


def test_every_model_and_column_has_an_indonesian_and_an_english_description() -> None:
    assert _missing("models", "models") == []


def test_every_seed_and_column_has_an_indonesian_and_an_english_description() -> None:
    assert _missing("seeds", "seeds") == []


@pytest.mark.parametrize(("folder", "kind"), [("models", "models"), ("seeds", "seeds")])
def test_no_file_is_left_out_of_the_yaml(folder: str, kind: str) -> None:
    suffix = {"models": "*.sql", "seeds": "*.csv"}[folder]
    files = {path.stem for path in (DBT / folder).rglob(suffix)}
    assert files - {entry["name"] for _, entry in _entries(kind, folder)} == set()


def test_every_column_of_a_mart_is_typed() -> None:
    untyped = [
        f"{name}.{column['name']}"
        for name, mart in _mart_entries().items()
        for column in mart["columns"]
        if not column.get("data_type")
    ]
    assert untyped == []


def test_an_indonesian_description_is_not_the_english_one_again() -> None:
    same = [
        f"{name}.{part['name']}"
        for name, mart in _mart_entries().items()
        for part in [mart, *mart["columns"]]
        if part["description"] == part["config"]["meta"]["description_id"]
    ]
    assert same == []


def test_money_and_rates_are_never_floating_point() -> None:
    floating = [
        f"{name}.{column['name']}"
        for name, mart in _mart_entries().items()
        for column in mart["columns"]
        if column["data_type"].lower() in {"double", "float", "real"}
    ]
    assert floating == []


def test_the_dbt_folder_is_no_python_package() -> None:
    """With an __init__.py it would hide the installed dbt from everything started here."""
    assert not (DBT / "__init__.py").exists()
