"""Releases whose marts have other columns than the ones before: readers go on without an error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from release.store import Store
from serving import access, brief_locks, publish
from serving.errors import ServingError
from serving.views import GONE_EN
from tests.serving import workbench
from tests.serving.workbench import MARTS, ask, numbers

pytestmark = pytest.mark.full  # a dozen publications


@pytest.fixture(scope="module", autouse=True)
def first(served):
    workbench.release(served, 1)
    publish.publish(served)


def _with(**columns: str) -> dict[str, str]:
    """The marts, with further columns in the unemployment mart."""
    more = "".join(f", {value} as {name}" for name, value in columns.items())
    query = MARTS["unemployment"].replace(
        "change_is_significant", f"change_is_significant{more}"
    )  # fmt: skip
    return {**MARTS, "unemployment": query}


def _columns(served):
    return [name for (name,) in ask(
        served,
        "select attname from pg_attribute where attrelid = 'marts.unemployment'::regclass "
        "and attnum > 0 and not attisdropped order by attnum",
    )]  # fmt: skip


def test_a_new_column_is_there_and_one_who_reads_meanwhile_keeps_the_old_release(served):
    with access.connect(served, "reader") as reader, reader.transaction():
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select max(budget_idr) from budget").fetchone() == (1,)
        workbench.release(served, 2, _with(gap_to_province_pp="{n}::decimal(9, 4)"))
        publish.publish(served)
        # It meets the new view here, and the release it began with.
        found = reader.execute(
            "select count(*), max(n_ranked), count(gap_to_province_pp) from unemployment"
        ).fetchone()
        assert found == (workbench.ROWS, 1, 0)
    assert ask(served, "select distinct gap_to_province_pp from unemployment") == [(Decimal(2),)]
    assert _columns(served)[-1] == "gap_to_province_pp"


def test_a_prepared_query_goes_on_when_a_column_comes(served):
    with access.connect(served, "reader") as reader:
        query = "select max(n_ranked), count(*) from unemployment"
        assert reader.execute(query, prepare=True).fetchone() == (2, workbench.ROWS)
        workbench.release(served, 3, _with(
            gap_to_province_pp="{n}::decimal(9, 4)", gap_to_national_pp="{n}::decimal(9, 4)"
        ))  # fmt: skip
        publish.publish(served)
        assert reader.execute(query, prepare=True).fetchone() == (3, workbench.ROWS)


def test_a_column_that_goes_is_empty_for_one_release_and_then_gone(served):
    asking = "select count(*), count(gap_to_national_pp) from unemployment"
    workbench.release(served, 4, _with(gap_to_province_pp="{n}::decimal(9, 4)"))
    publish.publish(served)
    assert ask(served, asking) == [(workbench.ROWS, 0)]
    [(comment,)] = ask(
        served,
        "select col_description(attrelid, attnum) from pg_attribute where attrelid = "
        "'marts.unemployment'::regclass and attname = 'gap_to_national_pp'",
    )
    assert comment.endswith(GONE_EN)
    workbench.release(served, 5, _with(gap_to_province_pp="{n}::decimal(9, 4)"))
    publish.publish(served)
    assert "gap_to_national_pp" not in _columns(served)
    assert numbers(served) == ([5], [5], [5], workbench.ROWS)


def test_a_roll_back_brings_the_columns_and_figures_of_that_release_back(served):
    with_it = Store(served).ids()[2]
    Store(served).switch(with_it)
    publish.publish(served)
    assert ask(served, "select distinct gap_to_national_pp from unemployment") == [(Decimal(3),)]
    Store(served).switch(Store(served).ids()[-1])
    publish.publish(served)
    assert numbers(served)[0] == [5]


def test_a_column_of_another_type_is_stored_beside_the_old_one(served):
    wide = _with(gap_to_province_pp="{n}::decimal(9, 4)")
    wide["unemployment"] = wide["unemployment"].replace(
        "{n}::integer as n_ranked", "{n}::bigint as n_ranked"
    )
    with access.connect(served, "reader") as reader, reader.transaction():
        reader.execute("set transaction isolation level repeatable read")
        assert reader.execute("select max(budget_idr) from budget").fetchone() == (5,)
        workbench.release(served, 6, wide)
        publish.publish(served)
        assert reader.execute("select max(n_ranked), count(*) from unemployment").fetchone() == (
            5, workbench.ROWS,
        )  # fmt: skip
    assert ask(served, "select distinct n_ranked, pg_typeof(n_ranked)::text from unemployment") == [
        (6, "bigint")
    ]


def test_a_new_mart_comes_and_one_that_went_leaves_after_one_release(served):
    workbench.release(served, 7, {**MARTS, "revisions": "select 'x' as revision_id, {n} as number"})
    publish.publish(served)
    assert ask(served, "select number from revisions") == [(7,)]
    workbench.release(served, 8)
    publish.publish(served)
    assert ask(served, "select count(*) from revisions") == [(0,)]
    workbench.release(served, 9)
    publish.publish(served)
    assert ask(served, "select to_regclass('marts.revisions')") == [(None,)]


def test_observations_may_get_a_column_and_the_past_has_it_too(served):
    marts = {**MARTS, "observations": MARTS["observations"].replace(
        "as known_at", "as known_at, 'catatan' as note"
    )}  # fmt: skip
    workbench.release(served, 10, marts)
    publish.publish(served)
    assert ask(served, "select note, value from observations_as_of('2026-01-01')") == [
        ("catatan", Decimal(10))
    ]
    workbench.release(served, 11)
    publish.publish(served)
    assert ask(served, "select note, value from observations_as_of('2026-01-01')") == [
        (None, Decimal(11))
    ]
    workbench.release(served, 12)
    publish.publish(served)
    assert ask(served, "select value from observations_as_of('2026-01-01')") == [(Decimal(12),)]


def test_who_never_stops_reading_is_named_and_nothing_is_switched(served, monkeypatch):
    monkeypatch.setattr(brief_locks, "PATIENCE", ((0.5, 50),))
    before = publish.served(served)
    with access.connect(served, "reader") as reader, reader.transaction():
        reader.execute("set application_name = 'a notebook left open'")
        reader.execute("select count(*) from unemployment")
        workbench.release(served, 13, _with(labour_force_persons="{n}::bigint"))
        with pytest.raises(ServingError, match="'a notebook left open'"):
            publish.publish(served)
    assert publish.served(served) == before
    assert publish.publish(served).before == before
    assert ask(served, "select distinct labour_force_persons from unemployment") == [(13,)]
