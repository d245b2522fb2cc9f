"""Every code a mart may hold has its words in both languages."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from portal import words
from portal.formats import LANGS

DBT = Path(__file__).parents[2] / "dbt"
#: The kind of words that a column's codes are found under.
KINDS = {
    "stage": "stage", "perimeter": "perimeter", "baseline": "baseline", "basis": "basis",
    "provenance_tier": "tier", "verdict": "verdict", "conflict_kind": "conflict",
    "relation": "relation", "known_at_basis": "known_at_basis", "reason": "reason",
    "realised_reason": "reason", "own_revenue_reason": "reason",
    "share_of_revenue_reason": "reason", "target_group": "target_group", "test": "test",
    "region_type": "region_type", "formula_id": "formula",
}  # fmt: skip


def accepted_codes() -> Iterator[tuple[str, str]]:
    for file in sorted((DBT / "models" / "marts").glob("*/_*models.yml")):
        for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]:
            for column in model.get("columns", []):
                kind = KINDS.get(column["name"])
                if kind is None:
                    continue
                for test in column.get("data_tests", []):
                    if isinstance(test, dict) and "accepted_values" in test:
                        for code in test["accepted_values"]["arguments"]["values"]:
                            yield kind, code


def test_every_code_the_marts_accept_has_words() -> None:
    codes = set(accepted_codes())
    assert len(codes) > 60
    assert {code for code in codes if not words.has(*code)} == set()


def test_every_part_of_a_bundled_figure_has_words() -> None:
    """A programme's account is called by its own name, which the figures carry."""
    parts = set()
    for file in sorted((DBT.parent / "ingest" / "bundled").glob("cited_*/all.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            parts |= {(row.get("breakdown"), row.get("category")) for row in csv.DictReader(lines)}
    named = {(b, c) for b, c in parts if b and c and b not in ("total", "programme_account")}
    assert ("school_level", "sd") in named
    assert {b for b, _ in named if not words.has("breakdown", b)} == set()
    assert {(b, c) for b, c in named if not words.has(words.kind_of(b), c)} == set()


def test_a_level_of_schools_is_not_a_level_of_education() -> None:
    assert words.word(words.kind_of("school_level"), "sd", "en") == "primary school"
    assert words.word(words.kind_of("education"), "sd", "en") == "primary school or less"


def test_every_reason_the_sql_gives_has_words() -> None:
    """Reasons of marts whose YAML lists none are read off the SQL that gives them."""
    given = set()
    for mart in ("disparity", "budgets", "programmes", "overview"):
        for file in (DBT / "models").glob(f"*/{mart}/*.sql"):
            text = file.read_text(encoding="utf-8")
            for block in re.findall(r"case((?:(?!\bcase\b).)*?)end as \w*reason", text, re.S):
                given |= set(re.findall(r"then\s+'(\w+)'", block))
    assert "member_missing" in given
    assert {code for code in given if not words.has("reason", code)} == set()


@pytest.mark.parametrize("lang", LANGS)
def test_words_are_complete_in_each_language(lang: str) -> None:
    for kind, codes in words.all_words().items():
        for code, texts in codes.items():
            assert isinstance(code, str)
            assert texts.get(lang), f"{kind} {code} lacks {lang}"


def test_an_unknown_code_is_shown_and_an_absent_one_is_called_missing() -> None:
    assert words.word("stage", "half_baked", "en") == "half baked"
    assert words.word("stage", None, "id") == "t.a."
    assert words.word("stage", "enacted", "id") == "APBD murni"
