"""What a suite file may say: one frame of columns and the checks that each of its rows must pass.

One law keeps memory bounded: every check looks at one row at a time. What concerns several
rows (uniqueness, sums, completeness) is first aggregated by the frame's SQL, in DuckDB.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args

import yaml
from pydantic import Field, ValidationError, model_validator

from ingest import yaml_text
from ingest.schema import Bilingual, Perimeter, Slug, Stage, Strict, Tier

FOLDER = Path(__file__).resolve().parent / "suites"

GateName = Literal["observations", "candidate"]

#: Great Expectations' types that judge one row at a time.
ROW_EXPECTATIONS = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_a_to_be_greater_than_b",
    }
)

#: Words a suite may use instead of a list, so that the schema stays the only place of them.
VOCABULARIES: dict[str, list[str]] = {
    "$stages": list(get_args(Stage)),
    "$perimeters": list(get_args(Perimeter)),
    "$tiers": list(get_args(Tier)),
}


#: No bracket follows, so it is no subquery's; a limit would make it more than an order.
LAST_ORDER = re.compile(r"^order by (?![^()]*\blimit\b)[^()]*\Z", re.MULTILINE)


class SuiteError(Exception):
    """A suite file breaks its schema."""


class Check(Strict):
    """One rule about every row of the frame.

    ``approvable`` marks the few rules that a named person may waive for one candidate, with
    a reason (a source that withdrew a figure). What is simply wrong is never approvable.
    """

    rule: Slug
    expectation: str
    kwargs: dict[str, Any]
    severity: Literal["fail", "warn"]
    approvable: bool = False
    description: Bilingual

    @model_validator(mode="after")
    def _judges_single_rows(self) -> Check:
        if self.expectation not in ROW_EXPECTATIONS:
            raise ValueError(
                f"'{self.expectation}' does not judge one row at a time; aggregate in the "
                f"frame's SQL and use one of: {', '.join(sorted(ROW_EXPECTATIONS))}"
            )
        return self

    @property
    def columns(self) -> list[str]:
        """The columns of the frame that the check reads."""
        names = ("column", "column_A", "column_B")
        return [self.kwargs[name] for name in names if name in self.kwargs]

    def resolved(self) -> dict[str, Any]:
        """Return the kwargs with vocabulary words replaced by their members."""
        return {
            key: VOCABULARIES[value] if isinstance(value, str) and value in VOCABULARIES else value
            for key, value in self.kwargs.items()
        }


class Suite(Strict):
    """A frame of a table and the checks on it. ``columns`` are exactly what the frame holds.

    ``is_kept``: it takes long to compute, so its rows are kept while the suite runs. Others are
    computed again where a check fails.
    """

    suite: Slug
    table: str
    description: Bilingual
    columns: tuple[str, ...] = Field(min_length=1)
    frame: str | None = None
    is_kept: bool = False
    checks: tuple[Check, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _checks_read_frame_columns(self) -> Suite:
        for check in self.checks:
            for column in check.columns:
                if column not in self.columns:
                    raise ValueError(f"rule {check.rule} reads '{column}', not a frame column")
        rules = [check.rule for check in self.checks]
        if len(set(rules)) != len(rules):
            raise ValueError("a rule's name stands twice")
        return self

    @property
    def order(self) -> str:
        """The order that the frame ends with, by its own columns; empty where it names none."""
        found = LAST_ORDER.search(self.sql)
        return re.sub(r"\b\w+\.", "", found[0].strip()) if found else ""

    @property
    def unordered_sql(self) -> str:
        """The query that gives the frame's rows in any order: sorting millions takes long."""
        return LAST_ORDER.sub("", self.sql)

    @property
    def sql(self) -> str:
        """The query that gives the frame."""
        return self.frame or f"select {', '.join(self.columns)} from {self.table}"  # noqa: S608


def load(gate: GateName, folder: Path = FOLDER) -> list[Suite]:
    """Read the suites in the folder of one gate, by file name.

    Raises SuiteError with the file, the key and the reason for the first thing wrong.
    """
    suites = [_read(path) for path in sorted((folder / gate).glob("*.yml"))]
    if not suites:
        raise SuiteError(f"{folder / gate} holds no suites: a gate without checks is no gate")
    return suites


def _read(path: Path) -> Suite:
    try:
        suite = Suite.model_validate(yaml_text.parse(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise SuiteError(f"{path}: can't be read as YAML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "(top)"
        raise SuiteError(f"{path}: {place}: {first['msg']}") from None
    if suite.suite != path.stem:
        raise SuiteError(f"{path}: the suite is called '{suite.suite}', the file is not")
    return suite
