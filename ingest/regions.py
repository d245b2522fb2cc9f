"""The one resolver of regions: from a published code or name to the BPS WebAPI code.

Codes are text and belong to a system; a name is read with the province it stands in.
Nothing is guessed: a name is known, or listed in ``region_aliases.csv`` with its reason,
or it is rejected with the nearest names as a hint.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path

from ingest.errors import RegionError
from ingest.region_names import key_of, plain, split_name
from ingest.region_tables import CodeSpell, Region, Tables, read_tables

SYSTEMS = ("bps", "kemendagri", "djpk")
COUNTRY = "0000"
#: How DJPK marks the government of a row that adds several up.
SUM = ".--"


class RegionRegister:
    """The register of regions, indexed: every look-up is a dictionary's."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._resolved: dict[tuple[str | None, ...], str] = {}

    @classmethod
    def load(cls, folder: Path) -> RegionRegister:
        """Read the geography folder; raise CatalogueError where its tables contradict."""
        return cls(read_tables(folder))

    @property
    def regions(self) -> tuple[Region, ...]:
        """Every region of the register, those that ended among them."""
        return self._tables.regions

    def codes(self, system: str) -> frozenset[str]:
        """Return every code of a system that any region has or had."""
        return frozenset(spell.code for spell in self._tables.codes if spell.system == system)

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

        Without ``on`` the code has its present meaning, which is what sources mean that
        republish old years under codes of today, as BPS does. With it, the meaning as of
        that day; a day for which nothing proves the meaning is refused.
        """
        if system not in SYSTEMS:
            raise RegionError(
                "unknown_system", f"no code system '{system}'; there are: {', '.join(SYSTEMS)}"
            )
        text = code.strip()
        spells = self._spells.get((system, text), [])
        holders = {spell.region_id for spell in spells if _holds(spell, on)}
        if on is not None and not holders:
            holders = _holders_around(spells, on)
        current = {self._by_id[region_id].region_code for region_id in holders} - {None}
        if len(current) != 1:
            raise _unknown_code(text, system, on, spells)
        return str(current.pop())

    def is_sum(self, code: str, system: str) -> bool:
        """Tell whether a code stands for a sum of governments: DJPK's ``28.--``, ``--.--``."""
        return system == "djpk" and code.strip().endswith(SUM)

    def resolve_sum(self, code: str, system: str) -> str:
        """Return the province, or the country, whose governments a code adds up.

        The caller must carry the figure under another perimeter than a government's own.
        """
        province = code.strip().removesuffix(SUM)
        return COUNTRY if province == "--" else self.resolve_code(f"{province}.00", system)

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
        province = None if within is None else self._province(within)
        said, key = split_name(name)
        found = self._candidates(key, said, type_, province)
        if not found and said:  # a name can itself begin with Kota: "Kota Baru" is Kotabaru
            found = self._candidates(key_of(plain(name)), None, type_, province)
        if default_type:
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
            if wanted <= {region.type} and self._lies_in(region, province, wanted)
        ]
        return sorted(found, key=lambda region: region.region_code or "")

    def _lies_in(self, region: Region, province: Region | None, wanted: set[str]) -> bool:
        if province is None:
            return True
        if region is province:  # only where the name says so: Gorontalo lies in Gorontalo
            return "province" in wanted
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
        hints = sorted(
            {_full_name(r) for k in near for r in self._names[k] if self._near(r, province)}
        )
        where = f" in {province.name}" if province else ""
        hint = f"; near: {', '.join(hints)}" if hints else ""
        return RegionError(
            "unknown_region",
            f"no region is called '{name.strip()}'{where}{hint}. Correct the name, or add a "
            "row with the reason to ingest/geography/region_aliases.csv",
        )

    def _near(self, region: Region, province: Region | None) -> bool:
        return self._lies_in(region, province, {"province"})

    @cached_property
    def _by_id(self) -> dict[str, Region]:
        return {region.region_id: region for region in self.regions}

    @cached_property
    def _by_code(self) -> dict[str, Region]:
        return {region.region_code: region for region in self.regions if region.region_code}

    @cached_property
    def _spells(self) -> dict[tuple[str, str], list[CodeSpell]]:
        spells = defaultdict(list)
        for spell in self._tables.codes:
            spells[spell.system, spell.code].append(spell)
        return dict(spells)

    @cached_property
    def _names(self) -> dict[str, list[Region]]:
        names: defaultdict[str, list[Region]] = defaultdict(list)
        for region in self.regions:
            if region.region_code:
                names[split_name(region.name)[1]].append(region)
        for alias, region_id in self._tables.aliases:
            known = names[split_name(alias)[1]]
            if self._by_id[region_id] not in known:
                known.append(self._by_id[region_id])
        return dict(names)

    @cached_property
    def _former_members(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._tables.memberships)


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
    names = " or ".join(f"{_full_name(region)} ({region.region_code})" for region in found)
    return (
        f"'{name.strip()}' can be {names}. Write the full name or the code, name the "
        "province, or declare the dataset's rule with default_type"
    )


def _full_name(region: Region) -> str:
    """Say the kind too: a province's official name is bare, and can be a city's as well."""
    return f"Provinsi {region.name}" if region.type == "province" else region.name
