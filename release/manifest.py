"""The manifest: what a release is made of, and the hashes that prove it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from release.errors import ReleaseError

NAME = "manifest.json"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Input(_Entry):
    """One reply that went in. ``fetched_at`` is when it was last seen unchanged."""

    dataset: str
    sha256: str
    fetched_at: datetime
    is_sample: bool


class Table(_Entry):
    """One published mart; the hash is of its Parquet file."""

    name: str
    rows: int
    sha256: str


class Gate(_Entry):
    """One gate and how it ended: pass, warn or approved."""

    name: str
    outcome: str


class Manifest(_Entry):
    """The whole of ``manifest.json``."""

    release_id: str
    created_at: datetime
    fingerprint: str
    region_edition: str
    inputs: tuple[Input, ...]
    tables: tuple[Table, ...]
    gates: tuple[Gate, ...]
    diff: dict[str, Any]
    versions: dict[str, str]
    warehouse_sha256: str
    #: Where the ledger stood, and which sources were live: what a rebuild starts from.
    ledger: dict[str, Any] | None = None
    live_connections: tuple[str, ...] = ()

    @property
    def is_sample(self) -> bool:
        """Tell whether any of its figures are bundled ones."""
        return any(item.is_sample for item in self.inputs)


def read(folder: Path) -> Manifest:
    """Read the manifest of a release folder.

    Raises ReleaseError where it is missing or is none.
    """
    return read_file(folder / NAME)


def read_file(path: Path) -> Manifest:
    """Read a manifest, wherever it lies."""
    try:
        return Manifest.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ReleaseError(
            f"{path.parent.name}: no {path.name}; this is no whole release"
        ) from None
    except (ValueError, ValidationError) as error:
        raise ReleaseError(f"{path}: can't be read: {error}") from None
