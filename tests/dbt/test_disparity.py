"""What the disparity mart says, against the province's own index, by hand and with a gap."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import Build, Fixture, claim, rows

ONLY = (
    "--select", "+regional_disparity", "int_lineage__regional_disparity",
    "--indirect-selection", "cautious",
)  # fmt: skip
EIGHT = ("3601", "3602", "3603", "3604", "3671", "3672", "3673", "3674")


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def rate(region_code: str, value: str, **other: Any) -> dict[str, Any]:
    return claim("unemployment_rate", region_code, value, **other)


def people(region_code: str, value: str) -> dict[str, Any]:
    year = {"period_start": date(2022, 12, 31), "period_end": date(2022, 12, 31)}
    return claim(
        "population_registered", region_code, value,
        period_label="2022-12", period_kind="stock", unit="persons", precision=Decimal(1), **year,
    )  # fmt: skip


@pytest.mark.parametrize("year", ["2010", "2012", "2015"])
def test_the_index_that_the_province_published_is_reproduced(
    marts: duckdb.DuckDBPyConnection, year: str
) -> None:
    (row,) = rows(
        marts,
        """
        select ours.williamson_index, theirs.value from marts.regional_disparity as ours
        inner join marts.observations as theirs
            on theirs.indicator_id = 'williamson_index_current_prices'
            and theirs.region_code = ours.parent_region_code
            and theirs.period_label = ours.period_label
        where ours.indicator_id = 'grdp_per_capita' and ours.parent_region_code = '3600'
            and ours.period_label = ?
        """,
        year,
    )
    assert abs(row["williamson_index"] - row["value"]) < Decimal("0.001")


def test_a_year_whose_product_is_missing_for_two_regencies_has_no_index(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = rows(
        marts,
        "select * from marts.regional_disparity where indicator_id = 'grdp_per_capita'"
        " and parent_region_code = '3600' and period_label = '2011'",
    )
    assert (row["williamson_index"], row["theil_index"], row["gini_index"]) == (None, None, None)
    assert row["index_reason"] == "population_missing"
    assert row["max_min_ratio"] == Decimal("11.385965")


def test_cilegon_is_richest_and_lebak_poorest(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(
        marts,
        "select * from marts.regional_disparity where indicator_id = 'grdp_per_capita'"
        " and parent_region_code = '3600' and period_label = '2015'",
    )
    assert (row["highest_region_code"], row["lowest_region_code"]) == ("3672", "3602")
    assert (row["n_reported"], row["n_expected"], row["missing_region_codes"]) == (8, 8, None)


def test_the_gap_between_north_and_south_in_2015(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(
        marts,
        "select * from marts.regional_disparity where indicator_id = 'grdp_per_capita'"
        " and grouping_id = 'banten_north_south' and period_label = '2015'",
    )
    assert (row["highest_group"], row["lowest_group"]) == ("north", "south")
    assert row["max_min_ratio"] == Decimal("2.789073")
    assert row["williamson_index"] == Decimal("0.299061")
    assert row["highest_region_code"] is None


def test_series_versions_never_stand_in_one_index(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        "select series_version, n_reported, williamson_index is not null as has_index"
        " from marts.regional_disparity where indicator_id = 'unemployment_rate'"
        " and parent_region_code = '3600' and period_label = '2018-08' order by 1",
    )
    assert [tuple(row.values()) for row in told] == [
        ("first_release", 4, False),
        ("revised_weights", 8, True),
    ]


def test_every_province_has_its_disparity_and_those_with_a_gap_have_none(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        """
        select count(*) as n,
            count(*) filter (n_reported < n_expected and williamson_index is not null) as falsely,
            count(*) filter (n_reported = n_expected and williamson_index is null
                and index_reason is null) as silent,
            count(distinct parent_region_code) filter (williamson_index is not null) as provinces
        from marts.regional_disparity
        where indicator_id = 'unemployment_rate' and parent_region_code <> '0000'
        """,
    )
    assert (told["falsely"], told["silent"], told["provinces"]) == (0, 0, 38)


def test_a_published_zero_is_kept_and_leaves_no_ratio(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        "select * from marts.regional_disparity where ratio_reason = 'lowest_is_zero'",
    )
    assert told
    for row in told:
        assert (row["lowest_value"], row["max_min_ratio"]) == (0, None)
        assert row["williamson_index"] > 0


def test_removing_one_regency_leaves_no_index_and_never_a_smaller_one(build: Build) -> None:
    rates = {code: str(4 + place) for place, code in enumerate(EIGHT)}
    figures = [rate(code, value) for code, value in rates.items()]
    figures += [people(code, "1000") for code in EIGHT]
    whole = build(Fixture(figures), *ONLY)
    holed = build(Fixture([row for row in figures if row["value_text"] != "9"]), *ONLY)
    query = "select * from marts.regional_disparity where parent_region_code = '3600'"
    (full,), (short,) = rows(whole, query), rows(holed, query)

    # 4 to 11, equally many people: mean 7.5, variance 5.25, mean difference 2.625.
    assert full["mean_value"] == Decimal("7.5")
    assert full["williamson_index"] == Decimal("0.305505")
    assert full["gini_index"] == Decimal("0.175000")
    assert full["max_min_ratio"] == Decimal("2.75")
    assert (full["highest_region_code"], full["lowest_region_code"]) == ("3674", "3601")

    assert (short["n_reported"], short["n_expected"]) == (7, 8)
    assert (short["index_reason"], short["ratio_reason"]) == ("member_missing", "member_missing")
    assert short["missing_region_codes"] == "3672"
    for column in ("williamson_index", "theil_index", "gini_index", "max_min_ratio",
                   "highest_region_code", "lowest_region_code"):  # fmt: skip
        assert short[column] is None


def test_swapping_the_serangs_changes_the_index(build: Build) -> None:
    """Kabupaten Serang has more than twice the people of the city: their weights must not swap."""
    persons = dict.fromkeys(EIGHT, "1000") | {"3604": "5000", "3673": "500"}
    figures = [rate(code, "12" if code == "3604" else "5") for code in EIGHT]
    figures += [people(code, number) for code, number in persons.items()]
    (row,) = rows(
        build(Fixture(figures), *ONLY),
        "select * from marts.regional_disparity where parent_region_code = '3600'",
    )
    # (6 x 1000 x 5 + 5000 x 12 + 500 x 5) / 11500
    assert row["mean_value"] == Decimal("8.043478")
    assert row["highest_region_code"] == "3604"


def test_every_index_is_traced_to_all_its_members_and_their_people(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (told,) = rows(
        marts,
        """
        select count(distinct obs_id) as n from marts.mart_lineage
        where mart = 'regional_disparity' and column_name = 'williamson_index'
            and row_key = 'grdp_per_capita|3600|2015|as_published'
        """,
    )
    assert told["n"] == 16
