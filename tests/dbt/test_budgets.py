"""What the budget marts say, on every bundled figure."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows

BILLION = 10**9


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def test_kota_serangs_half_year_is_held_against_the_budget_of_the_same_year(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = rows(
        marts,
        "select * from marts.budget where region_code = '3673' and account_code = '4'"
        " and as_of_date = date '2025-06-30'",
    )
    assert (row["stage"], row["realised_idr"]) == ("realised_to_date", 835_900_000_000)
    assert (row["budget_idr"], row["compared_budget_idr"]) == (None, 1580 * BILLION)
    assert (row["compared_stage"], row["absorption_pct"]) == ("unspecified", Decimal("52.905063"))
    assert (row["account_name"], row["account_name_en"]) == (
        "Pendapatan daerah",
        "Regional government revenue",
    )


def test_spending_is_held_against_the_amended_budget_where_there_is_one(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """Banten prints 71.17 percent for the same day, from amounts it doesn't round."""
    (row,) = rows(
        marts,
        "select * from marts.budget where region_code = '3600' and account_code = '5'"
        " and as_of_date = date '2025-11-19'",
    )
    assert (row["compared_stage"], row["absorption_pct"]) == ("amended", Decimal("71.137835"))


def test_a_quarters_payments_are_no_absorption_and_a_whole_years_are(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = {
        row["fiscal_year"]: row
        for row in rows(
            marts,
            "select * from marts.budget where region_code = '3604'"
            " and account_code = '4.2.01.01.02' and realised_idr is not null",
        )
    }
    assert (told[2021]["as_of_date"], told[2021]["absorption_pct"]) == (date(2021, 3, 31), None)
    assert told[2021]["absorption_reason"] == "part_of_year_against_allocation"
    assert told[2020]["compared_stage"] == "allocation"
    assert told[2020]["absorption_pct"] == round(
        100 * Decimal(told[2020]["realised_idr"]) / told[2020]["compared_budget_idr"], 6
    )


def test_an_absorption_without_a_full_budget_of_the_year_is_missing_with_its_reason(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        """
        select
            count(*) filter (absorption_pct is null and absorption_reason is null) as silent,
            count(*) filter (absorption_pct is not null and absorption_reason is not null) as both,
            count(*) filter (
                compared_stage not in ('amended', 'enacted', 'allocation', 'unspecified')
            ) as bills,
            count(*) filter (absorption_pct is not null) as measured
        from marts.budget
        """,
    )
    assert (told["silent"], told["both"], told["bills"]) == (0, 0, 0)
    assert told["measured"] > 1000


def test_programme_lines_add_up_to_the_account_that_the_press_prints(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """5102 of the programme lines is account 5.1.02, to the rupiah, in all nine governments."""
    told = rows(
        marts,
        """
        select budget.region_code, budget.budget_idr, cast(sum(lines.budget_idr) as bigint) as added
        from marts.budget as budget
        inner join marts.program_spend as lines
            on lines.region_code = budget.region_code and lines.fiscal_year = budget.fiscal_year
            and lines.account_code = replace(budget.account_code, '.', '')
        where budget.account_code = '5.1.02' and budget.stage = 'enacted'
        group by all
        """,
    )
    assert len(told) == 9
    assert [row for row in told if row["budget_idr"] != row["added"]] == []


def test_every_budget_and_transfer_indicator_is_an_account_or_says_why_not(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    with (ROOT / "dbt" / "seeds" / "budget_accounts.csv").open(encoding="utf-8") as lines:
        mapped = {row["indicator_id"] for row in csv.DictReader(lines)}
    told = rows(
        marts,
        "select distinct indicator_id from marts.observations where indicator_id like 'budget_%'"
        " or indicator_id like 'transfer_%'",
    )
    assert {row["indicator_id"] for row in told} - mapped == set()


def test_sums_over_governments_are_no_ones_budget(marts: duckdb.DuckDBPyConnection) -> None:
    (told,) = rows(
        marts,
        "select cast(sum(budget_idr) as bigint) as dau from marts.budget"
        " where account_code = '4.2.01.01.02' and fiscal_year = 2021 and stage = 'allocation'",
    )
    assert told == {"dau": 377_791_390_288_000}


def test_kota_serangs_gap_of_2026_shows_the_cut_the_need_and_what_is_unknown(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = rows(
        marts, "select * from marts.funding_gap where region_code = '3673' and fiscal_year = 2026"
    )
    assert (row["cut_idr"], row["cut_basis"]) == (186_400_000_000, "reported")
    assert (row["stated_need_idr"], row["n_stated_needs"]) == (300 * BILLION, 1)
    assert (row["philanthropy_idr"], row["philanthropy_reason"]) == (
        None,
        "no_receipts_published_for_that_year",
    )


def test_charity_is_what_was_received_not_what_was_aimed_at(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        "select fiscal_year, philanthropy_idr, cut_reason from marts.funding_gap"
        " where region_code = '3604' and fiscal_year in (2024, 2025) order by 1",
    )
    assert [tuple(row.values()) for row in told] == [
        (2024, 27_600_000_000, "no_total_cut_known"),
        (2025, None, None),
    ]


def test_needs_of_a_year_add_up_by_programme(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(
        marts, "select * from marts.funding_gap where region_code = '3673' and fiscal_year = 2025"
    )
    assert (row["stated_need_idr"], row["n_stated_needs"]) == (147 * BILLION, 2)


def test_education_is_not_read_as_small_because_salaries_stand_apart(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = {
        (row["theme"], row["is_support"]): row
        for row in rows(
            marts,
            "select * from marts.program_spend_by_theme"
            " where region_code = '3604' and fiscal_year = 2023",
        )
    }
    education = told["education", False]
    assert education["share_of_budget_pct"] == Decimal("10.645774")
    assert education["share_of_programmes_pct"] > 2 * education["share_of_budget_pct"]
    support = told["other", True]
    assert (support["share_of_budget_pct"], support["share_of_programmes_pct"]) == (
        Decimal("53.114714"),
        None,
    )
    assert sum(row["budget_idr"] for row in told.values()) == 3_353_764_386_989
    assert {row["n_unmapped"] for row in told.values()} == {0}
    assert all(row["is_complete"] for row in told.values())


def test_employment_money_is_held_against_the_unemployed(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = {
        row["region_code"]: row
        for row in rows(
            marts, "select * from marts.program_spend_by_theme where theme='employment'"
        )
    }
    serang, city = told["3604"], told["3673"]
    assert (serang["budget_idr"], serang["budget_per_unemployed_idr"]) == (2_152_700_000, 25_178)
    assert serang["unemployed_year"] == 2020
    assert city["budget_per_unemployed_idr"] is None
    assert city["unemployed_reason"] == "no_number_of_unemployed_until_that_year"
