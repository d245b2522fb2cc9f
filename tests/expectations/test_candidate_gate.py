"""The candidate gate, one break a test: the failure names table, rule and row."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from expectations import gates, suites
from expectations.gates import candidate_gate
from expectations.results import CheckResult
from expectations.runner import Runner
from tests.expectations import healthy


def test_healthy_marts_pass(tmp_path: Path) -> None:
    result = candidate_gate(healthy.warehouse(tmp_path), today=healthy.TODAY)
    assert result.message() == f"gate candidate: {len(result.checks)} checks passed"
    assert len(result.checks) > 60


#: What is broken, the suite that sees it, and the rule it is called by.
BREAKS: dict[str, tuple[str, str]] = {
    "update unemployment set unemployment_rate_pct = 106": (
        "unemployment_rows", "rate_between_0_and_100"),
    "update unemployment set participation_rate_pct = -1": (
        "unemployment_rows", "participation_between_0_and_100"),
    "update unemployment set unemployed_persons = 1001": (
        "unemployment_rows", "unemployed_within_labour_force"),
    "update unemployment set employed_persons = 1001": (
        "unemployment_rows", "employed_within_labour_force"),
    "update unemployment set unemployed_persons = 50": (
        "unemployment_rows", "rate_fits_the_persons"),
    "update unemployment set rank_in_province = 3": ("unemployment_rows", "rank_within_ranked"),
    "update unemployment set rank_in_province = 0": ("unemployment_rows", "rank_from_1"),
    "update unemployment set survey_month = 13": ("unemployment_rows", "month_is_a_month"),
    "update unemployment set region_code = '9999'": ("unemployment_rows", "region_exists"),
    "insert into unemployment from unemployment": ("unemployment_grain", "grain_is_unique"),
    "update unemployment set change_pp = 0.2 where change_pp is not null": (
        "unemployment_changes", "change_is_twelve_months_of_one_series"),
    "update unemployment set change_pp = 0.1 where region_code = '3604'": (
        "unemployment_changes", "change_is_twelve_months_of_one_series"),
    "update unemployment_breakdown set breakdown = 'colour'": (
        "unemployment_breakdown_rows", "breakdown_known"),
    "update transfer_cuts set cut_idr = 201": ("transfer_cuts_rows", "cut_is_prior_minus_amount"),
    "update transfer_cuts set cut_pct = 21": ("transfer_cuts_rows", "cut_pct_fits"),
    "update transfer_cuts set own_revenue_growth_needed_pct = 51": (
        "transfer_cuts_rows", "own_revenue_growth_fits"),
    "update transfer_cuts set basis = 'none'": ("transfer_cuts_rows", "no_basis_no_cut"),
    "update transfer_cuts set amount_idr = -1": ("transfer_cuts_rows", "amount_not_negative"),
    "update transfer_cuts set baseline = 'last_week'": ("transfer_cuts_rows", "baseline_known"),
    "update transfer_claims set obs_id = 'gone'": ("transfer_claims_rows", "claim_is_in_history"),
    "update transfer_claims set claimed_at = date '2027-01-01'": (
        "transfer_claims_rows", "not_claimed_in_the_future"),
    "update program_spend set budget_idr = 1001": (
        "program_spend_totals", "adds_up_to_the_rupiah"),
    "delete from program_spend": ("program_spend_totals", "adds_up_to_the_rupiah"),
    "update program_spend set theme = 'luck'": ("program_spend_rows", "theme_known"),
    "update program_spend set share_of_budget_pct = 101": (
        "program_spend_rows", "share_between_0_and_100"),
    "update observations set value = 106": ("observations_rows", "value_below_maximum"),
    "update observations set unit = 'idr'": ("observations_rows", "unit_matches_indicator"),
    "update observations set region_code = '9999'": ("observations_rows", "region_exists"),
    "update observations set source_id = 'x'": ("observations_rows", "source_exists"),
    "update observations set indicator_id = 'x'": ("observations_rows", "indicator_exists"),
    "delete from observation_history": ("observations_rows", "headline_is_in_history"),
    "update observations set has_conflict = true": ("observations_rows", "conflict_has_a_kind"),
    "update observations set known_at = date '2027-01-01'": (
        "observations_rows", "not_known_in_the_future"),
    "insert into observations from observations": ("observations_grain", "grain_is_unique"),
    "delete from observation_history where region_code = '3601'": ("counts", "no_claim_is_lost"),
    "update observation_history set correction_role = 'corrected' where region_code = '3601'": (
        "counts", "no_claim_is_lost",
    ),
    "insert into rejected values ('rates')": ("counts", "no_rejected_item_is_lost"),
    "insert into publication values ('two')": ("publication", "publication_has_one_row"),
    "delete from publication": ("publication", "publication_has_one_row"),
    "update dim_region set region_code = '36.04' where region_code = '3604'": (
        "dim_region_rows", "region_code_shape"),
    "update dim_region set parent_region_code = '9999' where region_code = '3604'": (
        "dim_region_rows", "parent_exists"),
    "insert into dim_region select * replace ('x' as region_id) from dim_region limit 1": (
        "dim_region_rows", "code_names_one_region_today"),
    "delete from dim_region where region_code = '4001'": ("dim_region_counts", "provinces_38"),
    "delete from dim_region where region_code = '5001'": ("dim_region_counts", "regencies_514"),
    "update mart_lineage set obs_id = 'gone'": ("mart_lineage_rows", "observation_exists"),
    "update fetch_outcomes set outcome = 'fine'": ("fetch_outcomes_rows", "outcome_known"),
    "update transfer_cuts set region_code = '9999'": ("references", "what_is_named_exists"),
    "update observation_history set snapshot_id = 's9'": ("references", "what_is_named_exists"),
}  # fmt: skip

#: A province of two regencies that report 100 and 50; the rest of the country does not.
WHOLE = """
delete from dim_region where region_code like '5%';
create temp table one as from observations where region_code = '3604' limit 1;
insert into observations
select one.* replace (
    t.region as region_code, t.amount as value, '{unit}' as unit, t.perimeter as perimeter,
    '{indicator}' as indicator_id, 0 as precision)
