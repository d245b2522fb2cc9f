"""The tables of ``geography/`` as typed rows, refused where they contradict themselves."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.errors import CatalogueError


@dataclass(frozen=True)
class Region:
    """One region of the register; ``region_code`` is None for one that no longer exists."""

    region_id: str
    region_code: str | None
    kemendagri_code: str | None
    djpk_code: str | None
    name: str
    type: str
    parent_region_code: str | None
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True)
class CodeSpell:
    """One code of one region in one system, from a day to a day (None: not known to end)."""

    region_id: str
    system: str
    code: str
    name: str
    valid_from: date | None
    valid_to: date | None

    def covers(self, day: date) -> bool:
        """Tell whether the code is proven to be this region's on a day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Tables:
    """What the geography folder says: regions, their codes, other names, earlier provinces.

    ``aliases`` are pairs of a published name and a region_id, ``memberships`` pairs of a
    region_id and the region_id of a province it lay in before.
    """

    regions: tuple[Region, ...]
    codes: tuple[CodeSpell, ...]
    aliases: tuple[tuple[str, str], ...]
    memberships: tuple[tuple[str, str], ...]


def read_tables(folder: Path) -> Tables:
    """Read the folder; raise CatalogueError for a missing file, a bad cell, a contradiction."""
    try:
        tables = Tables(
            regions=tuple(_region(row) for row in _rows(folder / "regions.csv")),
            codes=tuple(_spell(row) for row in _rows(folder / "region_codes.csv")),
            aliases=_pairs(folder / "region_aliases.csv", "alias", "region_id"),
            memberships=_pairs(folder / "region_memberships.csv", "region_id", "parent_region_id"),
        )
    except (OSError, KeyError, ValueError) as error:
        raise CatalogueError(f"{folder}: the tables of regions can't be read: {error}") from error
    _check(tables, folder)
    return tables


def _check(tables: Tables, folder: Path) -> None:
    for column, values in _unique_columns(tables.regions):
        if twice := _twice(values):
            raise CatalogueError(f"{folder / 'regions.csv'}: {column} '{twice}' stands twice")
    current = [f"{spell.system} {spell.code}" for spell in tables.codes if spell.valid_to is None]
    if twice := _twice(current):
        raise CatalogueError(f"{folder / 'region_codes.csv'}: two regions hold {twice} now")
    used = {
        *(spell.region_id for spell in tables.codes),
        *(region_id for _, region_id in tables.aliases),
        *(region_id for pair in tables.memberships for region_id in pair),
    }
    if unknown := sorted(used - {region.region_id for region in tables.regions}):
        raise CatalogueError(f"{folder}: no region_id '{unknown[0]}' in regions.csv")
    codes = {region.region_code for region in tables.regions}
    for region in tables.regions:
        if region.parent_region_code and region.parent_region_code not in codes:
            raise CatalogueError(f"{folder}: {region.name} lies in no known region")


def _unique_columns(regions: Iterable[Region]) -> Iterator[tuple[str, list[str]]]:
    for column in ("region_id", "region_code", "kemendagri_code", "djpk_code"):
        yield column, [value for r in regions if (value := getattr(r, column))]


def _twice(values: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            return value
        seen.add(value)
    return None


def _pairs(path: Path, first: str, second: str) -> tuple[tuple[str, str], ...]:
    return tuple((row[first], row[second]) for row in _rows(path))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _region(row: dict[str, str]) -> Region:
    return Region(
        region_id=row["region_id"],
        region_code=row["region_code"] or None,
        kemendagri_code=row["kemendagri_code"] or None,
        djpk_code=row["djpk_code"] or None,
        name=row["name"],
        type=row["type"],
        parent_region_code=row["parent_region_code"] or None,
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )


def _spell(row: dict[str, str]) -> CodeSpell:
    return CodeSpell(
        region_id=row["region_id"],
        system=row["system"],
        code=row["code"],
        name=row["name"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )
