"""What the transfer marts say, on every bundled figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from tests.dbt.bundled import warehouse
from tests.dbt.conftest import Build, Fixture, claim, rows

BILLION = 10**9

#: Build what the mart needs and no more, with the tests of just that.
ONLY = ("--select", "+transfer_cuts", "--indirect-selection", "cautious")


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def cuts(marts: duckdb.DuckDBPyConnection, *key: object) -> list[dict[str, object]]:
    return rows(
        marts,
        """
        select * from marts.transfer_cuts
        where region_code = ? and fiscal_year = ? and component = ?
        order by is_headline desc, baseline, basis
        """,
        *key,
    )


def test_kota_serang_shows_all_four_claims_of_its_total_cut_and_that_they_conflict(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = rows(
        marts,
        """
        select claimant, claimed_at, amount_idr from marts.transfer_claims
        where region_code = '3673' and fiscal_year = 2026 and component = 'total'
        order by claimed_at
        """,
    )
    assert [tuple(row.values()) for row in told] == [
        ("Wali Kota Serang", date(2025, 10, 2), 186 * BILLION),
        ("Wali Kota Serang", date(2025, 10, 16), 216 * BILLION),
        ("BPKAD Kota Serang", date(2025, 11, 9), 186 * BILLION),
        ("Sekda Kota Serang", date(2025, 11, 28), 186_400_000_000),
    ]
    leading, computed = cuts(marts, "3673", 2026, "total")
    assert leading["cut_idr"] == 186_400_000_000
    assert (leading["basis"], leading["n_claims"], leading["has_conflict"]) == ("reported", 4, True)
    assert (computed["basis"], computed["cut_idr"]) == ("none", None)
    assert computed["reason"] == "no_prior_year"


def test_a_claim_about_dau_alone_stays_out_of_the_total(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (leading, *_) = cuts(marts, "3673", 2026, "dau")
    assert (leading["cut_idr"], leading["n_claims"]) == (185 * BILLION, 1)
    assert leading["has_conflict"] is False


def test_a_draft_against_an_allocation_stands_beside_the_report(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    reported, computed = cuts(marts, "3601", 2026, "total")
    assert (reported["basis"], reported["cut_idr"]) == ("reported", 136_900_000_000)
    assert reported["share_of_revenue_pct"] == Decimal("4.837456")
    assert reported["own_revenue_reason"] == "no_enacted_own_revenue_prior_year"
    assert (computed["basis"], computed["cut_idr"]) == ("allocations", 136_925_809_000)
    assert computed["reason"] == "stages_differ"
    assert computed["cut_pct"] == Decimal("5.885473")


def test_an_amount_rounded_coarser_than_the_report_gives_way(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    told = {(row["baseline"], row["basis"]): row for row in cuts(marts, "3672", 2026, "total")}
    assert told["prior_year", "reported"]["is_headline"] is True
    assert told["prior_year", "reported"]["cut_idr"] == 312 * BILLION
    assert told["prior_year", "allocations"]["reason"] == "coarser_than_report"
    assert told["projection", "allocations"]["prior_stage"] == "projection"


def test_fine_allocations_of_both_years_lead(marts: duckdb.DuckDBPyConnection) -> None:
    (row,) = cuts(marts, "3672", 2026, "dau")
    assert row["is_headline"] is True
    assert row["cut_idr"] == 659_411_678_000 - 535_007_230_000
    assert (row["denominator_year"], row["cut_per_capita_idr"]) == (2025, 257_558)


def test_own_revenue_would_have_to_grow_by_what_was_cut(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    (row, *_) = cuts(marts, "3671", 2026, "total")
    assert (row["baseline"], row["cut_idr"]) == ("prior_year", 427 * BILLION)
    assert row["own_revenue_idr"] == 3_135 * BILLION
    assert row["own_revenue_growth_needed_pct"] == Decimal("13.620415")


def test_a_cut_within_the_year_is_its_own_baseline(marts: duckdb.DuckDBPyConnection) -> None:
    told = {row["baseline"]: row["cut_idr"] for row in cuts(marts, "3604", 2025, "total")}
    assert told["same_year_before_cut"] == 22_500_000_000
    assert told["prior_year"] is None


def test_a_component_leads_at_most_once(marts: duckdb.DuckDBPyConnection) -> None:
    assert not rows(
        marts,
        """
        select 1 from marts.transfer_cuts where is_headline
        group by region_code, fiscal_year, component having count(*) > 1
        """,
    )


def test_every_headline_cut_leads_to_its_claims(marts: duckdb.DuckDBPyConnection) -> None:
    assert not rows(
        marts,
        """
        select 1 from marts.transfer_cuts as cuts
        where cut_idr is not null and not exists (
            select 1 from intermediate.int_lineage__transfer_cuts as lineage
            inner join marts.observation_history using (obs_id)
            where lineage.column_name = 'cut_idr' and lineage.row_key = concat_ws(
                '|', cuts.region_code, cuts.fiscal_year, cuts.component, cuts.baseline, cuts.basis
            )
        )
        """,
    )


def test_amounts_of_two_stages_or_perimeters_make_no_headline(build: Build) -> None:
    def amount(code: str, year: int, value: str, stage: str, perimeter: str) -> dict[str, object]:
        return claim(
            "transfer_total", code, value, unit="idr", precision=Decimal(1), stage=stage,
            perimeter=perimeter, period_start=date(year, 1, 1), period_end=date(year, 12, 31),
            period_label=str(year), period_kind="flow",
        )  # fmt: skip

    marts = build(Fixture([
        amount("3604", 2025, "1000", "allocation", "own_government"),
        amount("3604", 2026, "900", "allocation", "own_government"),
        amount("3601", 2025, "1000", "allocation", "own_government"),
        amount("3601", 2026, "900", "draft", "own_government"),
        amount("3600", 2025, "1000", "allocation", "all_governments"),
        amount("3600", 2026, "900", "allocation", "own_government"),
    ]), *ONLY)  # fmt: skip
    told = rows(
        marts,
        """
        select region_code, cut_idr, is_headline, reason from marts.transfer_cuts
        where fiscal_year = 2026 order by region_code
        """,
    )
    assert [tuple(row.values()) for row in told] == [
        ("3600", None, False, "no_prior_year"),
        ("3601", 100, False, "stages_differ"),
        ("3604", 100, True, None),
    ]
