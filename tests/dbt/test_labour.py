"""What the unemployment marts say, on every bundled figure, and on a few with known answers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import Build, Fixture, claim, rows

EIGHT = ("3601", "3602", "3603", "3604", "3671", "3672", "3673", "3674")

#: Build what the mart needs and no more, with the tests of just that.
ONLY = ("--select", "+unemployment", "--indirect-selection", "cautious")

A_ROUND = """
    select * from marts.unemployment
    where region_code = ? and survey_year = ? and survey_month = ?
"""


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def headline(marts: duckdb.DuckDBPyConnection, *key: object) -> dict[str, object]:
    (row,) = rows(marts, A_ROUND + "and is_headline", *key)
    return row


def test_kabupaten_serang_rose_from_10_58_to_10_61_in_august_2022(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    row = headline(marts, "3604", 2022, 8)
    assert row["unemployment_rate_pct"] == Decimal("10.61")
    assert row["change_pp"] == Decimal("0.03")
    assert (row["rank_in_province"], row["n_ranked"], row["n_expected"]) == (1, 8, 8)
    assert row["change_is_significant"] is None


def test_banten_stood_at_7_52_in_august_2023(marts: duckdb.DuckDBPyConnection) -> None:
    row = headline(marts, "3600", 2023, 8)
    assert row["unemployment_rate_pct"] == Decimal("7.52")
    assert row["gap_to_national_pp"] == Decimal("2.20")
    assert row["rank_in_province"] is None


def test_november_is_a_round_of_its_own_without_a_year_before(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    row = headline(marts, "3600", 2025, 11)
    assert row["unemployment_rate_pct"] == Decimal("6.63")
    assert row["change_pp"] is None


def test_the_latest_round_ranks_all_eight(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        """
        select region_code, unemployment_rate_pct, change_pp, rank_in_province
        from marts.unemployment
        where parent_region_code = '3600' and survey_year = 2025 and survey_month = 8
            and is_headline
        order by rank_in_province
        """,
    )
    assert [tuple(row.values()) for row in told] == [
        ("3601", Decimal("8.80"), Decimal("0.71"), 1),
        ("3604", Decimal("8.73"), Decimal("-0.45"), 2),
        ("3672", Decimal("7.41"), Decimal("1.33"), 3),
        ("3602", Decimal("7.30"), Decimal("1.07"), 4),
        ("3673", Decimal("6.95"), Decimal("-0.17"), 5),
        ("3603", Decimal("5.94"), Decimal("-0.12"), 6),
        ("3671", Decimal("5.88"), Decimal("-0.04"), 7),
        ("3674", Decimal("4.13"), Decimal("-0.96"), 8),
    ]


@pytest.mark.parametrize("year", [2013, 2014, 2015, *range(2018, 2026)])
def test_the_eight_stand_side_by_side_in_every_august(
    marts: duckdb.DuckDBPyConnection, year: int
) -> None:
    told = rows(
        marts,
        """
        select region_code, rank_in_province from marts.unemployment
        where parent_region_code = '3600' and survey_year = ? and survey_month = 8
            and is_for_ranking
        order by region_code
        """,
        year,
    )
    assert tuple(row["region_code"] for row in told) == EIGHT
    assert None not in {row["rank_in_province"] for row in told}


def test_versions_of_2018_and_2019_never_mix(marts: duckdb.DuckDBPyConnection) -> None:
    told = {
        row["series_version"]: (row["unemployment_rate_pct"], row["change_pp"])
        for row in rows(marts, A_ROUND, "3604", 2019, 8)
    }
    assert told["first_release"] == (Decimal("10.65"), Decimal("-2.13"))
    assert told["revised_weights"] == (Decimal("10.58"), Decimal("-2.05"))
    (unnamed,) = rows(marts, A_ROUND, "3604", 2020, 8)
    assert unnamed["change_pp"] is None


def test_projections_never_enter(marts: duckdb.DuckDBPyConnection) -> None:
    assert rows(
        marts,
        "select 1 from marts.observations where indicator_id = 'unemployment_rate'"
        " and stage = 'projection'",
    )
    projected = "select obs_id from marts.observation_history where stage = 'projection'"
    assert not rows(marts, f"select 1 from marts.unemployment where obs_id in ({projected})")


def test_every_observed_rate_of_a_round_is_in_the_history(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    assert not rows(
        marts,
        """
        select 1 from intermediate.int_claims__known as known
        anti join marts.observation_history as history using (obs_id)
        where known.indicator_id = 'unemployment_rate'
        """,
    )


def test_a_missing_regency_takes_the_ranks_away(build: Build) -> None:
    rates = [claim("unemployment_rate", code, "7.5") for code in EIGHT[:-1]]
    seven = build(Fixture(rates), *ONLY)
    told = rows(seven, "select rank_in_province, n_ranked, n_expected from marts.unemployment")
    assert {tuple(row.values()) for row in told} == {(None, 7, 8)}


def test_rounds_twelve_months_apart_change_and_others_do_not(build: Build) -> None:
    def at(year: int, month: int, value: str, version: str = "") -> dict[str, object]:
        return claim(
            "unemployment_rate", "3604", value,
            period_start=date(year, month, 1), period_end=date(year, month, 28),
            period_label=f"{year}-{month:02d}", series_version=version,
        )  # fmt: skip

    told = rows(
        build(Fixture([
            at(2022, 8, "10.61"), at(2023, 2, "9.90"), at(2023, 8, "9.94"),
            at(2024, 8, "9.18", "lf_sp2020_weights"), at(2025, 11, "8.00"),
            at(2026, 8, "8.50", "lf_sp2020_weights"),
        ]), *ONLY),
        "select survey_year, survey_month, change_pp from marts.unemployment order by all",
    )  # fmt: skip
    assert [tuple(row.values()) for row in told] == [
        (2022, 8, None),
        (2023, 2, None),
        (2023, 8, Decimal("-0.67")),
        (2024, 8, None),
        (2025, 11, None),
        (2026, 8, None),
    ]


def test_every_cell_of_a_row_leads_to_its_claims(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        """
        select column_name, count(*) as n from intermediate.int_lineage__unemployment
        where row_key = '3604|2021|8|' group by column_name
        """,
    )
    assert {row["column_name"]: row["n"] for row in told} == {
        "unemployment_rate_pct": 1,
        "change_pp": 2,
        "gap_to_province_pp": 2,
        "gap_to_national_pp": 2,
        "participation_rate_pct": 1,
        "n_ranked": 8,
        "rank_in_province": 8,
        # Its own figure alone: the other places are the rows of that round.
        "n_ranked_in_country": 1,
    }


def test_women_and_men_of_kabupaten_serang_in_2024(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        """
        select category, unemployment_rate_pct, change_pp from marts.unemployment_breakdown
        where region_code = '3604' and survey_year = 2024 and breakdown = 'sex'
        order by category
        """,
    )
    assert [tuple(row.values()) for row in told] == [
        ("female", Decimal("10.53"), Decimal("-0.28")),
        ("male", Decimal("8.37"), Decimal("-1.12")),
    ]
