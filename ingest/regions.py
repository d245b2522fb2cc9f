"""The one resolver of regions: from a published code or name to the BPS WebAPI code.

Codes are text and belong to a system; a name is read with the province it stands in.
Nothing is guessed: a name is known, or listed in ``region_aliases.csv`` with its reason,
or it is rejected with the nearest names as a hint.
"""

from __future__ import annotations

import csv
import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from ingest.errors import CatalogueError, RegionError
from ingest.region_names import key_of, plain, split_name

SYSTEMS = ("bps", "kemendagri", "djpk")


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
class RegionRegister:
    """The register of regions, indexed: every look-up is a dictionary's."""

    regions: tuple[Region, ...]
    codes: tuple[CodeSpell, ...]
    aliases: tuple[tuple[str, str], ...]
    memberships: tuple[tuple[str, str], ...]
    _resolved: dict[tuple[str | None, ...], str] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path) -> RegionRegister:
        """Read the geography folder; raise CatalogueError where its tables contradict."""
        register = cls(
            regions=tuple(_region(row) for row in _rows(folder / "regions.csv")),
            codes=tuple(_spell(row) for row in _rows(folder / "region_codes.csv")),
            aliases=tuple(
                (row["alias"], row["region_id"]) for row in _rows(folder / "region_aliases.csv")
            ),
            memberships=tuple(
                (row["region_id"], row["parent_region_id"])
                for row in _rows(folder / "region_memberships.csv")
            ),
        )
        register._check(folder)
        return register

    def name(self, region_code: str) -> str:
        """Return a region's official name, as "Kabupaten Serang"."""
        return self.region(region_code).name

    def region(self, region_code: str) -> Region:
        """Return a region that exists now, by its BPS WebAPI code."""
        found = self._by_code.get(region_code)
        if found is None:
            raise RegionError(
                "unknown_region",
                f"no region has the BPS WebAPI code '{region_code}' (four digits, as 3604)",
            )
        return found

    def resolve_code(self, code: str, system: str = "bps", on: date | None = None) -> str:
        """Return the BPS WebAPI code of a region from its code in a system.

        Without ``on`` the code is read in its present meaning; with it, as of that day,
        and a day for which nothing proves the code's meaning is refused.
        """
        if system not in SYSTEMS:
            raise RegionError(
                "unknown_system", f"no code system '{system}'; there are: {', '.join(SYSTEMS)}"
            )
        text = code.strip()
        spells = self._spells.get((system, _full_code(text, system)), [])
        holders = {spell.region_id for spell in spells if _holds(spell, on)}
        if on is not None and not holders:
            holders = _holders_around(spells, on)
        current = {self._by_id[region_id].region_code for region_id in holders} - {None}
        if len(current) != 1:
            raise _unknown_code(text, system, on, spells)
        return str(current.pop())

    def resolve_name(
        self,
        name: str,
        within: str | None = None,
        type: str | None = None,
        default_type: str | None = None,
    ) -> str:
        """Return the BPS WebAPI code of a region from a published name.

        ``within`` is a province (name or BPS WebAPI code); ``type`` says what the name must
        be; ``default_type`` is a dataset's declared rule for a bare name that two regions
        share, such as Serang. Regencies are also found in the province they lay in before.
        """
        question = (name, within, type, default_type)
        if question not in self._resolved:
            self._resolved[question] = self._resolve_name(name, within, type, default_type)
        return self._resolved[question]

    def _resolve_name(
        self, name: str, within: str | None, type_: str | None, default_type: str | None
    ) -> str:
        province = self._province(within) if within else None
        said, key = split_name(name)
        found = self._candidates(key, said, type_, province)
        if not found and said:  # a name can itself begin with Kota: "Kota Baru" is Kotabaru
            found = self._candidates(key_of(plain(name)), None, type_, province)
        if len(found) > 1 and not said and default_type:
            found = [region for region in found if region.type == default_type] or found
        if len(found) == 1 and found[0].region_code:
            return found[0].region_code
        if found:
            raise RegionError("ambiguous_region", _ambiguous(name, found))
        raise self._unknown_name(name, key, province)

    def _candidates(
        self, key: str, said: str | None, type_: str | None, province: Region | None
    ) -> list[Region]:
        wanted = {kind for kind in (said, type_) if kind}
        found = [
            region
            for region in self._names.get(key, [])
            if wanted <= {region.type} and self._lies_in(region, province, said)
        ]
        return sorted(found, key=lambda region: region.region_code or "")

    def _lies_in(self, region: Region, province: Region | None, said: str | None) -> bool:
        if province is None:
            return True
        if region is province:  # only where the name says so: Gorontalo lies in Gorontalo
            return said == "province"
        return (
            region.parent_region_code == province.region_code
            or (region.region_id, province.region_id) in self._former_members
        )

    def _province(self, within: str) -> Region:
        code = within.strip()
        if code.isdigit():
            return self.region(code)
        return self.region(self.resolve_name(within, type="province"))

    def _unknown_name(self, name: str, key: str, province: Region | None) -> RegionError:
        known = {
            k for k, regions in self._names.items() for r in regions if self._near(r, province)
        }
        near = difflib.get_close_matches(key, sorted(known), n=3, cutoff=0.7)
        hints = sorted({r.name for k in near for r in self._names[k] if self._near(r, province)})
        where = f" in {province.name}" if province else ""
        hint = f"; near: {', '.join(hints)}" if hints else ""
        return RegionError(
            "unknown_region",
            f"no region is called '{name.strip()}'{where}{hint}. Correct the name, or add a "
            "row with the reason to ingest/geography/region_aliases.csv",
        )

    def _near(self, region: Region, province: Region | None) -> bool:
        return self._lies_in(region, province, "province")

    @cached_property
    def _by_id(self) -> dict[str, Region]:
        return {region.region_id: region for region in self.regions}

    @cached_property
    def _by_code(self) -> dict[str, Region]:
        return {region.region_code: region for region in self.regions if region.region_code}

    @cached_property
    def _spells(self) -> dict[tuple[str, str], list[CodeSpell]]:
        spells = defaultdict(list)
        for spell in self.codes:
            spells[spell.system, spell.code].append(spell)
        return dict(spells)

    @cached_property
    def _names(self) -> dict[str, list[Region]]:
        names: defaultdict[str, list[Region]] = defaultdict(list)
        for region in self.regions:
            if region.region_code:
                names[split_name(region.name)[1]].append(region)
        for alias, region_id in self.aliases:
            names[split_name(alias)[1]].append(self._by_id[region_id])
        return dict(names)

    @cached_property
    def _former_members(self) -> frozenset[tuple[str, str]]:
        return frozenset(self.memberships)

    def _check(self, folder: Path) -> None:
        known = set(self._by_id)
        used = {
            *(spell.region_id for spell in self.codes),
            *(region_id for _, region_id in self.aliases),
            *(region_id for pair in self.memberships for region_id in pair),
        }
        if unknown := sorted(used - known):
            raise CatalogueError(f"{folder}: no region_id '{unknown[0]}' in regions.csv")
        for what, values in _unique_columns(self.regions):
            if twice := _twice(values):
                raise CatalogueError(f"{folder / 'regions.csv'}: {what} '{twice}' stands twice")
        for region in self.regions:
            if region.parent_region_code and region.parent_region_code not in self._by_code:
                raise CatalogueError(f"{folder}: {region.name} lies in no known region")


