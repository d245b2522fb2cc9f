"""Suite files are read strictly; one that breaks the law of single rows is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from expectations import suites

GOOD = """
suite: one
table: t
description: {id: Contoh, en: Example}
columns: [a]
checks:
  - rule: a_present
    expectation: expect_column_values_to_not_be_null
    kwargs: {column: a}
    severity: fail
    description: {id: Ada, en: There}
"""


def read(folder: Path, text: str) -> list[suites.Suite]:
    (folder / "candidate").mkdir()
    (folder / "candidate" / "one.yml").write_text(text, encoding="utf-8")
    return suites.load("candidate", folder)


def test_every_suite_of_the_project_is_well_formed() -> None:
    observations, candidate = suites.load("observations"), suites.load("candidate")
    assert {s.suite for s in observations} >= {"rows", "values", "datasets", "withdrawn", "grain"}
    assert {s.table for s in candidate} >= {
        "marts.observations", "marts.unemployment", "marts.transfer_cuts", "marts.program_spend",
        "marts.publication", "marts.dim_region", "marts.mart_lineage",
    }  # fmt: skip
    approvable = [c.rule for s in observations + candidate for c in s.checks if c.approvable]
    assert approvable == ["withdrawals_declared"]


def test_a_suite_without_a_frame_reads_its_columns() -> None:
    (found,) = [s for s in suites.load("candidate") if s.suite == "unemployment_breakdown_rows"]
    assert found.sql.startswith("select region_code, survey_year")
    assert found.sql.endswith("from marts.unemployment_breakdown")


def test_a_good_suite_is_read(tmp_path: Path) -> None:
    (suite,) = read(tmp_path, GOOD)
    assert suite.checks[0].rule == "a_present"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("values_to_not_be_null", "values_to_be_unique", "does not judge one row at a time"),
        ("column: a", "column: b", "reads 'b', not a frame column"),
        ("severity: fail", "severity: maybe", "severity"),
        ("suite: one", "suite: two", "the file is not"),
        ("suite: one", "suite: [", "can't be read as YAML"),
        ("table: t", "table: t\ncolour: red", "colour"),
    ],
)
def test_a_bad_suite_names_the_file_and_the_reason(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(suites.SuiteError, match=message) as caught:
        read(tmp_path, GOOD.replace(old, new))
    assert "one.yml" in str(caught.value)


def test_a_gate_without_suites_is_refused(tmp_path: Path) -> None:
    with pytest.raises(suites.SuiteError, match="holds no suites"):
        suites.load("candidate", tmp_path)
