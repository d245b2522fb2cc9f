"""Fifty questions, each asked of a real build, with what the answer must hold."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from gallery import questions
from gallery.page import written
from gallery.questions import TOPICS, Answer, Question, QuestionError
from tests.dbt.bundled import warehouse

ALL = questions.load()

#: How many rows, and for one of them (found by the first part) what it says (the second).
#: Each value was compared with its source in tests/golden or with the mart it is computed from.
EXPECTED: dict[int, tuple[int, dict[str, str], dict[str, str]]] = {
    1: (10, {"region_code": "3604"}, {"unemployment_rate_pct": "8.73", "survey_month": "8"}),
    2: (10, {"region_code": "3672"}, {"change_pp": "1.33", "z": ""}),
    3: (16, {"survey_year": "2012"}, {"unemployment_rate_pct": "9.94", "change_pp": "-3.8"}),
    4: (8, {"region_code": "3674"}, {"gap_to_province_pp": "-2.56", "z": ""}),
    5: (5, {"region_code": "3600"}, {"female_pct": "7.12", "male_pct": "6.45", "gap_pp": "0.67"}),
    6: (10, {"region_code": "0000"}, {"age_group": "15_24", "unemployment_rate_pct": "16.89"}),
    7: (
        13,
        {"region_code": "3600", "education": "smk"},
        {"unemployment_rate_pct": "10.13", "above_everyone_pp": "3.44"},
    ),
    8: (
        6,
        {"region_code": "3600", "survey_year": "2025", "survey_month": "8"},
        {"urban_pct": "6.19", "rural_pct": "8.79", "gap_pp": "-2.6"},
    ),
    9: (
        1,
        {"region_code": "3600", "survey_year": "2025"},
        {"unemployed_change_persons": "-2390", "change_pp": "0.01"},
    ),
    10: (
        10,
        {"region_code": "3672", "survey_year": "2022"},
        {"participation_rate_pct": "67.39", "participation_change_pp": "6.02"},
    ),
    11: (
        9,
        {"region_code": "3600"},
        {"underemployed_persons": "282000", "share_of_employed_pct": "5.11"},
    ),
    12: (
        6,
        {"region_code": "3604"},
        {"formal_share_pct": "42.38", "is_computed": "true"},
    ),
    15: (
        8,
        {"survey_year": "2023", "survey_month": "8"},
        {"place_from_highest": "1", "n_provinces_read": "34", "n_provinces": "38"},
    ),
    18: (3, {"survey_year": "2025"}, {"survey_month": "8", "n_reported": "8"}),
    19: (
        8,
        {"region_code": "3604", "survey_year": "2018", "series_version": "revised_weights"},
        {"first_release_pct": "12.78", "restated_pct": "12.63"},
    ),
    20: (1, {}, {"n_compared": "9", "n_restated": "7", "largest_pp": "0.15"}),
    21: (
        14,
        {"region_code": "3601", "basis": "allocations"},
        {"cut_idr": "136925809000", "cut_pct": "5.89", "is_headline": "false"},
    ),
    22: (9, {"region_code": "3604"}, {"cut_per_capita_idr": "274585", "denominator_year": "2024"}),
    23: (9, {"region_code": "3671"}, {"share_of_revenue_pct": "7.78"}),
    24: (
        12,
        {"region_code": "3672", "component": "dbh"},
        {"cut_idr": "112089415000", "cut_pct": "62.78"},
    ),
    25: (2, {"region_code": "3601"}, {"dau_rise_idr": "43000000000", "caveat": "stages_differ"}),
    26: (
        6,
        {"region_code": "3673", "relation": "dispute"},
        {"amount_idr": "216000000000", "claimed_at": "2025-10-16"},
    ),
    27: (3, {"region_code": "3673"}, {"gap_idr": "30000000000", "gap_pct": "16.13"}),
    28: (2, {"region_code": "3672"}, {"difference_idr": "6523143000"}),
    29: (7, {"region_code": "3673", "component": "dau"}, {"perimeter": "component"}),
    30: (10, {"region_code": "3672"}, {"residual": "-4003000000"}),
    31: (6, {"region_code": "3604"}, {"transfer_share_pct": "62.3", "fiscal_year": "2026"}),
    32: (
        26,
        {"region_code": "3604", "fiscal_year": "2024", "stage": "enacted"},
        {"own_revenue_share_pct": "29.36"},
    ),
    33: (9, {"region_code": "3671"}, {"growth_needed_pct": "13.62"}),
    34: (13, {"theme": "employment"}, {"budget_idr": "2152700000", "n_programs": "4"}),
    35: (9, {"region_code": "3604"}, {"budget_per_unemployed_idr": "25178"}),
    36: (9, {"region_code": "3674"}, {"stated_share_pct": "20.21", "is_met": "true"}),
    37: (
        10,
        {"region_code": "3600", "as_of_date": "2025-11-19"},
        {"absorption_pct": "71.14", "compared_stage": "amended"},
    ),
    40: (
        5,
        {"region_code": "3604"},
        {"unspent_balance_idr": "30880000000", "share_of_expenditure_pct": "0.85"},
    ),
    41: (13, {"region_code": "3604", "fiscal_year": "2023"}, {"personnel_share_pct": "44.81"}),
    42: (2, {"region_code": "3604"}, {"nominal_change_pct": "4.25", "real_change_pct": ""}),
    43: (11, {"period_label": "2025-08"}, {"gap_pp": "4.67", "highest_region_code": "3601"}),
    44: (11, {"period_label": "2025-08"}, {"williamson_index": "0.218", "change": "0.027"}),
    45: (9, {"period_label": "2015"}, {"theil_index": "0.2", "max_min_ratio": "11.6"}),
    46: (8, {"region_code": "3601"}, {"poverty_gap_index": "1.627", "period_label": "2015-09"}),
    47: (1, {"region_code": "3604"}, {"result_value": "27600000000", "is_met": "true"}),
    48: (32, {"indicator_id": "apprentices"}, {"n_regions": "9", "reason": "no_public_source"}),
    49: (10, {"indicator_id": "poverty_gap_index"}, {"newest_period_end": "2015-09-30"}),
}
#: What no bundled figure answers, and what its reason must speak of.
WITHOUT_FIGURES = {
    13: "Sakernas",
    14: "layoffs",
    16: "five-year plan",
    17: "standard error",
    38: "Spending by programme",
    39: "agency_programmes",
    50: "first release",
}


@cache
def answer(number: int) -> Answer:
    """Ask the build of all bundled figures once a question."""
    return questions.ask(warehouse(), questions.find(number))


def as_text(answer: Answer) -> list[dict[str, str]]:
    return [
        {name: written(cell) for name, cell in zip(answer.columns, row, strict=True)}
        for row in answer.rows
    ]


def test_there_are_fifty_in_order_and_each_is_asked_here():
    assert [question.number for question in ALL] == list(range(1, 51))
    assert set(EXPECTED) | set(WITHOUT_FIGURES) == set(range(1, 51))
    assert not set(EXPECTED) & set(WITHOUT_FIGURES)


def test_each_stands_in_both_languages_and_once():
    assert all(question.text_id.endswith("?") for question in ALL)
    assert all(question.text_en.endswith("?") for question in ALL)
    assert len({question.text_id for question in ALL}) == 50
    assert len({question.sql for question in ALL}) == 50
    assert [
        question.number for question in ALL if bool(question.note_id) != bool(question.note_en)
    ] == []
    order = list(TOPICS)
    assert [q.topic for q in ALL] == sorted((q.topic for q in ALL), key=order.index)


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_the_answer_is_the_one_checked_by_hand(number: int):
    n_rows, where, expected = EXPECTED[number]
    rows = as_text(answer(number))
    [row] = [row for row in rows if where.items() <= row.items()]
    assert {name: row[name] for name in expected} == expected
    assert len(rows) == n_rows
    assert answer(number).reason is None


@pytest.mark.parametrize("number", sorted(WITHOUT_FIGURES))
def test_what_no_figure_answers_returns_its_reason(number: int):
    reason = answer(number).reason
    assert reason is not None
    assert WITHOUT_FIGURES[number] in reason[1]
    assert reason[0] != reason[1]


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.file)
def test_no_answer_is_an_inexact_number(question: Question):
    """A DOUBLE differs from one engine to the next: money and rates are exact."""
    assert not [cell for row in answer(question.number).rows for cell in row if type(cell) is float]


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.file)
def test_no_answer_depends_on_the_order_of_the_tables(question: Question):
    assert "order by" in question.sql or question.number in (17, 20)


def test_an_answer_with_figures_beside_a_reason_is_no_missing_answer():
    told = Answer(("rate", "reason_id", "reason_en"), ((Decimal(7), "sebab", "reason"),))
    missing = Answer(("n_rates", "rate", "reason_id", "reason_en"), ((0, None, "sebab", "reason"),))
    assert told.reason is None
    assert missing.reason == ("sebab", "reason")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("-- id: Apa?\n-- en: What?\nselect 1\n", "must name topic"),
        ("-- topic: weather\n-- id: Apa?\n-- en: What?\nselect 1\n", "topic 'weather' is none of"),
        ("select 1\n", "must name topic"),
    ],
)
def test_a_file_with_a_wrong_head_is_named(text: str, complaint: str, tmp_path: Path):
    (tmp_path / "01_wrong.sql").write_text(text)
    with pytest.raises(QuestionError, match=rf"01_wrong\.sql: .*{complaint}"):
        questions.load(tmp_path)


def test_a_number_without_a_question_is_refused():
    with pytest.raises(QuestionError, match="no question 51: they are 1 to 50"):
        questions.find(51)


def test_a_note_of_several_lines_is_one_text():
    [education] = [q for q in ALL if q.number == 36]
    assert "20 persen" in education.note_id
    assert "\n" not in education.note_id.strip()
