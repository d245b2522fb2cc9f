"""A page before it is written: its address, its template and its data, in no language yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from portal.charts import Drawing


@dataclass(frozen=True)
class Page:
    """One page of the site.

    ``path`` is from the root of a language (``daerah/3604.html``); the same page is written in
    every language. ``data`` holds plain values only: it is hashed to know what changed.
    """

    path: str
    template: str
    data: dict[str, Any]
    drawings: dict[str, Drawing] = field(default_factory=dict)
