"""Figures, their history and what a release says of itself, on a few rows with known answers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.dbt.conftest import FIRST, Build, Fixture, claim, rows, run_dbt

BILLION = 10**9
SECOND = {
    **FIRST,
    "snapshot_id": "b" * 64,
    "first_fetched_at": datetime(2026, 12, 5, 8, tzinfo=UTC),
    "last_fetched_at": datetime(2026, 12, 5, 8, tzinfo=UTC),
    "seen_on": date(2026, 12, 5),
}

FRESHNESS = {
    "dataset_id": "figures",
    "last_fetched_at": datetime(2026, 12, 5, 8, tzinfo=UTC),
    "last_changed_at": datetime(2026, 12, 5, 8, tzinfo=UTC),
    "next_due_at": date(2027, 2, 5),
    "is_late": True,
    "last_outcome": "refused",
    "is_failing": True,
    "reason": "the last try ended 'refused'",
}


def cut(claimant: str, billions: str, day: date, step: str = "1") -> dict[str, object]:
    """Return one office's word on Kota Serang's transfer cut of 2026."""
    return claim(
        "transfer_cut_total",
        "3673",
        str(Decimal(billions) * BILLION),
        period_start=date(2026, 1, 1),
        period_end=date(2026, 12, 31),
        period_label="2026",
        period_kind="flow",
        stage="reported_claim",
        perimeter="own_government",
        baseline="unclear",
        unit="idr",
        precision=Decimal(step) * BILLION,
        claimant=claimant,
        source_id=f"cited_{claimant.replace(' ', '_')}_{day}",
        published_at=day,
        published_at_basis="stated",
    )


CUTS = [
    cut("Wali Kota Serang", "186", date(2025, 10, 2)),
    cut("Wali Kota Serang", "216", date(2025, 10, 16)),
    cut("BPKAD Kota Serang", "186", date(2025, 11, 9)),
    cut("Sekda Kota Serang", "186.4", date(2025, 11, 28), "0.1"),
]

#: The table said 10.61, then 10.66: an undated figure that changed in place.
VINTAGES = [
    claim("unemployment_rate", "3604", "10.61"),
    claim("unemployment_rate", "3604", "10.66", snapshot_id="b" * 64),
    claim("unemployment_rate", "3601", "9.24"),
    claim("unemployment_rate", "3601", "9.24", snapshot_id="b" * 64),
]

SERIES = [
    claim("unemployment_rate", "3671", "7.10", series_version="first_release"),
    claim("unemployment_rate", "3671", "6.90", series_version="revised_weights"),
]


@pytest.fixture(scope="module")
def warehouse(build: Build) -> duckdb.DuckDBPyConnection:
    snapshots = [FIRST, SECOND]
    still = [{**row, "snapshot_id": "b" * 64} for row in [*CUTS, *SERIES]]
    return build(
        Fixture(
            observations=[*CUTS, *SERIES, *still, *VINTAGES],
            snapshots=snapshots,
            rejected=[
                {
                    "dataset_id": "figures",
                    "snapshot_id": letter * 64,
                    "locator": "line 9",
                    "raw_value": "106",
                    "rule": "out_of_bounds",
                    "message": "106 is above 100",
                }
                for letter in ("a", "b", "b")
            ],
            outcomes=[
                {
                    "dataset_id": "figures",
                    "partition": partition,
                    "attempted_at": datetime(2026, 12, day, 8, tzinfo=UTC),
                    "outcome": outcome,
                    "message": "",
                }
                for day, partition, outcome in (
                    (5, "all", "ok"),
                    (6, "th-1", "refused"),
                    (6, "th-2", "unchanged"),
                )
            ],
            freshness=[FRESHNESS],
        ),
    )


def as_of(warehouse: duckdb.DuckDBPyConnection, day: str) -> dict[str, object] | None:
    found = rows(
        warehouse,
        "select value, n_claims, conflict_kind from marts.observations_as_of(?::date) "
        "where indicator_id = 'transfer_cut_total'",
        day,
    )
    assert len(found) <= 1
    return found[0] if found else None


def test_the_headline_is_the_latest_word_and_every_claim_is_counted(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    [headline] = rows(
        warehouse, "select * from marts.observations where indicator_id = 'transfer_cut_total'"
    )
    assert headline["value"] == Decimal("186.4") * BILLION
    assert headline["claimant"] == "Sekda Kota Serang"
    assert headline["known_at"] == date(2025, 11, 28)
    counts = {name: headline[name] for name in headline if name.startswith("n_")}
    assert counts == {
        "n_claims": 4,
        "n_corroborating": 1,
        "n_repeating": 0,
        "n_superseded": 1,
        "n_rounding": 0,
        "n_misprint": 0,
        "n_disputing": 1,
    }
    assert (headline["has_conflict"], headline["conflict_kind"]) == (True, "dispute")


@pytest.mark.parametrize(
    ("day", "billions", "n_claims", "conflict"),
    [
        ("2025-10-02", "186", 1, None),
        ("2025-10-16", "216", 2, None),
        ("2025-11-09", "186", 3, "dispute"),
        ("2025-11-27", "186", 3, "dispute"),
        ("2025-11-28", "186.4", 4, "dispute"),
    ],
)
def test_as_of_a_day_only_what_was_known_then_counts(
    warehouse: duckdb.DuckDBPyConnection, day: str, billions: str, n_claims: int, conflict: str
) -> None:
    assert as_of(warehouse, day) == {
        "value": Decimal(billions) * BILLION,
        "n_claims": n_claims,
        "conflict_kind": conflict,
    }


def test_as_of_the_day_before_the_first_word_nothing_is_known(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert as_of(warehouse, "2025-10-01") is None


def test_as_of_today_is_the_same_table_as_observations(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    today = "select * from marts.observations_as_of('2099-01-01') order by obs_id"
    assert rows(warehouse, today) == rows(
        warehouse, "select * from marts.observations order by obs_id"
    )


def test_as_of_works_in_an_attached_file_that_is_in_use(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    [path] = warehouse.execute("select path from duckdb_databases() where not internal").fetchone()
    with duckdb.connect() as reader:
        reader.execute(f"attach '{path}' as lumbung (read_only)")
        reader.execute("use lumbung")
        assert as_of(reader, "2025-10-16")["value"] == 216 * BILLION


def test_a_publisher_that_changes_its_word_is_a_revision(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    [change] = rows(
        warehouse,
        "select old_value, new_value, changed_at, publisher from marts.revisions "
        "where kind = 'republished'",
    )
    assert change == {
        "old_value": 186 * BILLION,
        "new_value": 216 * BILLION,
        "changed_at": date(2025, 10, 16),
        "publisher": "Wali Kota Serang",
    }


def test_a_figure_that_changed_in_place_keeps_both_vintages(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    history = rows(
        warehouse,
        "select value, first_seen_at, last_seen_at, withdrawn_at, is_current, relation "
        "from marts.observation_history where region_code = '3604' order by first_seen_at",
    )
    assert [tuple(row.values()) for row in history] == [
        (
            Decimal("10.61"), date(2026, 11, 20), date(2026, 11, 20), date(2026, 12, 5),
            False, "withdrawn",
        ),
        (Decimal("10.66"), date(2026, 12, 5), date(2026, 12, 5), None, True, "headline"),
    ]  # fmt: skip
    [change] = rows(
        warehouse,
        "select old_value, new_value, changed_at from marts.revisions where kind = 'reissued'",
    )
    assert tuple(change.values()) == (Decimal("10.61"), Decimal("10.66"), date(2026, 12, 5))


@pytest.mark.parametrize(
    ("day", "value"),
    [
        ("2026-11-19", []),
        ("2026-11-20", [Decimal("10.61")]),
        ("2026-12-04", [Decimal("10.61")]),
        ("2026-12-05", [Decimal("10.66")]),
    ],
)
def test_an_undated_figure_counts_from_the_day_it_was_seen_until_it_was_replaced(
    warehouse: duckdb.DuckDBPyConnection, day: str, value: list[Decimal]
) -> None:
    found = rows(
        warehouse,
        "select value from marts.observations_as_of(?::date) where region_code = '3604'",
        day,
    )
    assert [row["value"] for row in found] == value


def test_a_figure_in_both_snapshots_is_one_claim(warehouse: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(
        warehouse,
        "select first_seen_at, last_seen_at, is_current, n_claims, known_at, known_at_basis "
        "from marts.observation_history where region_code = '3601'",
    )
    assert tuple(row.values()) == (
        date(2026, 11, 20), date(2026, 12, 5), True, 1, date(2026, 11, 20), "first_seen",
    )  # fmt: skip


def test_series_versions_are_two_figures_and_never_a_conflict(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        warehouse,
        "select value, is_headline, is_figure_headline, has_conflict "
        "from marts.observation_history where region_code = '3671' order by value",
    )
    assert [tuple(row.values()) for row in found] == [
        (Decimal("6.90"), True, True, False),
        (Decimal("7.10"), False, True, False),
    ]


def test_every_headline_resolves_in_the_lineage(warehouse: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(
        warehouse,
        "select count(*) as n, count(h.obs_id) as found, count(distinct l.row_key) as n_rows "
        "from marts.mart_lineage as l left join marts.observation_history as h using (obs_id) "
        "where l.mart = 'observations'",
    )
    assert row == {"n": 4, "found": 4, "n_rows": 4}


def test_every_rejected_item_stands_alone(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse, "select is_current, count(*) as n from marts.rejected group by all order by 1"
    )
    assert [tuple(row.values()) for row in found] == [(False, 1), (True, 2)]


def test_moments_are_utc_wherever_the_build_ran(warehouse: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(warehouse, "select * from marts.freshness")
    eight = datetime(2026, 12, 5, 8)
    assert row == {**FRESHNESS, "last_fetched_at": eight, "last_changed_at": eight}
    found = rows(warehouse, "select partition, attempted_at, outcome from marts.fetch_outcomes")
    assert {tuple(row.values()) for row in found} == {
        ("all", eight, "ok"),
        ("th-1", datetime(2026, 12, 6, 8), "refused"),
        ("th-2", datetime(2026, 12, 6, 8), "unchanged"),
    }


def test_the_release_says_what_it_is(warehouse: duckdb.DuckDBPyConnection) -> None:
    [row] = rows(warehouse, "select * from marts.publication")
    assert row == {
        "release_id": "r1",
        "created_at": datetime(2026, 11, 22, 4),
        "is_sample": True,
        "region_edition": "2022",
        "n_datasets": 1,
        "n_snapshots": 2,
        "n_claims": 9,
        "n_observations": 4,
        "n_rejected": 3,
    }


def test_regions_are_joined_by_code_and_not_by_digits(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        warehouse,
        "select region_code, name, parent_region_code from marts.dim_region "
        "where region_code in ('0000', '3600', '3604', '3673') order by 1",
    )
    assert [tuple(row.values()) for row in found] == [
        ("0000", "Indonesia", None),
        ("3600", "Banten", "0000"),
        ("3604", "Kabupaten Serang", "3600"),
        ("3673", "Kota Serang", "3600"),
    ]


def test_without_inputs_one_sentence_says_what_to_run_first(tmp_path: Path) -> None:
    said = run_dbt(tmp_path, tmp_path / "nowhere", "build")
    assert said.returncode != 0
    assert "no inputs in nowhere: run `make refresh` first" in said.stdout
