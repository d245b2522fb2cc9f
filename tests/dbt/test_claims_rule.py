"""The claims rule, broken in one place at a time: the rule's own unit tests must notice.

The rule is SQL, which no mutation tool at hand changes, so the changes are written down, in
``claims_rule_mutations.yml``. All of them go into one copy of the project, each as a macro file
and a model of its own with the unit tests of the real model: one run of dbt judges them all.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lumbung.settings import ROOT
from tests.dbt.conftest import PUBLICATION, Fixture, claim

pytestmark = pytest.mark.full

RULE, MODEL = "macros/claims.sql", "int_claims__classified"
TESTS = "models/intermediate/_intermediate__unit_tests.yml"

#: By name: what is changed, and into what.
MUTATIONS = {
    one["name"]: (one["change"], one["into"])
    for one in yaml.safe_load(
        Path(__file__).with_name("claims_rule_mutations.yml").read_text(encoding="utf-8")
    )
}


def mutated(text: str, old: str, new: str, number: int) -> str:
    """Change the macros in one place and give every one of them a name of its own."""
    assert text.count(old) == 1, f"{text.count(old)} times in {RULE}: {old!r}"
    changed = text.replace(old, new)
    for name in re.findall(r"{% macro (\w+)", text):
        changed = re.sub(rf"\b{name}\(", f"{name}_{number}(", changed)
    return changed


def project_of_mutants(folder: Path) -> Path:
    """Copy the project with the real rule, and every mutant beside it with the same unit tests."""
    project = folder / "dbt"
    shutil.copytree(ROOT / "dbt", project, ignore=shutil.ignore_patterns("target", "logs"))
    rule = (project / RULE).read_text(encoding="utf-8")
    model = (project / "models/intermediate" / f"{MODEL}.sql").read_text(encoding="utf-8")
    tests: list[dict[str, Any]] = [
        test
        for test in yaml.safe_load((project / TESTS).read_text(encoding="utf-8"))["unit_tests"]
        if test["model"] == MODEL
    ]
    macros = re.findall(r"{% macro (\w+)", rule)
    copied = []
    for number, (old, new) in enumerate(MUTATIONS.values()):
        (project / f"macros/claims_{number}.sql").write_text(mutated(rule, old, new, number))
        changed = model
        for name in macros:
            changed = re.sub(rf"\b{name}\(", f"{name}_{number}(", changed)
        (project / f"models/intermediate/mutant_{number}.sql").write_text(changed)
        copied += [
            {**test, "name": f"mutant_{number}_{at}", "model": f"mutant_{number}"}
            for at, test in enumerate(tests)
        ]
    text = yaml.safe_dump({"version": 2, "unit_tests": copied})
    (project / "models/intermediate/_mutants.yml").write_text(text)
    return project


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Run every unit test of the rule and of its mutants; return the outcome of each by name."""
    folder = tmp_path_factory.mktemp("mutants of the rule")
    said = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "build",
            "--project-dir", str(project_of_mutants(folder)),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
            "--vars", PUBLICATION, "--exclude-resource-type", "test",
            "--select", "+int_claims__known", MODEL,
            *[f"mutant_{number}" for number in range(len(MUTATIONS))],
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **os.environ,
            "LUMBUNG_DUCKDB": str(folder / "warehouse.duckdb"),
            "LUMBUNG_INPUTS": str(
                Fixture([claim("unemployment_rate", "3604", "9.18")]).write(folder / "inputs")
            ),
        },
    )  # fmt: skip
    results = folder / "target" / "run_results.json"
    assert results.is_file(), said.stdout[-3000:]
    return {
        result["unique_id"].rpartition(".")[2]: result["status"]
        for result in json.loads(results.read_text())["results"]
        if result["unique_id"].startswith("unit_test.")
    }


def test_the_rule_as_it_is_passes_its_unit_tests(outcomes: dict[str, str]) -> None:
    real = {name: outcome for name, outcome in outcomes.items() if not name.startswith("mutant_")}
    assert len(real) == 5
    assert set(real.values()) == {"pass"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_change_of_the_rule_is_noticed(name: str, outcomes: dict[str, str]) -> None:
    number = list(MUTATIONS).index(name)
    found = [outcomes[f"mutant_{number}_{at}"] for at in range(5)]
    assert "fail" in found, found
    # dbt leaves out what is left of a model's unit tests once one has failed
    assert set(found) <= {"pass", "fail", "skipped"}, f"it does not even run: {found}"
