"""What the civic marts say: figures, gaps with a reason, and look-alikes that never meet."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows

NINE = {"3600", "3601", "3602", "3603", "3604", "3671", "3672", "3673", "3674"}


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def one(marts: duckdb.DuckDBPyConnection, where: str) -> dict[str, object]:
    (row,) = rows(marts, f"select * from marts.civic_indicators where {where}")
    return row


@pytest.mark.parametrize(
    ("where", "value", "theme"),
    [
        ("indicator_id = 'local_election_turnout' and region_code = '3604'", "73.6", "civic"),
        ("indicator_id = 'job_placements' and period_label = '2023-S1'", "4553", "employment"),
        ("indicator_id = 'classrooms' and region_code = '3604'", "4635", "education"),
        (
            "indicator_id = 'regency_minimum_wage' and region_code = '3602'"
            " and period_label = '2023' and value is not null",
            "2944665.46",
            "employment",
        ),
        (
            "indicator_id = 'zakat_receipts_baznas' and region_code = '3604'"
            " and period_label = '2024' and stage = 'realised'",
            "27600000000",
            "social",
        ),
        (
            "indicator_id = 'stunting_prevalence' and region_code = '3674'"
            " and period_label = '2022'",
            "9.0",
            "health",
        ),
    ],
)
def test_published_figures(
    marts: duckdb.DuckDBPyConnection, where: str, value: str, theme: str
) -> None:
    row = one(marts, where)
    assert (row["value"], row["theme"], row["reason"]) == (Decimal(value), theme, None)
    assert row["source_url"]


def test_what_nobody_publishes_stands_with_reason_and_office(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        """
        select region_code, value, reason, agency, template_dataset, unit
        from marts.civic_indicators where indicator_id = 'waste_generated'
        """,
    )
    assert {row["region_code"] for row in told} == NINE
    assert {row["value"] for row in told} == {None}
    assert {row["reason"] for row in told} == {"no_public_source"}
    assert {row["unit"] for row in told} == {"tonnes"}
    assert {row["agency"] for row in told} == {"Dinas Lingkungan Hidup kabupaten/kota"}


def test_a_city_without_villages_has_no_gap_in_the_village_index(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        """
        select region_code from marts.civic_indicators
        where indicator_id = 'village_development_index'
        """,
    )
    assert {row["region_code"] for row in told} == {"3601", "3602", "3603", "3604"}


def test_a_region_without_turnout_says_so_beside_those_that_have_it(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    row = one(marts, "indicator_id = 'local_election_turnout' and region_code = '3674'")
    assert (row["value"], row["reason"]) == (None, "not_published_for_region")
    assert row["agency"] == "KPU kabupaten/kota"


@pytest.mark.parametrize(
    ("one_kind", "other_kind"),
    [
        (
            "indicator_id = 'human_development_index' and series_version = 'hdi_old'",
            "indicator_id = 'human_development_index'"
            " and series_version = 'hdi_2020_long_form_census'",
        ),
        (
            "indicator_id = 'poverty_rate' and period_label like '%-03'",
            "indicator_id = 'poverty_rate' and period_label like '%-09'",
        ),
        (
            "indicator_id = 'stunting_prevalence' and series_version like 'ssgi%'",
            "indicator_id = 'stunting_prevalence' and series_version like 'ski%'",
        ),
        (
            "indicator_id = 'stunting_prevalence' and value is not null",
            "indicator_id = 'families_at_risk_of_stunting_share' and value is not null",
        ),
        (
            "indicator_id = 'local_election_turnout' and category = 'governor'",
            "indicator_id = 'local_election_turnout' and category = 'total' and value is not null",
        ),
        (
            "indicator_id = 'zakat_receipts_baznas' and stage = 'plan'",
            "indicator_id = 'zakat_receipts_baznas' and stage = 'realised'",
        ),
    ],
)
def test_look_alikes_never_share_a_series(
    marts: duckdb.DuckDBPyConnection, one_kind: str, other_kind: str
) -> None:
    def series(where: str) -> set[object]:
        found = rows(
            marts, f"select distinct comparison_series from marts.civic_indicators where {where}"
        )
        return {row["comparison_series"] for row in found}

    assert series(one_kind)
    assert series(other_kind)
    assert not series(one_kind) & series(other_kind)


def test_both_series_of_the_development_index_are_kept_and_one_leads(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        """
        select series_version, value, is_headline from marts.civic_indicators
        where indicator_id = 'human_development_index' and region_code = '3600'
            and period_label = '2020'
        order by series_version
        """,
    )
    assert [tuple(row.values()) for row in told] == [
        ("hdi_2020_long_form_census", Decimal("74.41"), False),
        ("hdi_old", Decimal("72.45"), True),
    ]


def test_every_indicator_of_the_mart_is_in_the_dictionary(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    assert not rows(
        marts,
        """
        select distinct indicator_id from marts.civic_indicators
        anti join marts.dim_indicator using (indicator_id)
        """,
    )
    assert not rows(marts, "select 1 from marts.civic_indicators where unit is null")