def _full_code(code: str, system: str) -> str:
    """Give BPS's two-digit province code its WebAPI form: 36 is 3600."""
    return f"{code}00" if system == "bps" and len(code) == 2 and code.isdigit() else code


def _holds(spell: CodeSpell, on: date | None) -> bool:
    return spell.valid_to is None if on is None else spell.covers(on)


def _holders_around(spells: list[CodeSpell], day: date) -> set[str]:
    """Return the region that held the code both before and after a day, if it is one."""
    before = [s for s in spells if s.valid_to and s.valid_to < day]
    after = [s for s in spells if s.valid_from and s.valid_from > day]
    if not before or not after:
        return set()
    last = max(before, key=lambda s: s.valid_to or date.min)
    first = min(after, key=lambda s: s.valid_from or date.max)
    return {last.region_id} & {first.region_id}


def _unknown_code(code: str, system: str, on: date | None, spells: list[CodeSpell]) -> RegionError:
    if "--" in code:
        return RegionError(
            "sum_of_governments", f"DJPK code '{code}' is a sum of governments, no region"
        )
    if not spells:
        return RegionError(
            "unknown_region",
            f"no region has the {system} code '{code}'; codes are text with their dot "
            "and zeros (kemendagri 11.10, djpk 28.03, bps 3604)",
        )
    when = f"on {on}" if on else "now"
    held = "; ".join(f"{s.name} ({s.valid_from or '…'} to {s.valid_to or '…'})" for s in spells)
    return RegionError(
        "code_not_in_use",
        f"{system} code '{code}' is no present region's {when}; it is proven for: {held}",
    )


def _ambiguous(name: str, found: Iterable[Region]) -> str:
    names = " or ".join(f"{region.name} ({region.region_code})" for region in found)
    return (
        f"'{name.strip()}' can be {names}. Write the full name or the code, name the "
        "province, or declare the dataset's rule with default_type"
    )


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
