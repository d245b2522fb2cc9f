"""Whether a candidate's inputs are few or many: what pays for one does not for the other."""

from __future__ import annotations

from pathlib import Path

#: Of observations as Parquet: some hundred thousand figures.
MANY_BYTES = 4 << 20


def is_large(inputs: Path) -> bool:
    """Tell whether a folder of inputs holds many figures.

    With few, Python's own work is most of a build's time, and of its memory. With many it is
    DuckDB's, which takes both cores and all memory it is given for one statement.
    """
    observations = inputs / "observations.parquet"
    return observations.exists() and observations.stat().st_size >= MANY_BYTES
