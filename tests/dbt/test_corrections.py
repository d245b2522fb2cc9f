"""A corrected claim stands beside the uncorrected one, and as of an earlier day nobody knew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows

CILEGON = "indicator_id = 'transfer_total' and region_code = '3672' and period_label = '2026'"
CILEGON += " and stage = 'allocation'"
PUBLISHED, RIGHT = 780_520_143_000, 784_523_143_000


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def history(marts: duckdb.DuckDBPyConnection, where: str) -> list[dict[str, Any]]:
    return rows(marts, f"select * from marts.observation_history where {where}")


def as_of(marts: duckdb.DuckDBPyConnection, day: str, where: str) -> dict[str, Any]:
    (row,) = rows(marts, f"select * from marts.observations_as_of(date '{day}') where {where}")
    return row


def test_cilegon_is_right_and_its_misprint_stays_readable(marts: duckdb.DuckDBPyConnection) -> None:
    claims = {int(row["value"]): row for row in history(marts, CILEGON)}
    right, wrong = claims[RIGHT], claims[PUBLISHED]
    assert (right["is_headline"], right["correction_role"]) == (True, "corrected")
    assert (right["conflict_kind"], right["n_misprint"]) == ("misprint", 1)
    assert (wrong["relation"], wrong["correction_role"]) == ("misprint", "uncorrected")
    assert wrong["value_text"] == "780520143000"
    assert wrong["correction_id"] == right["correction_id"] == "cilegon_transfers_2026"
    assert "784,523,143,000" in wrong["correction_reason"]
    assert right["published_at"] == wrong["published_at"]
    assert right["claim_id"] != wrong["claim_id"]


def test_what_it_should_have_read_is_counted_as_nobodys_claim(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    """The city's list and the planning agency's 784 billion are two, not three."""
    claims = history(marts, CILEGON)
    assert (len(claims), {row["n_claims"] for row in claims}) == (3, {2})


def test_before_the_correction_was_declared_the_misprint_was_what_was_known(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    before = as_of(marts, "2026-11-20", CILEGON)
    assert (before["value"], before["correction_id"]) == (PUBLISHED, None)
    assert before["conflict_kind"] == "dispute"
    now = as_of(marts, "2026-11-21", CILEGON)
    assert (now["value"], now["conflict_kind"]) == (RIGHT, "misprint")
    assert (now["known_at"], now["known_at_basis"]) == (date(2026, 11, 21), "corrected")


def test_a_label_of_ours_was_wrong_on_every_day(marts: duckdb.DuckDBPyConnection) -> None:
    """The article said transfer revenue all along; only the collection called it transfers."""
    serang = "region_code = '3604' and period_label = '2026' and stage = 'draft' and "
    transfers, revenue = (
        serang + "indicator_id = 'transfer_total'",
        serang + ("indicator_id = 'budget_transfer_revenue'"),
    )
    (moved,) = history(marts, transfers)
    assert (moved["relation"], moved["is_headline"], moved["n_claims"]) == ("corrected", False, 0)
    assert rows(marts, f"select 1 from marts.observations where {transfers}") == []
    assert (
        rows(marts, f"select 1 from marts.observations_as_of('2026-11-01') where {transfers}") == []
    )
    assert as_of(marts, "2026-11-01", revenue)["value"] == 1_950_000_000_000
    assert {row["relation"] for row in history(marts, revenue)} == {"headline", "repeats"}


def test_mid_2023_estimates_are_the_civil_register_of_the_end_of_2023(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row,) = history(marts, "correction_role = 'corrected' and correction_id = "
                            "'cilegon_registered_population_2023'")  # fmt: skip
    assert (row["indicator_id"], row["period_label"]) == ("population_registered", "2023-12")
    assert (row["period_start"], row["period_end"]) == (date(2023, 12, 31),) * 2
    assert (row["value"], row["relation"]) == (470_378, "corroborates")


@pytest.mark.parametrize(
    ("correction", "published", "right"),
    [
        ("banten_unemployment_2022_08", "8.08", "8.09"),
        ("kabupaten_tangerang_unemployment_2021_08", "9.6", "9.06"),
        ("lebak_minimum_wage_2023", "2994665.46", "2944665.46"),
        ("tangerang_own_revenue_2025_bill", "3004000000000", "3042000000000"),
        ("tangerang_revenue_2025_amended", "5558000000000", "5586000000000"),
        ("pandeglang_votes_cast_2024", "667073", "677003"),
        ("uin_smh_students_2024", "1686", "1685"),
        ("banten_expenditure_absorption_2022", "94.2", "94.3"),
        ("banten_unemployment_smk_2018_08", "14.28", "14.23"),
    ],
)
def test_each_misprint_has_its_right_value_beside_it(
    marts: duckdb.DuckDBPyConnection, correction: str, published: str, right: str
) -> None:
    claims = {
        row["correction_role"]: row for row in history(marts, f"correction_id = '{correction}'")
    }
    assert claims["uncorrected"]["value"] == Decimal(published)
    assert claims["uncorrected"]["relation"] == "misprint"
    assert claims["corrected"]["value"] == Decimal(right)
    assert claims["corrected"]["relation"] in ("headline", "corroborates", "repeats")


def test_two_doubted_claims_are_a_misprint_and_no_dispute(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    pair = history(marts, "correction_id like 'banten_unemployment_smk_2025_02_%'")
    assert {row["value"] for row in pair} == {Decimal("8.97"), Decimal("8.91")}
    assert {(row["conflict_kind"], row["n_disputing"]) for row in pair} == {("misprint", 0)}
    assert {(row["obs_status"], row["correction_role"]) for row in pair} == {("V", "doubted")}


def test_every_correction_is_listed_with_both_its_claims(marts: duckdb.DuckDBPyConnection) -> None:
    listed = rows(marts, "select * from marts.corrections")
    assert len(listed) == 55
    assert all(row["status"] == "applied" and row["uncorrected_obs_id"] for row in listed)
    assert all((row["corrected_obs_id"] is None) == (row["kind"] == "doubt") for row in listed)
    (cilegon,) = [row for row in listed if row["correction_id"] == "cilegon_transfers_2026"]
    assert cilegon["corrected_text"] == "value: 784523143000"
    assert cilegon["declared_in"] == "corrections/misprints.yml"


def test_a_correction_is_no_revision_and_no_deleted_claim(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    revised = rows(
        marts,
        "select 1 from marts.revisions r join marts.corrections c "
        "on c.uncorrected_obs_id in (r.old_obs_id, r.new_obs_id) where c.kind <> 'doubt'",
    )
    assert revised == []


def test_national_rates_rank_every_complete_province_and_no_other(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (bandung,) = rows(
        marts,
        "select * from marts.unemployment where region_code = '3273' and survey_year = 2024",
    )
    assert (bandung["unemployment_rate_pct"], bandung["change_pp"]) == (
        Decimal("7.40"), Decimal("-1.43"),
    )  # fmt: skip
    assert (bandung["rank_in_province"], bandung["n_ranked"], bandung["n_expected"]) == (8, 27, 27)
    lombok = rows(
        marts,
        "select rank_in_province, n_ranked, n_expected from marts.unemployment "
        "where region_code like '52%' and survey_year = 2018 and is_headline "
        "and region_code <> '5200'",
    )
    assert {tuple(row.values()) for row in lombok} == {(None, 9, 10)}


def test_transfers_of_2021_are_compared_with_2020_only_where_both_were_printed(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (count,) = rows(
        marts,
        "select count(*) as n, count(cut_idr) as n_cut from marts.transfer_cuts "
        "where fiscal_year = 2021 and component = 'dau' and baseline = 'prior_year' "
        "and region_code <> '0000'",
    )
    assert (count["n"], count["n_cut"]) == (541, 382)
