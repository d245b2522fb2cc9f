"""Inputs with one thing wrong are caught: by an answer checked by hand, or by a test of dbt.

The builds hold no more models than the checks need.
"""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.errors import RegionError
from ingest.regions import RegionRegister
from lumbung.settings import ROOT
from tests.dbt.bundled import home, warehouse
from tests.dbt.conftest import run_dbt
from tests.test_golden import ANSWERS

pytestmark = pytest.mark.full

#: Each spoils figures of its own, so that one build can carry all of them.
DAMAGES = {
    "region_code": """
        case region_code when '3604' then '3673' when '3673' then '3604' else region_code end
    """,
    "series_version": """
        case when series_version = 'revised_weights' then '' else series_version end
    """,
    "perimeter": """
        case when dataset_id = 'djpk_transfers_2021' then 'own_government' else perimeter end
    """,
}


def spoilt(folder: Path, table: str, damages: dict[str, str]) -> Path:
    """Copy the inputs of the bundled warehouse into ``folder`` with columns of a table changed."""
    warehouse()
    whole, damaged = home().parent / "inputs", folder / "inputs"
    shutil.copytree(whole, damaged)
    changes = ", ".join(f"{change} as {column}" for column, change in damages.items())
    duckdb.sql(
        f"copy (select * replace ({changes}) from '{whole / table}.parquet')"
        f" to '{damaged / table}.parquet' (format parquet)"
    )
    return damaged


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("damaged")
    said = run_dbt(
        folder, spoilt(folder, "observations", DAMAGES), "build",
        "--select", "+unemployment", "+observations",
        "--exclude", "resource_type:test", "resource_type:unit_test",
    )  # fmt: skip
    assert said.returncode == 0, said.stdout[-4000:]
    return duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True)


def told(reader: duckdb.DuckDBPyConnection, region: str, date: str, question: str) -> Any:
    """Return what a reader is told and what the golden answer is."""
    (answer,) = [
        a
        for a in ANSWERS
        if (a["region"], a["date"]) == (region, date) and question in a["question"]
    ]
    reader.execute("use marts")
    ((found,),) = reader.execute(answer["sql"]).fetchall()
    expected = answer["figure"]
    return found, None if expected is None else Decimal(expected)


@pytest.mark.parametrize(
    ("region", "date", "question", "falsely"),
    [
        ("3604", "2022-08", "What was the unemployment rate", "8.17"),
        ("3673", "2022-08", "not the kabupaten", "10.61"),
        ("3604", "2020", "transfers allocated", "885760485302"),
        ("3601", "2020-08", "By how many points", "0.48"),
        ("0000", "2021", "DAU of all governments", None),
    ],
    ids=["swapped", "swapped_city", "swapped_money", "series_mixed", "sums_counted"],
)
def test_an_answer_shows_the_damage(
    damaged: duckdb.DuckDBPyConnection,
    region: str,
    date: str,
    question: str,
    falsely: str | None,
) -> None:
    found, right = told(damaged, region, date, question)
    assert found != right
    if falsely:
        assert found == Decimal(falsely)
    else:  # every province's sum and the nation's came on top of the governments
        assert found > 2 * right
    assert told(warehouse().cursor(), region, date, question) == (right, right)


def test_a_code_that_lost_its_dot_fails_the_form_of_codes(tmp_path: Path) -> None:
    """36.04 without its dot is the BPS code of the same regency: it even looks right."""
    change = {"kemendagri_code": "replace(kemendagri_code, '36.04', '3604')"}
    said = run_dbt(
        tmp_path, spoilt(tmp_path, "regions", change), "build",
        "--select", "+dim_region", "--exclude", "resource_type:unit_test",
    )  # fmt: skip
    assert said.returncode == 1
    assert re.findall(r"FAIL (\d+) (\w+?)_dim_region_(\w+?)__", said.stdout) == [
        ("1", "matches_form", "kemendagri_code")
    ]


@pytest.mark.parametrize(
    ("code", "system", "rule"),
    [("3604", "kemendagri", "unknown_region"), ("28.--", "djpk", "sum_of_governments")],
)
def test_the_register_refuses_the_code(code: str, system: str, rule: str) -> None:
    register = RegionRegister.load(ROOT / "ingest" / "geography")
    with pytest.raises(RegionError) as refused:
        register.resolve_code(code, system)
    assert refused.value.rule == rule
