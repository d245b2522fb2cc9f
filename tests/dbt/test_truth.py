"""What the warehouse says about statements and sums, on every bundled figure and on a few."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import Build, Fixture, claim, rows

BILLION = 10**9


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def statement(marts: duckdb.DuckDBPyConnection, name: str) -> dict[str, object]:
    (row,) = rows(marts, "select * from marts.statement_checks where statement_id = ?", name)
    return row


@pytest.mark.parametrize(
    ("name", "verdict", "reason", "found"),
    [
        ("turnout_banten_rose_2024", "supported", None, "4.03"),
        ("turnout_banten_66_05", "contradicted", None, "66.185725"),
        ("turnout_kota_tangerang_58", "supported", None, "58.231144"),
        ("turnout_lebak_missed_target", "supported", None, "66"),
        ("unemployment_kabupaten_serang_rose_2022", "not_testable", "no_standard_error", "0.03"),
        ("unemployment_rate_banten_fell_during_2025", "not_testable", "rounds_differ", "-0.06"),
        ("unemployed_banten_fell_2400", "supported", None, "-2390"),
        ("informal_share_kabupaten_serang_rose_5_points", "not_testable", "no_figure", None),
        ("transfer_cut_kota_serang_186", "not_testable", "claims_only", "186400000000"),
        ("transfer_cut_kota_serang_216", "not_testable", "claims_only", "186400000000"),
        ("transfer_cut_pandeglang_136_9", "supported", None, "-136925809000"),
        ("transfer_cut_cilegon_312", "contradicted", None, "-308719596000"),
        ("transfer_total_cilegon_780", "contradicted", None, "784523143000"),
        ("transfer_total_cilegon_784", "supported", None, "784523143000"),
        ("stunting_kota_serang_survey_fell", "not_testable", "series_differ", "-16.3"),
        ("own_revenue_kota_serang_600_billion", "not_testable", "no_figure", None),
    ],
)
def test_verdicts(
    marts: duckdb.DuckDBPyConnection,
    name: str,
    verdict: str,
    reason: str | None,
    found: str | None,
) -> None:
    row = statement(marts, name)
    assert (row["verdict"], row["reason"]) == (verdict, reason)
    assert row["found_value"] == (None if found is None else Decimal(found))


def test_a_disputed_claim_shows_all_four_claims_as_evidence(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    row = statement(marts, "transfer_cut_kota_serang_186")
    assert row["said_at"] == date(2025, 10, 2)
    told = rows(
        marts,
        """
        select value from marts.observation_history
        where obs_id in (select unnest(string_split(?, ','))) order by published_at
        """,
        row["evidence_obs_ids"],
    )
    assert [int(one["value"]) for one in told] == [
        186 * BILLION, 216 * BILLION, 186 * BILLION, 186_400_000_000,
    ]  # fmt: skip


def test_every_statement_has_its_source_and_speaks_of_an_office(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(marts, "select * from marts.statement_checks")
    assert len(told) >= 20
    assert all(row["source_id"] for row in told)
    assert {row["verdict"] for row in told} == {"supported", "contradicted", "not_testable"}
    assert not rows(
        marts,
        """
        select claimant from marts.statement_checks
        where claimant not in (select claimant from marts.observation_history)
        """,
    )


def _rates(first: str, second: str, error: str | None) -> list[dict[str, object]]:
    def rate(year: int, value: str) -> dict[str, object]:
        return claim(
            "unemployment_rate", "3604", value, standard_error=error and Decimal(error),
            period_start=date(year, 8, 1), period_end=date(year, 8, 31),
            period_label=f"{year}-08",
        )  # fmt: skip

    return [rate(2021, first), rate(2022, second)]


@pytest.mark.parametrize(
    ("first", "error", "verdict", "reason"),
    [
        ("10.58", "0.70", "not_testable", "within_sampling_error"),
        ("7.00", "0.70", "supported", None),
        ("13.00", "0.70", "contradicted", None),
        ("7.00", None, "not_testable", "no_standard_error"),
    ],
)
def test_a_verdict_on_a_survey_needs_standard_errors(
    build: Build, first: str, error: str | None, verdict: str, reason: str | None
) -> None:
    marts = build(
        Fixture(_rates(first, "10.61", error)),
        "--select", "+statement_checks", "--indirect-selection", "cautious",
        "--exclude", "resource_type:unit_test",
    )  # fmt: skip
    row = statement(marts, "unemployment_kabupaten_serang_rose_2022")
    assert (row["verdict"], row["reason"]) == (verdict, reason)


@pytest.mark.parametrize(
    ("identity", "region", "scope", "residual"),
    [
        ("transfers_are_dau_dbh_and_dak", "3672", "one_source", -4_003_000_000),
        ("own_revenue_is_its_four_parts", "3673", "one_source", 10_000_000),
        ("own_revenue_is_its_four_parts", "3671", "one_source", -38_114_000_000),
        ("votes_cast_are_valid_and_invalid", "3601", "headlines", -9_930),
    ],
)
def test_what_does_not_close_is_listed_with_its_residual(
    marts: duckdb.DuckDBPyConnection, identity: str, region: str, scope: str, residual: int
) -> None:
    (row,) = rows(
        marts,
        "select * from marts.contradictions where identity_id = ? and region_code = ?",
        identity, region,
    )  # fmt: skip
    assert (row["scope"], row["residual"]) == (scope, residual)
    assert row["is_declared"]
    assert row["reason_id"] != row["reason_en"]


def test_a_declared_correction_hides_no_contradiction(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = rows(
        marts,
        """
        select stated_value, closes_after_correction from marts.contradictions
        where identity_id = 'transfers_are_dau_dbh_and_dak' and region_code = '3672'
        """,
    )
    assert row == {"stated_value": 780_520_143_000, "closes_after_correction": True}


def test_sums_that_close_were_looked_at(marts: duckdb.DuckDBPyConnection) -> None:
    told = rows(
        marts,
        """
        select identity_id, count(*) as n from intermediate.int_identities__checked
        where closes group by identity_id
        """,
    )
    closing = {row["identity_id"]: row["n"] for row in told}
    assert closing["labour_force_is_employed_and_unemployed"] >= 10
    assert closing["unemployment_rate_is_unemployed_over_labour_force"] >= 15
    assert closing["transfers_are_their_components"] >= 300


def _persons(employed: str) -> list[dict[str, object]]:
    values = {"labour_force": "1000", "employed": employed, "unemployed": "100"}
    return [
        claim(name, "3604", value, unit="persons", precision=Decimal(10))
        for name, value in values.items()
    ]


def test_headlines_of_two_sources_that_do_not_close_are_listed_and_stop_nothing(
    build: Build,
) -> None:
    labour_force, employed, unemployed = _persons("930")
    marts = build(
        Fixture([labour_force, {**employed, "source_id": "another"}, unemployed]),
        "--select", "+contradictions", "persons_of_the_labour_force_add_up",
        "--indirect-selection", "cautious", "--exclude", "resource_type:unit_test",
    )  # fmt: skip
    found = rows(marts, "select scope, n_sources, is_declared from marts.contradictions")
    assert [tuple(row.values()) for row in found] == [("headlines", 2, False)]


@pytest.mark.parametrize(("employed", "n"), [("900", 0), ("910", 0), ("930", 1)])
def test_a_sum_may_miss_by_what_rounding_explains_and_no_more(
    build: Build, employed: str, n: int
) -> None:
    """Three figures rounded to ten: fifteen persons at most."""
    marts = build(
        Fixture(_persons(employed)),
        "--select", "+contradictions", "--indirect-selection", "cautious",
        "--exclude", "resource_type:unit_test", "test_type:singular",
    )  # fmt: skip
    assert len(rows(marts, "select 1 from marts.contradictions")) == n
