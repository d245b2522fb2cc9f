"""What the programme mart says, on the 2,236 bundled budget lines of 2023."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows

#: What each government's lines add up to in the source, to the rupiah.
TOTALS = {
    "3600": 11_774_651_290_735,
    "3601": 2_551_098_067_481,
    "3602": 2_710_792_397_375,
    "3603": 7_116_307_463_906,
    "3604": 3_353_764_386_989,
    "3671": 5_101_407_422_199,
    "3672": 2_390_103_515_680,
    "3673": 1_488_160_709_863,
    "3674": 4_296_958_080_519,
}


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def test_lines_add_up_to_the_sources_totals_to_the_rupiah(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        """
        select region_code, cast(sum(budget_idr) as bigint) as budget, sum(n_lines) as n
        from marts.program_spend group by region_code
        """,
    )
    assert {row["region_code"]: row["budget"] for row in told} == TOTALS
    assert sum(row["n"] for row in told) == 2236


def test_eight_pairs_of_lines_differ_only_by_white_space(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        "select count(*) as n, count(*) filter (n_lines = 2) as pairs, max(n_lines) as most"
        " from marts.program_spend",
    )
    assert told == {"n": 2228, "pairs": 8, "most": 2}


def test_one_code_names_two_programmes(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        "select distinct program_name from marts.program_spend"
        " where program_code = '4.01.02' order by 1",
    )
    assert [row["program_name"] for row in told] == [
        "Program Pemerintahan Dan Kesejahteraan Rakyat",
        "Program Penataan Organisasi",
    ]


def test_no_programme_of_2023_is_unmapped_and_themes_add_up(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        """
        select count(*) filter (not is_mapped) as unmapped,
            count(*) filter (function_name is null) as nameless,
            cast(sum(budget_idr) filter (theme = 'employment') as bigint) as employment
        from marts.program_spend where region_code = '3604'
        """,
    )
    assert told == {"unmapped": 0, "nameless": 0, "employment": 2_152_700_000}


def test_salaries_and_offices_stand_apart(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        """
        select distinct function_code, theme from marts.program_spend where is_support
        """,
    )
    assert [tuple(row.values()) for row in told] == [("X.XX", "other")]


def test_training_in_kabupaten_serang_costs_670_rupiah_a_head(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = rows(
        marts,
        """
        select * from marts.program_spend
        where region_code = '3604' and program_code = '2.07.03' and account_code = '5102'
        """,
    )
    assert row["budget_idr"] == 1_159_794_400
    assert (row["budget_per_capita_idr"], row["denominator_year"]) == (670, 2023)
    assert row["share_of_budget_pct"] == Decimal("0.034582")
    assert (row["stage"], row["theme"]) == ("enacted", "employment")
    assert (row["realised_idr"], row["realised_reason"]) == (None, "not_published")


def test_shares_of_a_government_are_the_whole(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        "select sum(share_of_budget_pct) as whole from marts.program_spend group by region_code",
    )
    assert len(told) == 9
    assert all(abs(row["whole"] - 100) < Decimal("0.001") for row in told)


def test_every_line_is_in_the_lineage_once(marts: duckdb.DuckDBPyConnection) -> None:
    (told,) = rows(
        marts,
        """
        select count(*) as n, count(distinct obs_id) as lines, count(distinct row_key) as cells
        from intermediate.int_lineage__program_spend where column_name = 'budget_idr'
        """,
    )
    assert told == {"n": 2236, "lines": 2236, "cells": 2228}
