"""Figures that come, change and go are counted; undeclared deletions block."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lumbung.settings import Settings
from release import build, diff
from tests.release import workbench

OLD = "20260101T000000Z-aaaaaaaa"
NEW = "20260102T000000Z-bbbbbbbb"

BEFORE = [
    workbench.figure("3601", 9.05),
    workbench.figure("3604", 9.18),
    workbench.figure("3671", 5.92, indicator_id="participation_rate"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = workbench.home(tmp_path)
    workbench.candidate(settings, OLD, BEFORE)
    build.publish(settings, OLD)
    return settings


def compare(settings: Settings, figures: list[dict[str, object]], **allowed: int) -> diff.Diff:
    folder = workbench.candidate(settings, NEW, figures, against=OLD)
    limits = {name: diff.Limits(deletions_allowed=count) for name, count in allowed.items()}
    return diff.compare(settings.releases / OLD, folder, limits, keep=folder / "diff.parquet")


def test_the_first_release_has_only_added_figures(settings: Settings) -> None:
    folder = workbench.candidate(settings, NEW, BEFORE)
    found = diff.compare(None, folder, {})
    assert found.against is None
    assert found.totals == {
        "n_added": 3, "n_changed": 0, "n_deleted": 0, "n_replaced_by_live": 0,
    }  # fmt: skip
    assert found.outcome == "pass"


def test_figures_are_counted_by_dataset_and_indicator(settings: Settings) -> None:
    after = [workbench.figure("3601", 9.5), *BEFORE[1:], workbench.figure("3672", 7.25)]
    found = compare(settings, after)
    assert found.outcome == "pass"
    assert [
        (g.dataset_id, g.indicator_id, g.n_before, g.n_after, g.n_added, g.n_changed, g.n_deleted)
        for g in found.groups
    ] == [
        ("rates", "participation_rate", 1, 1, 0, 0, 0),
        ("rates", "unemployment_rate", 2, 3, 1, 1, 0),
    ]
    assert [(c["old_value"], c["new_value"]) for c in found.changed] == [("9.050000", "9.500000")]
    kept = pq.read_table(settings.candidates / NEW / "diff.parquet")
    assert sorted(kept.column("kind").to_pylist()) == ["added", "changed"]


def test_a_newer_series_version_is_a_change_and_no_deletion(settings: Settings) -> None:
    after = [workbench.figure("3601", 9.05, series_version="v2"), *BEFORE[1:]]
    assert compare(settings, after).totals == {
        "n_added": 0, "n_changed": 1, "n_deleted": 0, "n_replaced_by_live": 0,
    }  # fmt: skip


def test_an_undeclared_deletion_blocks_and_names_the_figure(settings: Settings) -> None:
    found = compare(settings, BEFORE[:1] + BEFORE[2:])
    assert found.outcome == "fail"
    (blocked,) = found.blocked
    assert (blocked.dataset_id, blocked.n_deleted, blocked.deletions_allowed) == ("rates", 1, 0)
    assert "unemployment_rate|3604|2025-08" in blocked.message()
    assert "lost 1 figures, its catalogue file allows 0" in blocked.message()
    assert "more)" not in blocked.message()
    assert diff.Blocked("rates", 3, 0, ("a", "b"), "d").message().endswith(": a; b (and 1 more)")


def test_a_deletion_that_the_catalogue_declares_passes(settings: Settings) -> None:
    assert compare(settings, BEFORE[:1] + BEFORE[2:], rates=1).outcome == "pass"
    assert compare(settings, BEFORE[:1], rates=1).outcome == "fail"


def test_other_deletions_have_another_digest(settings: Settings) -> None:
    (one,) = compare(settings, BEFORE[:1] + BEFORE[2:]).blocked
    (other,) = compare(settings, BEFORE[1:]).blocked
    assert one.digest != other.digest


def test_bundled_figures_replaced_by_live_ones_are_no_deletion(settings: Settings) -> None:
    folder = workbench.candidate(settings, NEW, BEFORE[:1], against=OLD)
    workbench.snapshots(
        folder / "inputs", [{"dataset_id": "rates", "snapshot_id": "s1", "is_sample": False}]
    )
    found = diff.compare(settings.releases / OLD, folder, {})
    assert found.totals == {
        "n_added": 0, "n_changed": 0, "n_deleted": 0, "n_replaced_by_live": 2,
    }  # fmt: skip
    assert found.replaced_datasets == ("rates",)
    assert found.outcome == "pass"


def test_live_figures_that_would_be_replaced_by_bundled_ones_are_deletions(
    settings: Settings,
) -> None:
    live = [{"dataset_id": "rates", "snapshot_id": "s1", "is_sample": False}]
    workbench.snapshots(settings.releases / OLD / "inputs", live)
    found = compare(settings, BEFORE[:1])
    assert found.replaced_datasets == ()
    assert (found.totals["n_deleted"], found.outcome) == (2, "fail")


def test_live_figures_never_make_way_for_equal_bundled_ones_unapproved(settings: Settings) -> None:
    live = [{"dataset_id": "rates", "snapshot_id": "s1", "is_sample": False}]
    workbench.snapshots(settings.releases / OLD / "inputs", live)
    found = compare(settings, BEFORE, rates=99)
    assert (found.totals["n_deleted"], found.totals["n_changed"], found.outcome) == (0, 0, "fail")
    (blocked,) = found.blocked
    assert (blocked.n_deleted, blocked.makes_way_for_bundled) == (3, True)
    assert "its 3 live figures would make way for bundled ones" in blocked.message()


def many(value: float) -> list[dict[str, object]]:
    return [workbench.figure(f"{3600 + n}", value) for n in range(20)]


@pytest.mark.parametrize(
    ("pct", "outcome"), [(29.0, "warn"), (30.0, "pass")], ids=["beyond", "within"]
)
def test_a_large_revision_warns_and_never_blocks(
    pct: float, outcome: str, settings: Settings, tmp_path: Path
) -> None:
    old = workbench.candidate(settings, "20260103T000000Z-cccccccc", many(5.0))
    new = workbench.candidate(settings, NEW, many(6.0)[:6] + many(5.0)[6:])
    found = diff.compare(old, new, {"rates": diff.Limits(changes_warn_pct=pct)})
    assert found.outcome == outcome
    assert [r.message() for r in found.revised if "6 of 20 figures changed" in r.message()] == [
        r.message() for r in found.revised
    ]


def test_the_list_of_differences_names_each_figure_by_its_parts(settings: Settings) -> None:
    compare(settings, [workbench.figure("3601", 9.5), *BEFORE[1:2]])
    rows = pq.read_table(settings.candidates / NEW / "diff.parquet").to_pylist()
    found = {(r["kind"], r["region_code"], str(r["old_value"]), str(r["new_value"])) for r in rows}
    assert found == {
        ("changed", "3601", "9.050000", "9.500000"),
        ("deleted", "3671", "5.920000", "None"),
    }
    assert list(rows[0]) == list(diff.COLUMNS)


def test_setting_aside_what_is_the_same_changes_nothing_of_what_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    same = [workbench.figure(f"36{n:02}", n / 7) for n in range(10)]
    twice = [workbench.figure("3699", value) for value in (1, 1, 2)]
    before = [
        *same, *twice,
        workbench.figure("3671", 3, unit=None),
        workbench.figure("3672", 4, unit="percent|v1", series_version="v2"),
        workbench.figure("3673", 5, dataset_id="others"),
        workbench.figure("3674", None),
        workbench.figure("3675", 6),
    ]  # fmt: skip
    after = [
        *same[1:], *twice[1:],
        workbench.figure("3671", 3, unit=""),
        workbench.figure("3672", 4, series_version="v1|v2"),
        workbench.figure("3673", 5),
        workbench.figure("3674", 0),
        workbench.figure("3675", 6, category=None),
    ]  # fmt: skip
    settings = workbench.home(tmp_path)
    workbench.candidate(settings, OLD, before)
    build.publish(settings, OLD)
    kept = settings.candidates / NEW / "diff.parquet"
    quick = compare(settings, after)
    listed = pq.read_table(kept)
    monkeypatch.setattr(diff, "_set_aside", lambda con, *_: con.execute(diff._NOTHING_THE_SAME))
    slow = compare(settings, after)
    assert quick == slow
    assert listed == pq.read_table(kept)
    assert quick.totals == {
        "n_added": 1, "n_changed": 4, "n_deleted": 3, "n_replaced_by_live": 0,
    }  # fmt: skip
    assert sum(group.n_before for group in quick.groups) == len(before)
    assert sum(group.n_after for group in quick.groups) == len(after)
