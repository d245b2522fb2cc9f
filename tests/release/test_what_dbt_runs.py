"""A release runs every test that judges figures; the others are `make test`'s."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lumbung.settings import ROOT, Settings
from release.dbt_child import BUILD
from release.dbt_process import DbtProcess, environment


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """Ask dbt which nodes a release's options leave."""
    folder = tmp_path_factory.mktemp("listed")
    settings = Settings(home=folder / "home")
    options = ["ls", *BUILD[1:], *DbtProcess(settings)._project()]
    said = subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet", *options,
            "--target-path", str(folder), "--log-path", str(folder), "--output", "json",
            "--output-keys", "unique_id", "resource_type", "depends_on",
        ],
        cwd=folder, env=environment(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-2000:] + said.stderr[-2000:]
    return [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]


def of_kind(nodes: list[dict[str, object]], kind: str) -> list[dict[str, object]]:
    return [node for node in nodes if node["resource_type"] == kind]


def test_every_model_and_seed_is_built(nodes: list[dict[str, object]]) -> None:
    for kind, folder, ending in (("model", "models", "sql"), ("seed", "seeds", "csv")):
        files = {path.stem for path in Path(ROOT / "dbt" / folder).rglob(f"*.{ending}")}
        assert {str(n["unique_id"]).rpartition(".")[2] for n in of_kind(nodes, kind)} == files


def test_every_test_that_reads_a_model_runs_and_no_other(nodes: list[dict[str, object]]) -> None:
    tests = of_kind(nodes, "test")
    parents = [node["depends_on"]["nodes"] for node in tests]
    assert all(any(name.startswith("model.") for name in names) for names in parents)
    # those that hold a mart against a seed are judging figures
    assert any(any(name.startswith("seed.") for name in names) for names in parents)
    assert len(tests) > 150
    assert not of_kind(nodes, "unit_test")
