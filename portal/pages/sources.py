"""A page a source: who publishes it, and for each figure the place where it stands in it."""

from __future__ import annotations

from collections.abc import Iterator

from portal.library import Library, group
from portal.marts import Row
from portal.pages import figures
from portal.pages.page import Page


def pages(library: Library) -> Iterator[Page]:
    """Return the list of sources, a page for each, and parts where one has very many figures."""
    yield Page(
        "sumber.html", "source_list.html", {"sources": [_listed(library, s) for s in _all(library)]}
    )
    for source in _all(library):
        yield from _pages(library, source)


def _all(library: Library) -> list[Row]:
    return library.rows["sources"]


def _listed(library: Library, source: Row) -> Row:
    kept = ("source_id", "name", "kind", "provenance_tier", "licence", "terms_known", "is_sample")
    return {key: source[key] for key in kept} | {
        "n_figures": len(library.of_source.get(source["source_id"], []))
    }


def _pages(library: Library, source: Row) -> Iterator[Page]:
    name = source["source_id"]
    rows = library.of_source.get(name, [])
    parts = group(rows, lambda row: library.source_page[name, row["region_code"]])
    own = parts.pop(name, [])
    links = [
        {"page": part, "title": _title(library, part, held), "n_figures": len(held)}
        for part, held in sorted(parts.items())
    ]
    yield Page(f"sumber/{name}.html", "source.html", _data(library, source, own, links, None))
    for part, held in parts.items():
        title = _title(library, part, held)
        yield Page(f"sumber/{part}.html", "source.html", _data(library, source, held, [], title))


def _title(library: Library, part: str, held: list[Row]) -> str:
    code = part.rsplit("-", 1)[1]
    return library.name(code) if held else code


def _data(
    library: Library, source: Row, rows: list[Row], parts: list[Row], part: str | None
) -> Row:
    names = {row["indicator_id"]: row for row in library.rows["indicators"]}
    return {
        "source": source,
        "part": part,
        "parts": parts,
        "n_figures": len(library.of_source.get(source["source_id"], [])),
        "figures": [_evidence(library, row, names) for row in rows],
    }


def _evidence(library: Library, row: Row, names: dict[str, Row]) -> Row:
    """Return everything that is known about where a figure comes from."""
    indicator = names[row["indicator_id"]]
    kept = (
        "obs_id", "indicator_id", "region_code", "period_label", "stage", "perimeter",
        "perimeter_note", "breakdown", "category", "baseline", "value", "value_text", "unit",
        "obs_status", "series_version", "claimant", "published_at", "known_at", "known_at_basis",
        "dataset_id", "snapshot_id", "locator", "note",
    )  # fmt: skip
    headline = library.observation.get(row["obs_id"], {})
    return {
        **{key: row[key] for key in kept},
        "name_id": indicator["name_id"],
        "name_en": indicator["name_en"],
        "region_name": library.name(row["region_code"]),
        "fetched_at": library.fetched_at.get(row["snapshot_id"]),
        "relation": row.get("relation"),
        "mark": figures.mark({"is_derived": False, **row}),
        "has_conflict": bool(headline.get("has_conflict")),
        "others": [
            {
                **{key: one[key] for key in ("value", "unit", "relation", "claimant", "known_at")},
                "evidence": library.evidence(one["obs_id"]),
            }
            for one in library.beside.get(row["key_id"], [])
            if one["obs_id"] != row["obs_id"]
        ],
    }  # fmt: skip
