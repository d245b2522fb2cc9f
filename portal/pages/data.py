"""The data page: what tables there are, what their columns mean, and where to fetch them."""

from __future__ import annotations

from collections.abc import Iterator

from portal import dictionary
from portal.library import Library
from portal.pages.page import Page


def pages(library: Library) -> Iterator[Page]:
    """Return the catalogue with the dictionary of columns."""
    tables = dictionary.tables(library.rows["tables"], library.rows["columns"])
    n_unknown = sum(not row["terms_known"] for row in library.rows["sources"])
    n_indicators = len(library.rows["indicators"])
    yield Page(
        "data.html",
        "data.html",
        {"tables": tables, "n_unknown_terms": n_unknown, "n_indicators": n_indicators},
    )
