"""``python -m ingest trace``: the original bytes around one figure, and when they were fetched.

A figure is named by its obs_id, looked up in the current release's Parquet, or by the snapshot
and the place inside it. Nothing is parsed again: what is printed is what the source sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import pyarrow.parquet as pq
import typer

from ingest import storage
from ingest.errors import IngestError
from ingest.landing import Fetch, Landing
from lumbung import settings as house
from lumbung.settings import Settings

#: Bytes shown on either side of a key, and lines on either side of a line.
AROUND_BYTES = 60
AROUND_LINES = 1

#: A line as text sources count it; a quoted cell that spans lines moves no figure's line here.
LINE = re.compile(r"^line (\d+)\b")

_COLUMNS = [
    "obs_id", "indicator_id", "region_code", "period_label", "value_text", "unit", "source_name",
    "source_url", "dataset_id", "snapshot_id", "locator",
]  # fmt: skip


class TraceError(IngestError):
    """A figure that can't be followed, and what to do about it."""


@dataclass(frozen=True)
class Place:
    """Where a figure stands: a reply, and the place inside it."""

    snapshot_id: str
    locator: str
    figure: dict[str, Any] | None = None


@dataclass(frozen=True)
class Passage:
    """A stretch of a reply: its first byte, and its bytes as they came."""

    offset: int
    body: bytes


def trace(
    obs_id: Annotated[str | None, typer.Argument(help="A figure's obs_id.")] = None,
    snapshot: Annotated[str | None, typer.Option(help="Instead: a landed reply's sha256.")] = None,
    locator: Annotated[str | None, typer.Option(help="And the place inside it.")] = None,
) -> None:
    """Print the original bytes around a figure, the reply they stand in and its fetches."""
    settings = house.load()
    try:
        place = find(settings, obs_id, snapshot, locator)
        for line in report(settings, place):
            typer.echo(line)
    except IngestError as error:
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(1) from None


def find(
    settings: Settings, obs_id: str | None, snapshot: str | None = None, locator: str | None = None
) -> Place:
    """Return where a figure stands, by its obs_id or by the place itself."""
    if snapshot and locator and not obs_id:
        return Place(snapshot, locator)
    if not obs_id or snapshot or locator:
        raise TraceError("name a figure by its OBS_ID, or by --snapshot and --locator together")
    history = settings.releases / "current" / "marts" / "observation_history.parquet"
    if not history.exists():
        raise TraceError(
            "there is no release to look the figure up in: run `make refresh` first, or give "
            "--snapshot and --locator"
        )
    found = pq.read_table(
        history, columns=_COLUMNS, filters=[("obs_id", "=", obs_id)], partitioning=None
    ).to_pylist()
    if not found:
        raise TraceError(
            f"the current release has no figure {obs_id}; take an obs_id from a mart, or from "
            "marts.mart_lineage"
        )
    return Place(found[0]["snapshot_id"], found[0]["locator"], found[0])


def report(settings: Settings, place: Place) -> Iterator[str]:
    """Yield the lines that tell where a figure comes from."""
    landing = Landing.of(settings)
    body = landing.read(place.snapshot_id)
    if place.figure:
        yield from (f"{name:<13}{place.figure[name]}" for name in _COLUMNS[:8])
    yield f"{'snapshot':<13}{place.snapshot_id}"
    file = storage.shown(landing.path_of(place.snapshot_id), settings)
    yield f"{'file':<13}{file} ({len(body)} bytes)"
    yield f"{'locator':<13}{place.locator}"
    for fetch in fetches_of(landing, place.snapshot_id):
        yield f"{'fetched':<13}{told(fetch)}"
    passage = around(body, place.locator)
    yield f"{'bytes':<13}{passage.offset} to {passage.offset + len(passage.body)}"
    yield passage.body.decode("utf-8", errors="backslashreplace").rstrip("\n")


def around(body: bytes, locator: str) -> Passage:
    """Return the bytes around a place: neighbouring lines, or the neighbourhood of a key."""
    counted = LINE.match(locator)
    if counted:
        return _lines(body, int(counted.group(1)), locator)
    at = body.find(b'"' + locator.encode() + b'"')
    if at < 0:
        at = body.find(locator.encode())
    if at < 0:
        raise TraceError(
            f"the reply does not contain the text of its locator '{locator}'; its place is "
            "described in words, so open the file and look there"
        )
    start = max(0, at - AROUND_BYTES)
    return Passage(start, body[start : at + len(locator) + AROUND_BYTES])


def _lines(body: bytes, number: int, locator: str) -> Passage:
    lines = body.splitlines(keepends=True)
    if not 1 <= number <= len(lines):
        raise TraceError(f"the reply has {len(lines)} lines, and no '{locator}'")
    first = max(0, number - 1 - AROUND_LINES)
    chosen = lines[first : number + AROUND_LINES]
    return Passage(sum(map(len, lines[:first])), b"".join(chosen))


def fetches_of(landing: Landing, snapshot_id: str) -> list[Fetch]:
    """Return the ledger's rows about one reply, oldest first."""
    return [fetch for fetch in landing.fetches() if fetch.sha256 == snapshot_id]


def told(fetch: Fetch) -> str:
    """Say one fetch in a line; its address carries no key, the ledger never had one."""
    origin = "bundled with the project" if fetch.is_sample else f"HTTP {fetch.status}"
    return (
        f"{fetch.fetched_at:%Y-%m-%d %H:%M:%S} UTC, {fetch.dataset_id} {fetch.partition}, "
        f"{origin}, seen on {fetch.seen_on}: {fetch.url}"
    )
