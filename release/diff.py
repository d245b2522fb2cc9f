"""Compares a candidate's figures with the current release's: added, changed, deleted.

A figure that disappears blocks the release unless its dataset's catalogue file allows it or
a named person approves exactly this set of deletions. Bundled figures that make way for live
ones are counted apart; live ones that would make way for bundled ones are deletions. Many
changed figures only warn: the source may have revised a whole series.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

#: What makes two rows the same figure. A newer series version of it is a change.
KEY = (
    "indicator_id", "region_code", "period_label", "period_start", "period_end", "stage",
    "perimeter", "baseline", "breakdown", "category",
)  # fmt: skip
#: Figures shown by name of each kind; ``diff.parquet`` holds them all.
SHOWN = 20
#: A few changed figures are never told of as a revision, however small their dataset.
FEW = 5
MEMORY_LIMIT = "512MB"


@dataclass(frozen=True)
class Group:
    """The figures of one dataset and indicator."""

    dataset_id: str
    indicator_id: str
    n_before: int
    n_after: int
    n_added: int
    n_changed: int
    n_deleted: int
    n_replaced_by_live: int = 0


@dataclass(frozen=True)
class Blocked:
    """A dataset that lost more figures than its catalogue file allows."""

    dataset_id: str
    n_deleted: int
    deletions_allowed: int
    figures: tuple[str, ...]
    digest: str
    makes_way_for_bundled: bool = False

    def message(self) -> str:
        """Say which figures are gone."""
        more = self.n_deleted - len(self.figures)
        tail = f" (and {more} more)" if more > 0 else ""
        if self.makes_way_for_bundled:
            return (
                f"marts.observations: deletions_declared (fail): dataset {self.dataset_id} is not "
                f"live any more: its {self.n_deleted} live figures would make way for bundled "
                f"ones; is its key or address lost? {'; '.join(self.figures)}{tail}"
            )
        return (
            f"marts.observations: deletions_declared (fail): dataset {self.dataset_id} lost "
            f"{self.n_deleted} figures, its catalogue file allows {self.deletions_allowed}: "
            f"{'; '.join(self.figures)}{tail}"
        )


@dataclass(frozen=True)
class Revised:
    """A dataset of which a larger share changed than its catalogue file lets pass unsaid."""

    dataset_id: str
    n_changed: int
    n_before: int
    changes_warn_pct: float

    def message(self) -> str:
        """Say how much changed."""
        return (
            f"marts.observations: changes_expected (warn): dataset {self.dataset_id}: "
            f"{self.n_changed} of {self.n_before} figures changed, more than the "
            f"{self.changes_warn_pct:g}% that its catalogue file lets pass unsaid"
        )


@dataclass(frozen=True)
class Limits:
    """What the catalogue lets a dataset lose or change."""

    deletions_allowed: int = 0
    changes_warn_pct: float = 10.0


@dataclass(frozen=True)
class Diff:
    """The whole comparison. ``against`` is None for the first release."""

    against: str | None
    groups: tuple[Group, ...]
    changed: tuple[Mapping[str, Any], ...]
    deleted: tuple[Mapping[str, Any], ...]
    replaced_datasets: tuple[str, ...]
    blocked: tuple[Blocked, ...]
    revised: tuple[Revised, ...] = ()

    @property
    def totals(self) -> dict[str, int]:
        """Added, changed, deleted and replaced figures over everything."""
        names = ("n_added", "n_changed", "n_deleted", "n_replaced_by_live")
        return {name: sum(getattr(group, name) for group in self.groups) for name in names}

    @property
    def outcome(self) -> str:
        """Return fail where a deletion is not declared, warn where much changed."""
        if self.blocked:
            return "fail"
        return "warn" if self.revised else "pass"

    def summary(self) -> dict[str, Any]:
        """Return what the manifest says about it."""
        return {"against": self.against, **self.totals}

    def as_json(self) -> dict[str, Any]:
        """Return what ``diff.json`` holds."""
        return {"totals": self.totals, "outcome": self.outcome, **asdict(self)}


def compare(
    previous: Path | None,
    candidate: Path,
    limits: Mapping[str, Limits],
    keep: Path | None = None,
) -> Diff:
    """Compare the folder of a candidate or release with that of an earlier release.

    ``limits`` is what each dataset may lose or change. ``keep`` is where the list of all
    differences is written, as Parquet or, by its ending, as CSV.
    """
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        after = _observations(connection, candidate)
        added: tuple[Group, ...] = ()
        replaced = _switched(connection, previous, candidate, "b.is_sample and not a.is_sample")
        lost = _switched(connection, previous, candidate, "a.is_sample and not b.is_sample")
        if previous is None:  # all is added: there is nothing to compare
            added = _added(connection, after, candidate)
            connection.execute(_NOTHING_THE_SAME)
            _figures(connection, "figures_after", f"(from {after} limit 0)", candidate)
            connection.execute("create table figures_before as from figures_after")
        else:
            before = _observations(connection, previous)
            _set_aside(connection, before, after, lost)
            for side, table, folder in (("after", after, candidate), ("before", before, previous)):
                left = f"(from {table} as o anti join same on o.place = same.{side})"
                _figures(connection, f"figures_{side}", left, folder)
        connection.execute(_DIFFERENCES)
        connection.execute(
            "update differences set kind = 'replaced_by_live' "
            "where kind = 'deleted' and list_contains(?::varchar[], old_dataset_id)",
            [list(replaced)],
        )
        connection.execute(_COUNTED)
        if keep is not None:
            columns = ", ".join(COLUMNS)
            form = "csv, header" if keep.suffix == ".csv" else "parquet"
            # the first release is no difference: everything would be in it
            kinds = "kind <> 'same'" if previous else "false"
            connection.execute(
                f"copy (select {columns} from differences where {kinds} order by all) "  # noqa: S608
                f"to '{_quoted(keep)}' (format {form})"
            )
        return Diff(
            against=previous.name if previous else None,
            groups=_groups(connection) if previous else added,
            changed=_shown(connection, "changed"),
            deleted=_shown(connection, "deleted"),
            replaced_datasets=replaced,
            blocked=_blocked(connection, limits, lost),
            revised=_revised(connection, limits, replaced),
        )


#: What the list of differences says of each figure; ``marts.release_diff`` has the same.
COLUMNS = (
    "kind", "dataset_id", *KEY, "old_value", "new_value", "old_unit", "new_unit",
    "old_series_version", "new_series_version", "old_dataset_id", "nth",
)  # fmt: skip

_DIFFERENCES = f"""
create table differences as
select
    coalesce(a.dataset_id, b.dataset_id) as dataset_id,
    {", ".join(f"coalesce(a.{name}, b.{name}) as {name}" for name in KEY)},
    coalesce(a.figure, b.figure) as figure, coalesce(a.nth, b.nth) as nth,
    b.dataset_id as old_dataset_id,
    b.value as old_value, a.value as new_value, b.unit as old_unit, a.unit as new_unit,
    b.series_version as old_series_version, a.series_version as new_series_version,
    case
        when b.figure is null then 'added'
        when a.figure is null then 'deleted'
        when (a.value, a.unit, a.series_version)
            is distinct from (b.value, b.unit, b.series_version) then 'changed'
        else 'same'
    end as kind
