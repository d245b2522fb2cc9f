"""What the scorecard, the Musrenbang table and a series on old boundaries say."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def test_kabupaten_serang_in_2022(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(marts, "select * from marts.scorecard where region_code = '3604' and year = 2022")
    assert (row["unemployment_rate_pct"], row["rank_in_province"]) == (Decimal("10.61"), 1)
    assert row["human_development_index"] == Decimal("67.75")
    assert (row["transfer_cut_idr"], row["budget_per_capita_idr"]) == (None, None)
    assert (row["n_missing"], row["n_derived"], row["n_disputed"]) == (6, 1, 0)


def test_kota_serangs_disputed_cut_is_counted_as_disputed(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = rows(marts, "select * from marts.scorecard where region_code = '3673' and year = 2026")
    assert row["transfer_cut_idr"] == 186_400_000_000
    assert row["n_disputed"] == 2


def test_the_count_of_missing_columns_is_what_is_missing(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    columns = [
        "unemployment_rate_pct", "rank_in_province", "transfer_cut_idr",
        "transfer_cut_per_capita_idr", "own_revenue_idr", "budget_per_capita_idr",
        "employment_spend_per_unemployed_idr", "poverty_rate_pct", "human_development_index",
        "grdp_per_capita_idr",
    ]  # fmt: skip
    told = rows(marts, "select * from marts.scorecard")
    for row in told:
        counted = [name for name in columns if name != "rank_in_province" or row[
            "region_type"] in ("kabupaten", "kota")]  # fmt: skip
        assert row["n_missing"] == sum(row[name] is None for name in counted), row
        assert row["n_derived"] <= len(columns) - row["n_missing"]
    assert len({row["region_code"] for row in told}) > 514


def test_every_cell_of_the_scorecard_is_traced(marts: duckdb.DuckDBPyConnection) -> None:
    untraced = rows(
        marts,
        """
        select cells.* from intermediate.int_scorecard__cells as cells
        left join marts.mart_lineage as lineage
            on lineage.mart = 'scorecard' and lineage.column_name = cells.column_name
            and lineage.row_key = cells.region_code || '|' || cells.year
        where lineage.obs_id is null
        """,
    )
    assert untraced == []


def test_every_question_has_a_value_or_a_reason_and_someone_to_ask(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        """
        select count(*) filter ((value is null) = (reason is null)) as unclear,
            count(distinct target_group) as groups, count(distinct region_code) as regions
        from marts.musrenbang
        """,
    )
    assert told == {"unclear": 0, "groups": 3, "regions": 552}


def test_women_and_youth_of_kabupaten_serang(marts: duckdb.DuckDBPyConnection) -> None:
    told = {
        row["question_id"]: row
        for row in rows(marts, "select * from marts.musrenbang where region_code = '3604'")
    }
    women = told["women_unemployment_rate"]
    assert (women["value"], women["period_label"]) == (Decimal("10.53"), "2024-08")
    youth = told["youth_unemployment_rate"]
    assert (youth["value"], youth["reason"]) == (None, "published_for_the_country_only")
    assert (youth["wider_region_code"], youth["wider_value"]) == ("0000", Decimal("16.89"))
    disability = told["disability_unemployment_rate"]
    assert (disability["reason"], disability["holder_en"]) == (
        "no_public_source",
        "BPS (labour force survey)",
    )
    assert told["women_empowerment_budget"]["value"] == 419_860_000


def on_boundaries(
    marts: duckdb.DuckDBPyConnection, year: int, region: str, indicator: str, period: str
) -> tuple[object, ...]:
    (row,) = rows(
        marts,
        "select value, reason, n_reported, n_expected from marts.series_on_boundaries(?)"
        " where region_id = ? and indicator_id = ? and period_label = ? and breakdown = 'total'",
        year, region, indicator, period,
    )  # fmt: skip
    return tuple(row.values())


def test_people_of_the_old_serang_are_those_of_both_serangs(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = on_boundaries(marts, 2006, "kabupaten_serang", "population_registered", "2024-12")
    assert told == (1_791_793 + 759_929, None, 2, 2)


def test_a_rate_of_two_parts_has_no_value_on_old_boundaries(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = on_boundaries(marts, 2006, "kabupaten_serang", "unemployment_rate", "2024-08")
    assert told == (None, "parts_of_a_rate", 2, 2)


def test_in_the_year_of_the_split_nothing_is_proven(marts: duckdb.DuckDBPyConnection) -> None:
    told = on_boundaries(marts, 2007, "kabupaten_serang", "population_registered", "2024-12")
    assert told[:2] == (None, "split_undated")


def test_after_the_split_the_regency_stands_alone(marts: duckdb.DuckDBPyConnection) -> None:
    told = on_boundaries(marts, 2010, "kabupaten_serang", "unemployment_rate", "2024-08")
    assert told == (Decimal("9.18"), None, 1, 1)


def test_a_province_before_its_split_cant_be_cut_up(marts: duckdb.DuckDBPyConnection) -> None:
    told = on_boundaries(marts, 2024, "provinsi_papua_barat", "unemployment_rate", "2019-08")
    assert told[:2] == (None, "split_after_the_period")
