"""What a catalogue file says about a file of cited figures, and that file's columns."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ingest.numbers import Style
from ingest.schema import Dataset, Slug

COLUMNS = (
    "indicator", "breakdown", "category", "region_code", "region_name", "period",
    "period_kind", "period_start", "period_end", "value", "unit", "precision", "stage",
    "perimeter", "perimeter_note", "baseline", "series_version", "claimant", "source",
    "source_url", "tier", "published_at", "published_at_basis", "note",
)  # fmt: skip


class CitedFigures(Dataset):
    """A file of cited figures: ``protocol: cited_figures``.

    ``indicators`` lists what the file may speak about, or is ``any``. ``decimal`` is the
    decimal sign of its value column.
    """

    protocol: Literal["cited_figures"]
    indicators: Literal["any"] | tuple[Slug, ...] = Field(min_length=1)
    decimal: Style = "."

    def indicators_named(self) -> frozenset[str]:
        """Return the listed indicators; none where any is allowed."""
        return frozenset() if self.indicators == "any" else frozenset(self.indicators)
