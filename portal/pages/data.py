"""The data page: what tables there are, what their columns mean, and where to fetch them."""

from __future__ import annotations

from collections.abc import Iterator

from portal.library import Library, group
from portal.pages.page import Page


def pages(library: Library) -> Iterator[Page]:
    """Return the catalogue with the dictionary of columns."""
    tables = [
        {"name": name, "columns": columns}
        for name, columns in group(library.rows["columns"], lambda row: row["table_name"]).items()
    ]
    n_unknown = sum(not row["terms_known"] for row in library.rows["sources"])
    yield Page("data.html", "data.html", {"tables": tables, "n_unknown_terms": n_unknown})
