"""Forty answers, checked by hand against their sources, asked of a real build."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import yaml

from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse

ANSWERS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / "tests" / "golden" / "answers.yml").read_text(encoding="utf-8")
)


def test_there_are_forty_and_each_says_how_it_was_checked() -> None:
    assert len(ANSWERS) == 40
    assert all(answer["source"] and answer["checked"] for answer in ANSWERS)
    assert len({answer["sql"] for answer in ANSWERS}) == 40


@pytest.mark.parametrize(
    "answer", ANSWERS, ids=[f"{a['region']} {a['date']} {a['question']}" for a in ANSWERS]
)
def test_the_warehouse_answers_as_the_source_does(answer: dict[str, Any]) -> None:
    reader = warehouse().cursor()
    reader.execute("use marts")
    told = reader.execute(answer["sql"]).fetchall()
    assert len(told) == 1, f"one cell was asked for, and {told} came"
    (found,) = told[0]
    expected = answer["figure"]
    assert found == (None if expected is None else Decimal(expected))