from figures_after as a
full join figures_before as b on a.figure = b.figure and a.nth = b.nth
"""  # noqa: S608 - names of our own columns

_NOTHING_THE_SAME = """
create table same (after bigint, before bigint);
create table counted_same (dataset_id varchar, indicator_id varchar, kind varchar, n bigint)
"""

#: Rows of one figure that alone has its key on both sides, and the same value, unit and so on.
#: Two figures with one digest of 128 bits are not to be expected; of those with one hash of their
#: key none is set aside.
_SAME = """
create table same as
select a.place as after, b.place as before
from seen_after as a
inner join seen_before as b on a.digest = b.digest and a.is_kept and b.is_kept
anti join (
    select figure from seen_after group by figure having count(*) > 1
    union all
    select figure from seen_before group by figure having count(*) > 1
) as twice on a.figure = twice.figure
"""

_COUNTED = """
create table counted as
select dataset_id, indicator_id, kind, count(*) as n from differences group by all
union all
from counted_same
"""

_GROUPS = """
select
    dataset_id, indicator_id,
    coalesce(sum(n) filter (kind <> 'added'), 0) as n_before,
    coalesce(sum(n) filter (kind not in ('deleted', 'replaced_by_live')), 0) as n_after,
    coalesce(sum(n) filter (kind = 'added'), 0) as n_added,
    coalesce(sum(n) filter (kind = 'changed'), 0) as n_changed,
    coalesce(sum(n) filter (kind = 'deleted'), 0) as n_deleted,
    coalesce(sum(n) filter (kind = 'replaced_by_live'), 0) as n_replaced_by_live