from one, (values {figures}) as t (region, amount, perimeter);
"""


def whole(indicator: str, unit: str, *figures: tuple[str, int, str]) -> str:
    return WHOLE.format(indicator=indicator, unit=unit, figures=", ".join(map(str, figures)))


AREAS = (("3601", 100, "area"), ("3604", 50, "area"))
GOVERNMENTS = (
    ("3600", 30, "own_government"), ("3601", 100, "own_government"),
    ("3604", 50, "own_government"),
)  # fmt: skip
IDR = ("transfer_total", "idr")
ALL = "all_governments"

#: Suite, marts, how many totals were held against their members, and how many failed.
SUMS: dict[str, tuple[str, str, int, int]] = {
    "an area of its members": (
        "sums_of_areas", whole("poor", "persons", *AREAS, ("3600", 150, "area")), 1, 0),
    "an area that is not": (
        "sums_of_areas", whole("poor", "persons", *AREAS, ("3600", 160, "area")), 1, 1),
    "an area with a missing member": (
        "sums_of_areas", whole("poor", "persons", AREAS[0], ("3600", 160, "area")), 0, 0),
    "an area against governments": (
        "sums_of_areas", whole(*IDR, *GOVERNMENTS, ("3600", 500, "area")), 0, 0),
    "an area that split later": (
        "sums_of_areas",
        whole("poor", "persons", *AREAS, ("3600", 160, "area"))
        + "insert into region_lineage values ('r3600', 'r4001', date '2026-01-01', 'split')", 0, 0),
    "a rate between its members": (
        "rates_of_areas", whole("poverty_rate", "percent", *AREAS, ("3600", 60, "area")), 1, 0),
    "a rate above them all": (
        "rates_of_areas", whole("poverty_rate", "percent", *AREAS, ("3600", 101, "area")), 1, 1),
    "all governments": (
        "sums_of_governments", whole(*IDR, *GOVERNMENTS, ("3600", 180, ALL)), 1, 0),
    "all governments, the provincial one forgotten": (
        "sums_of_governments", whole(*IDR, *GOVERNMENTS, ("3600", 150, ALL)), 1, 1),
    "all governments, one unknown": (
        "sums_of_governments", whole(*IDR, *GOVERNMENTS[1:], ("3600", 150, ALL)), 0, 0),
    "all governments against areas": (
        "sums_of_governments", whole(*IDR, *AREAS, ("3600", 180, ALL)), 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMS)
def test_totals_are_held_against_all_of_their_own_kind(
    name: str, tmp_path: Path, runner: Runner
) -> None:
    suite, broken, n_checked, n_failed = SUMS[name]
    checks = run(healthy.warehouse(tmp_path, broken), runner, suite)
    assert {check.severity for check in checks} == {"warn"}
    assert [check.error for check in checks if check.error] == []
    assert {check.n_checked for check in checks} == {n_checked}
    assert sum(check.n_failed for check in checks) == n_failed


@pytest.fixture(scope="module")
def runner() -> Runner:
    return gates._runner()


def run(path: Path, runner: Runner, name: str) -> list[CheckResult]:
    """Run one suite of the candidate gate, as the gate does."""
    (suite,) = [suite for suite in suites.load("candidate") if suite.suite == name]
    with duckdb.connect() as connection:
        gates._open_candidate(connection, path, path.parent / "inputs", healthy.TODAY)
        return runner.run(connection, suite)


@pytest.mark.parametrize("broken", BREAKS)
def test_a_broken_mart_is_named(broken: str, tmp_path: Path, runner: Runner) -> None:
    suite, rule = BREAKS[broken]
    checks = run(healthy.warehouse(tmp_path, broken), runner, suite)
    (check,) = [check for check in checks if check.rule == rule]
    assert not check.passed
    assert check.error is None
    assert check.n_failed >= 1
    assert rule in check.message()
    assert "=" in check.message()


def test_a_warning_alone_does_not_block(tmp_path: Path) -> None:
    broken = "update unemployment set unemployed_persons = 50"
    result = candidate_gate(healthy.warehouse(tmp_path, broken), today=healthy.TODAY)
    assert result.outcome == "warn"
    assert [check.rule for check in result.failures] == ["rate_fits_the_persons"]
    assert result.blocking == []


def test_a_missing_mart_and_a_missing_column_fail_by_name(tmp_path: Path) -> None:
    broken = "drop table mart_lineage; alter table unemployment drop column n_ranked"
    result = candidate_gate(healthy.warehouse(tmp_path, broken), today=healthy.TODAY)
    assert result.outcome == "fail"
    assert "mart_lineage" in result.message()
    assert "n_ranked" in result.message()


def test_exact_values_are_shown_not_floats(tmp_path: Path, runner: Runner) -> None:
    broken = "update transfer_cuts set cut_idr = 9007199254740993, prior_amount_idr = 1"
    checks = run(healthy.warehouse(tmp_path, broken), runner, "transfer_cuts_rows")
    (check,) = [check for check in checks if check.rule == "cut_is_prior_minus_amount"]
    assert "cut_idr=9007199254740993" in check.message()
