"""Said and checked: what offices said in public, and what published figures say to that."""

from __future__ import annotations

from collections.abc import Iterator

from portal.library import Library
from portal.marts import Row
from portal.pages.page import Page

ORDER = ("contradicted", "supported", "not_testable")


def pages(library: Library) -> Iterator[Page]:
    """Return the one page of statements."""
    checked = [_checked(library, row) for row in library.rows["statements"]]
    counts = {verdict: sum(row["verdict"] == verdict for row in checked) for verdict in ORDER}
    yield Page("pernyataan.html", "statements.html", {"statements": checked, "counts": counts})


def _checked(library: Library, row: Row) -> Row:
    ids = (row["evidence_obs_ids"] or "").split(",")
    evidence = []
    for obs_id in filter(None, ids):
        found = library.observation.get(obs_id)
        if found is not None:
            kept = ("value", "unit", "period_label", "region_code", "indicator_id", "claimant")
            evidence.append({
                **{key: found[key] for key in kept},
                "region_name": library.name(found["region_code"]),
                "evidence": library.evidence(obs_id),
            })  # fmt: skip
    return {**row, "evidence": evidence}