from counted
group by dataset_id, indicator_id
order by dataset_id, indicator_id
"""


def _observations(connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """Return where a release's figures can be read, each row with its place.

    An old cited release has only its Parquet.
    """
    warehouse = folder / "warehouse.duckdb"
    if not warehouse.exists():
        path = _quoted(folder / "marts" / "observations.parquet")
        rows = f"read_parquet('{path}', file_row_number = true)"
        return f"(select * rename (file_row_number as place) from {rows})"  # noqa: S608
    attached = connection.execute("select count(*) from duckdb_databases()").fetchone()
    alias = f"side_{attached[0] if attached else 0}"
    connection.execute(f"attach '{_quoted(warehouse)}' as {alias} (read_only)")
    return f"(select *, rowid as place from {alias}.marts.observations)"  # noqa: S608


def _set_aside(
    connection: duckdb.DuckDBPyConnection, before: str, after: str, lost: Sequence[str]
) -> None:
    """Find the figures that are the same on both sides, which most are, and count them.

    Of datasets that are ``lost`` none is: each of their figures counts as gone.
    """
    connection.execute(_NOTHING_THE_SAME)
    sides = {"after": after, "before": before}
    columns = {side: _columns(connection, table) for side, table in sides.items()}
    if not all("dataset_id" in found for found in columns.values()):
        return
    for side, table in sides.items():
        figure = f"concat_ws('|', {', '.join(_texts(columns[side]))})"
        told = ("dataset_id", "value", "unit", "series_version")
        # neither character stands in a text of ours
        rest = ", ".join(f"coalesce(cast({name} as varchar), chr(30))" for name in told)
        connection.execute(
            f"""
            create table seen_{side} as
            select
                place, hash(figure) as figure,
                md5_number(concat_ws(chr(31), figure, {rest})) as digest,
                dataset_id is not null and not list_contains(?::varchar[], dataset_id) as is_kept
            from (select *, {figure} as figure from {table})
            """,  # noqa: S608 - names of our own columns
            [list(lost)],
        )
    connection.execute("drop table same")
    connection.execute(_SAME)
    connection.execute(
        f"""
        insert into counted_same
        select dataset_id, indicator_id, 'same', count(*)
        from {after} as o semi join same on o.place = same.after
        group by all
        """  # noqa: S608
    )
    connection.execute("drop table seen_before; drop table seen_after")


def _texts(columns: Collection[str]) -> list[str]:
    """Return the parts of a figure's key as SQL, each a text, empty where there is none."""
    return [f"coalesce(cast({part} as varchar), '')" if part in columns else "''" for part in KEY]


def _figures(connection: duckdb.DuckDBPyConnection, name: str, table: str, folder: Path) -> None:
    """Make a table of figures: one text that is the key, its parts, the dataset, value and unit."""
    columns = _columns(connection, table)
    texts = {
        part: f"cast({part} as varchar)" if part in columns else "cast(null as varchar)"
        for part in KEY
    }
    figure = ", ".join(_texts(columns))
    parts = ", ".join(f"{text} as {part}" for part, text in texts.items())
    dataset, datasets = _dataset(columns, folder)
    connection.execute(
        f"""
        create table {name} as
        select
            coalesce({dataset}, 'derived') as dataset_id, o.* exclude (dataset_id, snapshot_id),
            row_number() over (partition by o.figure order by o.value) as nth
        from (
            select
                {"dataset_id" if "dataset_id" in columns else "null as dataset_id"}, snapshot_id,
                concat_ws('|', {figure}) as figure, {parts}, value, unit, series_version
            from {table}
        ) as o
        left join ({datasets}) as s on o.snapshot_id = s.snapshot_id
        """  # noqa: S608 - names of our own columns and folders
    )


def _groups(connection: duckdb.DuckDBPyConnection) -> tuple[Group, ...]:
    return tuple(Group(*row) for row in connection.execute(_GROUPS).fetchall())


