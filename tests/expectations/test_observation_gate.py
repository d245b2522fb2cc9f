"""The observation gate, one break a test: the failure names table, rule and row."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from expectations.gates import observation_gate
from expectations.results import GateResult
from ingest.schema import Members
from tests.expectations import healthy
from tests.expectations.healthy import rate, rates


def gate(folder: Path, rows: list[dict[str, Any]], **others: Any) -> GateResult:
    expect = others.pop("expect", {})
    return observation_gate(
        healthy.inputs(folder, rows, **others), healthy.catalogue(**expect), today=healthy.TODAY
    )


def failed(result: GateResult) -> set[str]:
    return {check.rule for check in result.failures}


def test_healthy_observations_pass(tmp_path: Path) -> None:
    result = gate(tmp_path, rates())
    assert result.message() == f"gate observations: {len(result.checks)} checks passed"
    assert result.outcome == "pass"
    assert len(result.checks) > 30


BREAKS: dict[str, tuple[dict[str, Any], str]] = {
    "a rate of 106": ({"value": 106}, "value_below_maximum"),
    "a negative rate": ({"value": -1}, "value_above_minimum"),
    "another unit": ({"unit": "persons"}, "unit_matches_indicator"),
    "an unknown region": ({"region_code": "9999"}, "region_known"),
    "a code of three digits": ({"region_code": "360"}, "region_code_shape"),
    "an unknown indicator": ({"indicator_id": "luck"}, "indicator_known"),
    "an unknown stage": ({"stage": "rumoured"}, "stage_accepted"),
    "an unknown perimeter": ({"perimeter": "unclear"}, "perimeter_accepted"),
    "an unknown tier": ({"provenance_tier": "hearsay"}, "tier_accepted"),
    "an unknown kind of period": ({"period_kind": "moment"}, "period_kind_known"),
    "a date in the future": ({"published_at": date(2026, 11, 23)}, "not_published_in_the_future"),
    "a period that ends first": ({"period_end": date(2024, 1, 1)}, "period_ends_after_start"),
    "an unexplained gap": ({"value": None}, "gap_is_explained"),
    "a snapshot nobody landed": ({"snapshot_id": "s9"}, "snapshot_known"),
    "one place read twice": ({"locator": "line 3601"}, "place_read_once"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_observation_is_named(name: str, tmp_path: Path) -> None:
    values, rule = BREAKS[name]
    result = gate(tmp_path, [*rates(), {**rate("3604", "7", locator="line 99"), **values}])
    assert result.outcome == "fail"
    assert rule in failed(result)
    (check,) = [check for check in result.failures if check.rule == rule]
    assert check.n_failed == 1
    assert f"observations: {rule} (fail)" in result.message()
    assert "dataset_id=rates" in check.message()


def test_a_missing_value_with_its_status_passes(tmp_path: Path) -> None:
    row = rate("3604", None, locator="line 9", value_text="-", obs_status="O")
    assert gate(tmp_path, [*rates(), row]).outcome == "pass"


def test_too_few_rows_name_the_dataset(tmp_path: Path) -> None:
    result = gate(tmp_path, rates(), expect={"minimum_rows": 3})
    assert failed(result) == {"minimum_rows"}
    assert "dataset_id=rates, n_observations=2, minimum_rows=3" in result.message()


def test_too_many_rejects_show_the_first(tmp_path: Path) -> None:
    reject = {
        "dataset_id": "rates", "snapshot_id": "s1", "locator": "line 4", "raw_value": "106",
        "rule": "out_of_bounds", "message": "106 is above 100",
    }  # fmt: skip
    result = gate(tmp_path, rates(), rejected=[reject])
    assert failed(result) == {"maximum_rejected"}
    assert "line 4: 106 is above 100" in result.message()
    allowed = gate(tmp_path, rates(), rejected=[reject], expect={"maximum_rejected": 1})
    assert allowed.outcome == "pass"


def test_a_region_that_must_report_is_missed(tmp_path: Path) -> None:
    result = gate(tmp_path, rates(), expect={"complete_regions": ("3601", "3600")})
    assert failed(result) == {"expected_region_reports"}
    assert "region_code=3600" in result.message()


def test_bundled_and_live_never_mix(tmp_path: Path) -> None:
    mixed = [healthy.snapshot(), healthy.snapshot("s2", is_sample=False, partition="b")]
    assert "bundled_and_live_never_mixed" in failed(gate(tmp_path, rates(), snapshots=mixed))


class TestWithdrawals:
    """A figure that the newest reply lacks was withdrawn."""

    def compare(self, folder: Path, now: list[dict[str, Any]], **values: Any) -> GateResult:
        expect = values.pop("expect", {})
        before = healthy.inputs(folder / "before", rates())
        later = [{**row, "snapshot_id": "s2"} for row in now]
        snapshots = [healthy.snapshot(), healthy.snapshot("s2", day=2, **values)]
        if values:
            snapshots = snapshots[1:]
        rows = later if values else rates() + later
        after = healthy.inputs(folder / "after", rows, snapshots=snapshots)
        limits = healthy.catalogue(**{"minimum_rows": 1, **expect})
        return observation_gate(after, limits, previous=before, today=healthy.TODAY)

    def test_blocks_and_may_be_approved(self, tmp_path: Path) -> None:
        result = self.compare(tmp_path, rates()[:1])
        (check,) = result.blocking
        assert check.rule == "withdrawals_declared"
        assert check.approvable
        assert "unemployment_rate 3604 2025-08" in result.message()

    def test_passes_where_the_catalogue_declares_it(self, tmp_path: Path) -> None:
        assert (
            self.compare(tmp_path, rates()[:1], expect={"deletions_allowed": 1}).outcome == "pass"
        )

    def test_a_changed_value_is_no_withdrawal(self, tmp_path: Path) -> None:
        changed = [rate("3601", "8"), rate("3604", "7")]
        assert self.compare(tmp_path, changed).outcome == "pass"

    def test_live_figures_in_place_of_bundled_ones_are_no_withdrawal(self, tmp_path: Path) -> None:
        assert self.compare(tmp_path, rates()[:1], is_sample=False).outcome == "pass"


def yearly(values: list[str], region: str = "3604", **others: Any) -> list[dict[str, Any]]:
    """August rounds of one region, the last one in 2025."""
    first = 2026 - len(values)
    return [
        rate(
            region, value, locator=f"{region} {year}", period_label=f"{year}-08",
            period_start=date(year, 8, 1), period_end=date(year, 8, 31), **others,
        )
        for year, value in enumerate(values, first)
    ]  # fmt: skip


class TestHistory:
    """A figure far from its own series is worth a look, and no more than that."""

    def test_lanny_jaya_is_told_and_not_stopped(self, tmp_path: Path) -> None:
        rows = yearly(["92.49", "92.5", "36.65", "95.66"])
        result = gate(tmp_path, rows, expect={"complete_regions": ()})
        (check,) = result.failures
        assert (check.rule, result.outcome) == ("near_its_own_history", "warn")
        assert "value=36.65" in result.message()
        assert check.n_checked == 4

    def test_a_change_of_weights_is_no_excuse(self, tmp_path: Path) -> None:
        rows = yearly(["92.49", "92.5", "36.65", "95.66"])
        for row in rows[:2]:
            row["series_version"] = "revised"
        assert failed(gate(tmp_path, rows, expect={"complete_regions": ()})) == {
            "near_its_own_history"
        }

    def test_the_catalogue_says_how_far_is_far(self, tmp_path: Path) -> None:
        rows = yearly(["92.49", "92.5", "36.65", "95.66"])
        expect = {"complete_regions": (), "history_z": 13}
        assert gate(tmp_path, rows, expect=expect).outcome == "pass"

    def test_three_periods_are_no_history(self, tmp_path: Path) -> None:
        rows = yearly(["92.5", "36.65", "95.66"])
        assert gate(tmp_path, rows, expect={"complete_regions": ()}).outcome == "pass"

    def test_what_was_told_is_not_told_again(self, tmp_path: Path) -> None:
        rows = yearly(["92.49", "92.5", "36.65", "95.66"])
        before = healthy.inputs(tmp_path / "before", rows)
        limits = healthy.catalogue(complete_regions=())
        after = healthy.inputs(tmp_path / "after", rows)
        again = observation_gate(after, limits, previous=before, today=healthy.TODAY)
        assert again.outcome == "pass"
        changed = healthy.inputs(tmp_path / "changed", yearly(["92.49", "92.5", "30", "95.66"]))
        told = observation_gate(changed, limits, previous=before, today=healthy.TODAY)
        assert [check.n_failed for check in told.failures] == [1]


class TestMembers:
    """Members that the catalogue promises are there, or counted and named."""

    PROMISE = Members(of="3600")

    def expect(self, **values: Any) -> dict[str, Any]:
        promise = self.PROMISE.model_copy(update=values)
        return {"minimum_rows": 1, "complete_members": (promise,)}

    def test_all_there(self, tmp_path: Path) -> None:
        assert gate(tmp_path, rates(), expect=self.expect()).outcome == "pass"

    def test_a_missing_one_blocks_and_is_named(self, tmp_path: Path) -> None:
        result = gate(tmp_path, rates()[:1], expect=self.expect())
        assert failed(result) == {"expected_members_report"}
        assert result.outcome == "fail"
        assert "n_reported=1, n_expected=2, missing_allowed=0, missing=3604" in result.message()

    def test_every_regency_of_the_country_is_counted_where_that_is_promised(
        self, tmp_path: Path
    ) -> None:
        expect = self.expect(of="0000", level="regencies")
        assert gate(tmp_path / "whole", rates(), expect=expect).outcome == "pass"
        result = gate(tmp_path / "part", rates()[1:], expect=expect | {"complete_regions": ()})
        assert failed(result) == {"expected_members_report"}
        assert "level=regencies, n_reported=1, n_expected=2" in result.message()
        assert "missing=3601" in result.message()

    def test_a_printed_gap_is_a_report(self, tmp_path: Path) -> None:
        rows = [*rates()[:1], rate("3604", None, obs_status="O", value_text="-")]
        assert gate(tmp_path, rows, expect=self.expect()).outcome == "pass"

    @pytest.mark.parametrize(
        "values", [{"missing_allowed": 1}, {"since": "2026"}, {"indicators": ("poverty_rate",)}]
    )
    def test_what_is_not_promised_is_not_missed(
        self, values: dict[str, Any], tmp_path: Path
    ) -> None:
        assert gate(tmp_path, rates()[:1], expect=self.expect(**values)).outcome == "pass"


def test_a_round_with_fewer_regions_than_the_one_before_warns(tmp_path: Path) -> None:
    rows = yearly(["9", "9.1"]) + yearly(["8", "8.1"], region="3601")[:1]
    result = gate(tmp_path, rows)
    assert failed(result) == {"no_fewer_regions_than_before"}
    assert result.outcome == "warn"
    assert "n_regions=1, previous_period_label=2024-08, n_regions_before=2" in result.message()


@pytest.mark.parametrize(
    ("state", "rule"), [("is_late", "nothing_is_late"), ("is_failing", "nothing_is_failing")]
)
def test_late_and_failing_datasets_warn(state: str, rule: str, tmp_path: Path) -> None:
    result = gate(tmp_path, rates(), **{state: True})
    assert failed(result) == {rule}
    assert result.outcome == "warn"


def test_a_missing_input_is_an_error_of_every_check_that_reads_it(tmp_path: Path) -> None:
    healthy.inputs(tmp_path, rates())
    (tmp_path / "observations.parquet").unlink()
    result = observation_gate(tmp_path, healthy.catalogue(), today=healthy.TODAY)
    assert result.outcome == "fail"
    assert "could not run" in result.message()
    assert "observations" in result.message()


def test_the_report_and_the_failing_rows_are_kept(tmp_path: Path) -> None:
    rows = [rate(f"{code}", "5", locator=f"l{code}") for code in range(1000, 3200)]
    result = gate(tmp_path / "inputs", rates() + rows)
    result.write(tmp_path / "quality")
    report = json.loads((tmp_path / "quality" / "observations.json").read_text())
    assert report["outcome"] == "fail"
    (check,) = [check for check in report["checks"] if check["rule"] == "region_known"]
    assert check["n_failed"] == 2200
    with (tmp_path / "quality" / "observations.failures.csv").open(newline="") as file:
        kept = list(csv.DictReader(file))
    assert len(kept) == 1000
    assert json.loads(kept[0]["row"])["region_code"] == "1000"
    assert kept[0]["rule"] == "region_known"


def test_pages_are_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("expectations.runner.PAGE_ROWS", 2048)
    rows = [rate("3604", "106", locator=f"l{n}") for n in range(5000)]
    result = gate(tmp_path, rates() + rows)
    (check,) = [check for check in result.failures if check.rule == "value_below_maximum"]
    assert (check.n_checked, check.n_failed) == (5002, 5000)
