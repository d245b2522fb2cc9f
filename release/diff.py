"""Compares a candidate's figures with the current release's: added, changed, deleted.

A figure that disappears blocks the release unless its dataset's catalogue file allows it or
a named person approves exactly this set of deletions. Bundled figures that make way for live
ones are counted apart; live ones that would make way for bundled ones are deletions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
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

    def message(self) -> str:
        """Say which figures are gone."""
        more = self.n_deleted - len(self.figures)
        tail = f" (and {more} more)" if more > 0 else ""
        return (
            f"marts.observations: deletions_declared (fail): dataset {self.dataset_id} lost "
            f"{self.n_deleted} figures, its catalogue file allows {self.deletions_allowed}: "
            f"{'; '.join(self.figures)}{tail}"
        )


@dataclass(frozen=True)
class Diff:
    """The whole comparison. ``against`` is None for the first release."""

    against: str | None
    groups: tuple[Group, ...]
    changed: tuple[Mapping[str, Any], ...]
    deleted: tuple[Mapping[str, Any], ...]
    replaced_datasets: tuple[str, ...]
    blocked: tuple[Blocked, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Added, changed, deleted and replaced figures over everything."""
        names = ("n_added", "n_changed", "n_deleted", "n_replaced_by_live")
        return {name: sum(getattr(group, name) for group in self.groups) for name in names}

    @property
    def outcome(self) -> str:
        """Return fail where a deletion is not declared."""
        return "fail" if self.blocked else "pass"

    def summary(self) -> dict[str, Any]:
        """Return what the manifest says about it."""
        return {"against": self.against, **self.totals}

    def as_json(self) -> dict[str, Any]:
        """Return what ``diff.json`` holds."""
        return {"totals": self.totals, "outcome": self.outcome, **asdict(self)}


def compare(
    previous: Path | None,
    candidate: Path,
    allowed: Mapping[str, int],
    keep: Path | None = None,
) -> Diff:
    """Compare the candidate's folder with a release's folder.

    ``allowed`` is how many figures each dataset may lose. ``keep`` is where the list of all
    differences is written as Parquet.
    """
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT}) as connection:
        connection.execute(
            f"attach '{_quoted(candidate / 'warehouse.duckdb')}' as candidate (read_only)"
        )
        columns = _columns(connection, "candidate.marts.observations")
        _figures(connection, "figures_after", "candidate.marts.observations", columns, candidate)
        if previous is None:
            connection.execute("create table figures_before as from figures_after limit 0")
        else:
            table = f"read_parquet('{_quoted(previous / 'marts' / 'observations.parquet')}')"
            _figures(connection, "figures_before", table, _columns(connection, table), previous)
        connection.execute(_DIFFERENCES)
        replaced = _replaced(connection, previous, candidate)
        connection.execute(
            "update differences set kind = 'replaced_by_live' "
            "where kind = 'deleted' and list_contains(?::varchar[], old_dataset_id)",
            [list(replaced)],
        )
        if keep is not None:
            connection.execute(
                "copy (from differences where kind <> 'same' order by all) "
                f"to '{_quoted(keep)}' (format parquet)"
            )
        return Diff(
            against=previous.name if previous else None,
            groups=tuple(Group(*row) for row in connection.execute(_GROUPS).fetchall()),
            changed=_shown(connection, "changed"),
            deleted=_shown(connection, "deleted"),
            replaced_datasets=replaced,
            blocked=_blocked(connection, allowed),
        )


_DIFFERENCES = """
create table differences as
select
    coalesce(a.dataset_id, b.dataset_id) as dataset_id,
    coalesce(a.indicator_id, b.indicator_id) as indicator_id,
    coalesce(a.figure, b.figure) as figure,
    b.dataset_id as old_dataset_id,
    b.value as old_value, a.value as new_value, b.unit as old_unit, a.unit as new_unit,
    case
        when b.figure is null then 'added'
        when a.figure is null then 'deleted'
        when (a.value, a.unit, a.series_version)
            is distinct from (b.value, b.unit, b.series_version) then 'changed'
        else 'same'
    end as kind
from figures_after as a
full join figures_before as b on a.figure = b.figure and a.nth = b.nth
"""

_GROUPS = """
select
    dataset_id, indicator_id,
    count(*) filter (kind <> 'added') as n_before,
    count(*) filter (kind not in ('deleted', 'replaced_by_live')) as n_after,
    count(*) filter (kind = 'added') as n_added,
    count(*) filter (kind = 'changed') as n_changed,
    count(*) filter (kind = 'deleted') as n_deleted,
    count(*) filter (kind = 'replaced_by_live') as n_replaced_by_live
from differences
group by dataset_id, indicator_id
order by dataset_id, indicator_id
"""


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    found = connection.execute(f"from {table} limit 0").description
    return {column[0] for column in found}


def _figures(
    connection: duckdb.DuckDBPyConnection, name: str, table: str, columns: set[str], folder: Path
) -> None:
    """Make a table of figures: one text that is the key, the dataset, value and unit."""
    parts = ", ".join(
        f"coalesce(cast({column} as varchar), '')" for column in KEY if column in columns
    )
    snapshots = f"read_parquet('{_quoted(folder / 'inputs' / 'snapshots.parquet')}')"
    dataset = "o.dataset_id" if "dataset_id" in columns else "s.dataset_id"
    connection.execute(
        f"""
        create table {name} as
        select
            coalesce({dataset}, 'derived') as dataset_id, o.indicator_id, o.value, o.unit,
            o.series_version, o.figure,
            row_number() over (partition by o.figure order by o.value) as nth
        from (select *, concat_ws('|', {parts}) as figure from {table}) as o
        left join (
            select snapshot_id, min(dataset_id) as dataset_id from {snapshots} group by all
        ) as s on o.snapshot_id = s.snapshot_id
        """  # noqa: S608 - names of our own columns and folders
    )


def _replaced(
    connection: duckdb.DuckDBPyConnection, previous: Path | None, candidate: Path
) -> tuple[str, ...]:
    """Return the datasets that went from bundled to live: another collection, not a loss.

    The other way round is no such thing: a key that got lost must not cost the live figures.
    """
    if previous is None:
        return ()
    before, after = (
        f"read_parquet('{_quoted(folder / 'inputs' / 'snapshots.parquet')}')"
        for folder in (previous, candidate)
    )
    rows = connection.execute(
        f"""
        select distinct b.dataset_id from {before} as b
        inner join {after} as a on a.dataset_id = b.dataset_id
        where b.is_sample and not a.is_sample
        order by 1
        """  # noqa: S608
    ).fetchall()
    return tuple(row[0] for row in rows)


def _blocked(
    connection: duckdb.DuckDBPyConnection, allowed: Mapping[str, int]
) -> tuple[Blocked, ...]:
    rows = connection.execute(
        f"""
        select
            dataset_id, count(*), list_slice(list(figure order by figure), 1, {SHOWN}),
            sha256(string_agg(figure, chr(10) order by figure))
        from differences where kind = 'deleted'
        group by dataset_id order by dataset_id
        """  # noqa: S608
    ).fetchall()
    return tuple(
        Blocked(dataset, count, allowed.get(dataset, 0), tuple(figures), digest)
        for dataset, count, figures, digest in rows
        if count > allowed.get(dataset, 0)
    )


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
