"""What a refresh says when it is done: a short table, and what to try next.

Everything is read back from the release itself, so that the summary can only say what a
reader would find.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from lumbung.settings import ROOT, Settings

#: Where is unemployment highest in Banten, and is it rising?
HIGHEST = (
    "select region_name, survey_year, survey_month, unemployment_rate_pct, change_pp, "
    "gap_to_province_pp from unemployment where parent_region_code = '3600' "
    "and rank_in_province = 1 and is_headline order by survey_year desc, survey_month desc limit 5"
)
#: What did they say about the cut of 2026, and when?
CUTS = (
    "select component, amount_idr, claimant, claimed_at from transfer_claims "
    "where region_code = '3673' and fiscal_year = 2026 order by component, claimed_at"
)


@dataclass(frozen=True)
class Facts:
    """The numbers of one release that a person wants to see first."""

    release_id: str
    folder: Path
    n_datasets: int
    n_bundled: int
    n_figures: int
    n_rejected: int
    n_corroborated: int
    n_conflicts: int
    gates: Mapping[str, str]


def current_release_id(settings: Settings) -> str | None:
    """Return the id of the current release, or None before the first."""
    link = settings.releases / "current"
    return link.resolve().name if link.exists() else None


def facts(settings: Settings) -> Facts:
    """Read a release's manifest and count in its marts."""
    folder = (settings.releases / "current").resolve()
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    datasets = {entry["dataset"]: bool(entry["is_sample"]) for entry in manifest["inputs"]}
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return Facts(
            release_id=manifest["release_id"],
            folder=folder,
            n_datasets=len(datasets),
            n_bundled=sum(datasets.values()),
            n_figures=_count(connection, "from marts.observation_history where is_current"),
            n_rejected=_count(connection, "from marts.rejected where is_current"),
            n_corroborated=_count(
                connection, "from marts.observations where n_claims > 1 and not has_conflict"
            ),
            n_conflicts=_count(connection, "from marts.observations where has_conflict"),
            gates={gate["name"]: gate["outcome"] for gate in manifest["gates"]},
        )


def show(console: Console, settings: Settings, before: str | None) -> None:
    """Print the summary of the current release; ``before`` is the release of before the refresh."""
    found = facts(settings)
    console.print()
    if found.release_id == before:
        console.print(f"Nothing new: release [bold]{before}[/] stays current.", highlight=False)
    else:
        console.print(f"Published release [bold]{found.release_id}[/].", highlight=False)
    console.print(_table(found))
    if found.n_bundled:
        console.print(
            _bundled_note(found, settings.is_live("bps")), highlight=False, soft_wrap=True
        )
    _next_steps(console)


def _table(found: Facts) -> Table:
    table = Table(show_header=False, box=None, padding=(0, 2))
    gates = ", ".join(f"{name} {outcome}" for name, outcome in found.gates.items())
    if "warn" in found.gates.values():
        gates += " (a warning blocks nothing: quality/docs/index.html names the figures)"
    for label, value in (
        ("Datasets", f"{found.n_datasets:,}"),
        ("Figures read", f"{found.n_figures:,}"),
        ("Rejected", f"{found.n_rejected:,} (each with its reason in marts.rejected)"),
        ("Corroborated", f"{found.n_corroborated:,}"),
        ("In conflict", f"{found.n_conflicts:,} (all claims stay readable)"),
        ("Gates", gates),
        ("Release", found.release_id),
        ("Files", _nearby(found.folder)),
    ):
        table.add_row(f"[dim]{label}[/]", value)
    return table


def _bundled_note(found: Facts, bps_is_live: bool) -> str:
    """Say how much is bundled, and how that changes; nothing is asked for that is set already."""
    said = (
        f"[yellow]{found.n_bundled} of {found.n_datasets} datasets are bundled figures[/]: "
        "published and cited, but not fetched today.\n"
    )
    if bps_is_live:
        return said + "Angka bawaan: diterbitkan dan disebut sumbernya, bukan unduhan hari ini."
    return said + (
        "To go live: get a free key at webapi.bps.go.id, then LUMBUNG_BPS_KEY=... make refresh\n"
        "Angka bawaan, bukan unduhan hari ini; dengan LUMBUNG_BPS_KEY langsung dari BPS."
    )


def _next_steps(console: Console) -> None:
    console.print("\nThree things to try next:")
    for number, (question, command) in enumerate(
        (
            ("Where is unemployment highest in Banten, and is it rising?", _query(HIGHEST)),
            ("Who says what about the cut of Kota Serang's transfers in 2026?", _query(CUTS)),
            ("Everything else, in SQL:", "make query"),
        ),
        start=1,
    ):
        console.print(f" {number}. {question}\n    [dim]$[/] ", end="", highlight=False)
        console.out(command, highlight=False)


def _query(sql: str) -> str:
    return f'make query Q="{sql}"'


def _count(connection: duckdb.DuckDBPyConnection, rest: str) -> int:
    row = connection.execute(f"select count(*) {rest}").fetchone()
    return int(row[0]) if row else 0


def _nearby(folder: Path) -> str:
    """Write a path as short as it can be typed."""
    relative = os.path.relpath(folder, ROOT)
    return str(folder) if relative.startswith("..") else relative