def _added(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> tuple[Group, ...]:
    """Count the figures of a first release."""
    columns = _columns(connection, table)
    dataset, datasets = _dataset(columns, folder)
    snapshot = "o.snapshot_id = s.snapshot_id"
    rows = connection.execute(
        f"""
        select coalesce({dataset}, 'derived') as dataset_id, o.indicator_id, count(*)
        from {table} as o left join ({datasets}) as s on {snapshot}
        group by all order by all
        """  # noqa: S608 - names of our own columns and folders
    ).fetchall()
    return tuple(Group(name, indicator, 0, n, n, 0, 0) for name, indicator, n in rows)


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    return {column[0] for column in connection.execute(f"from {table} limit 0").description}


def _dataset(columns: Collection[str], folder: Path) -> tuple[str, str]:
    """Say where a figure's dataset stands: beside it, or, in old releases, with its snapshot."""
    if "dataset_id" in columns:
        return "o.dataset_id", "select null as snapshot_id, null as dataset_id limit 0"
    snapshots = _quoted(folder / "inputs" / "snapshots.parquet")
    return "s.dataset_id", (
        "select snapshot_id, min(dataset_id) as dataset_id "  # noqa: S608 - a folder of ours
        f"from read_parquet('{snapshots}') group by all"
    )


def _switched(
    connection: duckdb.DuckDBPyConnection, previous: Path | None, candidate: Path, how: str
) -> tuple[str, ...]:
    """Return the datasets that went from bundled to live, or back.

    Going live is another collection, not a loss. The way back is one, also where the values
    are the same: a key that got lost must not cost the live figures.
    """
    if previous is None:
        return ()
    files = [folder / "inputs" / "snapshots.parquet" for folder in (previous, candidate)]
    if not all(path.exists() for path in files):
        return ()
    before, after = (f"read_parquet('{_quoted(path)}')" for path in files)
    rows = connection.execute(
        f"""
        select distinct b.dataset_id from {before} as b
        inner join {after} as a on a.dataset_id = b.dataset_id
        where {how}
        order by 1
        """  # noqa: S608
    ).fetchall()
    return tuple(row[0] for row in rows)


def _blocked(
    connection: duckdb.DuckDBPyConnection, limits: Mapping[str, Limits], lost: Sequence[str]
) -> tuple[Blocked, ...]:
    """Return the datasets that lost too many figures; of ``lost`` ones, every live figure is."""
    rows = connection.execute(
        f"""
        select
            old_dataset_id, count(*), list_slice(list(figure order by figure), 1, {SHOWN}),
            sha256(string_agg(figure, chr(10) order by figure)),
            list_contains($lost::varchar[], old_dataset_id) as is_lost
        from differences where kind = 'deleted' or list_contains($lost::varchar[], old_dataset_id)
        group by old_dataset_id order by old_dataset_id
        """,  # noqa: S608
        {"lost": list(lost)},
    ).fetchall()
    found = (
        Blocked(
            dataset, count, 0 if is_lost else _of(limits, dataset).deletions_allowed,
            tuple(figures), digest, is_lost,
        )
        for dataset, count, figures, digest, is_lost in rows
    )  # fmt: skip
    return tuple(one for one in found if one.n_deleted > one.deletions_allowed)


def _revised(
    connection: duckdb.DuckDBPyConnection, limits: Mapping[str, Limits], replaced: Sequence[str]
) -> tuple[Revised, ...]:
    rows = connection.execute(
        """
        select
            dataset_id, coalesce(sum(n) filter (kind = 'changed'), 0),
            coalesce(sum(n) filter (kind <> 'added'), 0)
        from counted group by dataset_id order by dataset_id
        """
    ).fetchall()
    return tuple(
        Revised(dataset, n_changed, n_before, _of(limits, dataset).changes_warn_pct)
        for dataset, n_changed, n_before in rows
        if dataset not in replaced
        and n_changed > FEW
        and 100.0 * n_changed > _of(limits, dataset).changes_warn_pct * n_before
    )


def _of(limits: Mapping[str, Limits], dataset_id: str) -> Limits:
    return limits.get(dataset_id, Limits())


def _shown(connection: duckdb.DuckDBPyConnection, kind: str) -> tuple[dict[str, Any], ...]:
    found = connection.execute(
        "select dataset_id, figure, cast(old_value as varchar) as old_value, "
        "cast(new_value as varchar) as new_value from differences where kind = ? "
        "order by all limit ?",
        [kind, SHOWN],
    )
    names = [column[0] for column in found.description]
    return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def read(path: Path) -> dict[str, Any]:
    """Read a ``diff.json``."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
