"""Everything the pages say about one release, read once and kept by key.

Plain rows, as the marts hold them: texts and formats are the pages' business. Each observation
gets the address of its evidence, the place on a source page that tells where it came from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from portal.marts import Marts, Row

#: A source with more figures than this has a page a province, one with more there a page a region.
ONE_PAGE = 400

QUESTIONS = (
    "indicators", "sources", "observations", "other_claims", "unemployment",
    "unemployment_breakdown", "transfer_cuts", "transfer_claims", "programmes", "themes",
    "statements", "disparity", "contradictions", "corrections", "freshness",
    "fetch_outcomes", "revisions", "release_diff", "rejected", "musrenbang", "lineage", "columns",
    "tables",
)  # fmt: skip


@dataclass
class Library:
    """The rows of a release by the keys that pages ask for."""

    release_id: str
    publication: Row
    regions: dict[str, Row]
    rows: dict[str, list[Row]]
    fetched_at: dict[str, str]
    by_region: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    observation: dict[str, Row] = field(default_factory=dict)
    of_indicator: dict[str, list[Row]] = field(default_factory=dict)
    of_region: dict[str, list[Row]] = field(default_factory=dict)
    of_source: dict[str, list[Row]] = field(default_factory=dict)
    beside: dict[str, list[Row]] = field(default_factory=dict)
    source_page: dict[tuple[str, str], str] = field(default_factory=dict)
    #: The half-years of which a region has a written report, newest first.
    reports: dict[str, list[str]] = field(default_factory=dict)

    def name(self, code: str) -> str:
        """Return a region's name, or its code where the register no longer has it."""
        return str(self.regions[code]["name"]) if code in self.regions else code

    def children(self, code: str) -> list[Row]:
        """Return the regions right below one, by code."""
        return [one for one in self.regions.values() if one["parent_region_code"] == code]

    def of(self, question: str, region_code: str) -> list[Row]:
        """Return a question's rows about one region."""
        if question not in self.by_region:
            self.by_region[question] = group(self.rows[question], lambda row: row["region_code"])
        return self.by_region[question].get(region_code, [])

    def evidence(self, obs_id: str | None) -> str | None:
        """Return the address, from the root, of the place that tells where a figure came from."""
        row = self.observation.get(obs_id or "")
        if row is None:
            return None
        page = self.source_page[row["source_id"], row["region_code"]]
        return f"sumber/{page}.html#{anchor(row['obs_id'])}"

    def figure(self, obs_id: str | None) -> Row | None:
        """Return what is told about a figure where it is opened: value, place, dates, others."""
        row = self.observation.get(obs_id or "")
        if row is None:
            return None
        names = {one["indicator_id"]: one for one in self.rows["indicators"]}
        about = names.get(row["indicator_id"], {})
        return {
            **row,
            "name_id": about.get("name_id", row["indicator_id"]),
            "name_en": about.get("name_en", row["indicator_id"]),
            "region_name": self.name(row["region_code"]),
            "evidence": self.evidence(obs_id),
            "fetched_at": self.fetched_at.get(row["snapshot_id"]),
            "others": self.beside.get(row["key_id"], []) if "key_id" in row else [],
        }


def read(marts: Marts) -> Library:
    """Read a release into a library; some two seconds for half a million cells."""
    [publication] = marts.ask("publication")
    regions = {row["region_code"]: row for row in marts.ask("regions")}
    rows = {question: marts.ask(question) for question in QUESTIONS}
    fetched = {one["sha256"]: one["fetched_at"] for one in marts.manifest["inputs"]}
    return arranged(Library(marts.release_id, publication, regions, rows, fetched))


def arranged(library: Library) -> Library:
    """Put a library's rows on the shelves that pages ask for."""
    rows = library.rows
    every = [*rows["observations"], *rows["other_claims"]]
    library.observation = {row["obs_id"]: row for row in every}
    library.of_indicator = group(rows["observations"], lambda row: row["indicator_id"])
    library.of_region = group(rows["observations"], lambda row: row["region_code"])
    library.of_source = group(every, lambda row: row["source_id"])
    library.beside = group(rows["other_claims"], lambda row: row["key_id"])
    library.source_page = _source_pages(library)
    return library


def group(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Group rows by a key, keeping their order."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)


def anchor(obs_id: str) -> str:
    """Return the anchor of a figure on its source's page."""
    return f"o-{obs_id[:12]}"


def _source_pages(library: Library) -> dict[tuple[str, str], str]:
    """Name the page that holds each source's figures of each region."""
    pages: dict[tuple[str, str], str] = {}
    for source, rows in library.of_source.items():
        if len(rows) <= ONE_PAGE:
            pages.update({(source, row["region_code"]): source for row in rows})
            continue
        provinces = group(rows, lambda row: _province(library, row["region_code"]))
        for province, held in provinces.items():
            for row in held:
                tail = province if len(held) <= ONE_PAGE * 2 else row["region_code"]
                pages[source, row["region_code"]] = f"{source}-{tail}"
    return pages


def _province(library: Library, code: str) -> str:
    parent = library.regions.get(code, {}).get("parent_region_code")
    return parent if parent and parent != "0000" else code
