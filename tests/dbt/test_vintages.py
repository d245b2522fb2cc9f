"""Figures that change at their source, from the replica's replies to the marts, nothing in between.

The source restates a figure twice, takes a restatement back, drops a figure, prints a zero, and
comes to send its windows in halves. Every step is a fetch of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest import inputs
from ingest.harvest import harvest
from ingest.landing import Landing
from tests.dbt.conftest import rows, run_dbt
from tests.ingest.world import KEY, World
from tests.replicas.bps import Replica, sample

MODELS = ("+revisions", "+observation_history", "+observations")


def fetch_of(world: World, partition: str, number: int) -> tuple[str, datetime]:
    """Return the snapshot and moment of a partition's n-th kept fetch."""
    kept = [f for f in Landing(world.settings.landing).fetches() if f.is_kept]
    fetch = [f for f in kept if f.partition == partition][number]
    return fetch.sha256, fetch.fetched_at.astimezone(UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("vintages")
    world = World(folder)
    world.add_rate()
    variables = sample()
    cells = variables[0].cells
    with pytest.MonkeyPatch.context() as patch, Replica(variables, keys=[KEY]) as replica:
        patch.setenv("LUMBUNG_BPS_URL", replica.url)
        patch.setenv("LUMBUNG_BPS_KEY", KEY)

        def fetch(outcome: str = "ok") -> None:
            assert {report.outcome for report in harvest("bps", world.settings)} == {outcome}

        fetch()
        cells[3604, "0", 2020, 190] = 10.61
        cells[3602, "0", 2019, 190] = 0.0
        del cells[3601, "0", 2022, 190]
        before, cells[3600, "0", 2024, 190] = cells[3600, "0", 2024, 190], 6.99
        fetch()
        cells[3600, "0", 2024, 190] = before
        fetch("unchanged")  # bytes that landed before, though another reply stood in between
        cells[3604, "0", 2020, 190] = 10.66
        first, cells[3602, "0", 2018, 190] = cells[3602, "0", 2018, 190], 9.99
        replica.cell_limit = 10
        fetch()
        cells[3602, "0", 2018, 190] = first
        replica.cell_limit = 200_000
        fetch()  # whole windows again: one figure has gone back, one keeps its last value
        inputs.write(world.settings, folder / "inputs")
    selected = [part for model in MODELS for part in ("--select", model)]
    leave_out = [
        part for kind in ("test", "unit_test") for part in ("--exclude-resource-type", kind)
    ]
    said = run_dbt(folder, folder / "inputs", "build", *selected, *leave_out)
    assert said.returncode == 0, said.stdout[-4000:]
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as warehouse:
        yield world, warehouse


def history(warehouse: duckdb.DuckDBPyConnection, region: str, year: int) -> list[dict[str, Any]]:
    return rows(
        warehouse,
        "select value, value_text, is_current, withdrawn_at, relation, is_printed_zero, obs_status "
        "from marts.observation_history where region_code = ? and period_label = ? "
        "order by value",
        region,
        f"{year}-08",
    )


def test_every_restatement_is_a_revision_that_names_its_fetch(story) -> None:
    world, warehouse = story
    found = rows(
        warehouse,
        "select old_value, new_value, new_snapshot_id, fetched_at, kind from marts.revisions "
        "where region_code = '3604' order by fetched_at",
    )
    assert [(r["old_value"], r["new_value"], r["kind"]) for r in found] == [
        (Decimal("8.5"), Decimal("10.61"), "reissued"),
        (Decimal("10.61"), Decimal("10.66"), "reissued"),
    ]
    assert [(r["new_snapshot_id"], r["fetched_at"]) for r in found] == [
        fetch_of(world, "th-120-121", 1),
        fetch_of(world, "th-120", 0),
    ]


def test_a_figure_that_goes_back_while_windows_change_is_two_revisions(story) -> None:
    world, warehouse = story
    found = rows(
        warehouse,
        "select old_value, new_value, new_snapshot_id, fetched_at from marts.revisions "
        "where region_code = '3602' and period_label = '2018-08' order by fetched_at",
    )
    whole = [fetch_of(world, "th-118-119", number) for number in (0, 1, 2, 3)]
    assert [tuple(row.values()) for row in found] == [
        (Decimal("7"), Decimal("9.99"), *fetch_of(world, "th-118", 0)),
        (Decimal("9.99"), Decimal("7"), *whole[3]),
    ]
    assert whole[1][0] == whole[2][0] == whole[3][0]
    back, taken = history(warehouse, "3602", 2018)
    assert (back["is_current"], taken["is_current"]) == (True, False)
    assert rows(warehouse, "select count(*) as n from marts.revisions") == [{"n": 7}]


def test_a_restatement_taken_back_is_two_revisions_by_the_fetches_that_brought_them(story) -> None:
    world, warehouse = story
    found = rows(
        warehouse,
        "select old_value, new_value, new_snapshot_id, fetched_at from marts.revisions "
        "where region_code = '3600' order by fetched_at",
    )
    partition = "th-124-125"
    assert [tuple(row.values()) for row in found] == [
        (Decimal("7.5"), Decimal("6.99"), *fetch_of(world, partition, 1)),
        (Decimal("6.99"), Decimal("7.5"), *fetch_of(world, partition, 2)),
    ]
    assert fetch_of(world, partition, 0)[0] == fetch_of(world, partition, 2)[0]
    back, taken = sorted(history(warehouse, "3600", 2024), key=lambda r: r["value"] != 7.5)
    assert (back["is_current"], taken["is_current"]) == (True, False)


def test_the_old_values_are_kept_and_the_newest_leads(story) -> None:
    _, warehouse = story
    old, between, new = history(warehouse, "3604", 2020)
    assert [r["value"] for r in (old, between, new)] == [
        Decimal("8.5"), Decimal("10.61"), Decimal("10.66"),
    ]  # fmt: skip
    assert [r["is_current"] for r in (old, between, new)] == [False, False, True]
    [leading] = rows(
        warehouse,
        "select value, n_claims, has_conflict from marts.observations "
        "where region_code = '3604' and period_label = '2020-08'",
    )
    assert tuple(leading.values()) == (Decimal("10.66"), 1, False)


def test_a_figure_that_disappears_is_marked_and_not_deleted(story) -> None:
    _, warehouse = story
    [gone] = history(warehouse, "3601", 2022)
    assert (gone["is_current"], gone["relation"]) == (False, "withdrawn")
    assert gone["withdrawn_at"] == datetime.now(UTC).date()
    assert not rows(
        warehouse,
        "select 1 from marts.observations where region_code = '3601' and period_label = '2022-08'",
    )


def test_a_published_zero_is_a_figure_and_says_so(story) -> None:
    _, warehouse = story
    zero, _ = history(warehouse, "3602", 2019)
    assert (zero["value"], zero["value_text"], zero["obs_status"]) == (Decimal(0), "0", "A")
    assert (zero["is_printed_zero"], zero["is_current"]) == (True, True)
    flagged = rows(warehouse, "select region_code from marts.observations where is_printed_zero")
    assert flagged == [{"region_code": "3602"}]


def test_a_window_sent_in_halves_leaves_no_second_voice(story) -> None:
    _, warehouse = story
    [counts] = rows(
        warehouse,
        "select count(*) as n, max(n_claims) as most, count(*) filter (has_conflict) as conflicts "
        "from marts.observations",
    )
    assert tuple(counts.values()) == (31, 1, 0)
