"""What readers of PostgreSQL see of a release: all of it, exactly, in words of both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lumbung import settings as settings_module
from release.store import Store
from serving import access, contract, publish, store
from serving.errors import ServingError
from tests.serving import workbench
from tests.serving.workbench import ask, numbers


@pytest.fixture(scope="module", autouse=True)
def first(served):
    workbench.release(served, 1)
    publish.publish(served)


def test_a_published_release_is_what_readers_see(served):
    assert numbers(served) == ([1], [1], [1], workbench.ROWS)
    assert publish.served(served) == Store(served).current()


def test_values_arrive_with_their_types_and_their_nulls(served):
    [row] = ask(
        served,
        "select region_code, region_name, survey_year, unemployment_rate_pct, "
        "change_is_significant from unemployment where region_code = 'r3' and survey_year = 1990",
    )
    assert row == ("r3", "Wilayah '1'", 1990, Decimal("1.0000"), None)
    types = dict(ask(
        served,
        "select column_name, data_type || coalesce(numeric_precision || ',' || numeric_scale, '') "
        "from information_schema.columns where table_name = 'unemployment'",
    ))  # fmt: skip
    assert types["unemployment_rate_pct"] == "numeric9,4"
    assert types["survey_year"] == "integer32,0"
    assert types["region_code"] == "text"
    assert types["change_is_significant"] == "boolean"


def test_every_table_and_column_says_what_it_is_in_both_languages(served):
    promised = contract.read(served)["unemployment"]
    [(comment,)] = ask(served, "select obj_description('marts.unemployment'::regclass)")
    assert comment == f"{promised.comment_id}\n{promised.comment_en}"
    assert comment.startswith("Satu baris per wilayah")
    comments = dict(ask(
        served,
        "select attname, col_description(attrelid, attnum) from pg_attribute "
        "where attrelid = 'marts.unemployment'::regclass and attnum > 0",
    ))  # fmt: skip
    words = {column.name: column for column in promised.columns}
    assert comments == {
        name: f"{words[name].comment_id}\n{words[name].comment_en}" for name in comments
    }
    assert len(comments) == 8


def test_a_row_is_kept_once_and_found_by_its_key(served):
    with access.connect(served, "publisher") as connection:
        slot = store.releases(connection)[-1].slot
        indexes = connection.execute(
            "select indexdef from pg_indexes where schemaname = 'store' and tablename = %s",
            (f"unemployment_s{slot}",),
        ).fetchall()
        assert any(
            "UNIQUE" in text and "(region_code, survey_year, survey_month, series_version)" in text
            for (text,) in indexes
        )
        nullable = connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
            "and not attnotnull", (f"store.unemployment_s{slot}",),
        ).fetchall()  # fmt: skip
    assert {name for (name,) in nullable} == {"n_ranked", "change_is_significant"}


def test_what_was_known_on_a_day_is_asked_as_in_the_released_file(served):
    assert ask(served, "select count(*) from marts.observations_as_of('2025-12-31')") == [(0,)]
    assert ask(served, "select count(*) from marts.observations_as_of(date '2026-01-04')") == [(4,)]
    assert ask(served, "select value from observations_as_of('2026-01-01')") == [(Decimal(1),)]


def test_publishing_again_does_nothing(served):
    again = publish.publish(served)
    assert (again.is_unchanged, again.is_loaded) == (True, False)


@pytest.mark.full
def test_three_releases_are_kept_and_a_roll_back_needs_no_loading(served):
    ids = [workbench.release(served, n) for n in (2, 3, 4)]
    for release_id in ids:
        Store(served).switch(release_id)
        assert publish.publish(served).is_loaded
    with access.connect(served, "publisher") as connection:
        assert [one.release_id for one in store.releases(connection)] == ids
        left = connection.execute(
            "select count(*) from store.unemployment where release_slot not in "
            "(select slot from ctl.loaded)"
        ).fetchone()
    assert left == (0,)
    Store(served).switch(ids[1])
    back = publish.publish(served)
    assert (back.release_id, back.before, back.is_loaded) == (ids[1], ids[2], False)
    assert numbers(served) == ([3], [3], [3], workbench.ROWS)
    oldest = Store(served).ids()[0]
    Store(served).switch(oldest)
    assert publish.publish(served).is_loaded
    assert numbers(served)[:2] == ([1], [1])


@pytest.mark.full
def test_a_release_that_the_home_keeps_no_more_leaves_postgresql_too(served):
    """A quarantined reply must not live on in the database."""
    newest = workbench.release(served, 20)
    publish.publish(served)
    other = workbench.release(served, 21)
    publish.publish(served)
    Store(served).remove(served.releases / newest)
    assert publish.publish(served).is_unchanged
    with access.connect(served, "publisher") as connection:
        assert newest not in [one.release_id for one in store.releases(connection)]
        assert (
            connection.execute("select 1 from store.budget where budget_idr = 20").fetchall() == []
        )
    assert publish.served(served) == other


def test_a_damaged_file_is_not_served(served):
    before = publish.served(served)
    damaged = workbench.release(served, 30)
    path = served.releases / damaged / "marts" / "budget.parquet"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ServingError, match=r"budget\.parquet is not what the manifest says"):
        publish.publish(served)
    assert publish.served(served) == before


def test_fewer_rows_than_the_manifest_says_are_not_served(served):
    before = publish.served(served)
    marts = {**workbench.MARTS, "budget": workbench.MARTS["budget"] + " where i > 0"}
    short = workbench.release(served, 31, marts)
    manifest = served.releases / short / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"rows": 1999', '"rows": 2000'))
    with pytest.raises(ServingError, match="budget: 1999 rows arrived in PostgreSQL"):
        publish.publish(served)
    assert publish.served(served) == before


def test_the_contract_of_every_mart_is_understood():
    tables = contract.read(settings_module.load())
    assert len(tables) >= 30
    for table in tables.values():
        assert table.comment_id, table.name
        assert table.comment_en, table.name
        assert set(table.key) <= {column.name for column in table.columns}
        for column in table.columns:
            assert column.comment_id, (table.name, column.name)
            assert column.comment_en, (table.name, column.name)
    assert tables["observations"].key == ("obs_id",)
    money = {c.name: c.type for c in tables["budget"].columns}
    assert money["budget_idr"] == "bigint"
