"""Writes all downloads of a release into a folder of its site."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from pathlib import Path

from portal.downloads import descriptors, files, tables
from portal.downloads.bundle import write_bundle
from portal.downloads.descriptors import Release
from portal.downloads.tables import PARQUET_ONLY, Table
from portal.marts import Marts

BUNDLE = "lumbung.zip"


def write(marts: Marts, folder: Path, url: str, cache: Path | None = None) -> list[Path]:
    """Write every table, the bundle, ``datapackage.json`` and ``datasets.jsonld``; return files.

    ``url`` is the site's address with a slash at its end. Workbooks, which take longest, are kept
    in ``cache`` by what is in them, so that a table that did not change is not written again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    [publication] = marts.ask("publication")
    release = Release(
        id=marts.release_id,
        created_at=str(marts.manifest["created_at"]),
        url=url,
        is_sample=bool(publication["is_sample"]),
    )
    found = tables.read(marts)
    written: list[Path] = []
    described = []
    for table in found:
        made = _write_table(release, table, folder, cache)
        described.append(descriptors.dataset(release, table, made))
        written += made
    write_bundle(release, found, folder / BUNDLE)
    in_csv = [table for table in found if table.name not in PARQUET_ONLY]
    package = descriptors.data_package(release, in_csv, folder)
    for name, document in (("datapackage.json", package), ("datasets.jsonld", described)):
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / name).write_text(text, encoding="utf-8")
        written.append(folder / name)
    return [*written, folder / BUNDLE]


def about(release: Release, table: Table) -> list[str]:
    """Return what a workbook says of its table: content, terms, tiers, what was left out."""
    lines = [
        f"Lumbung {release.id}: {table.name}",
        table.description,
        "Angka tunduk pada syarat penerbitnya; susunan dan metadata CC BY 4.0.",
        descriptors.TERMS_TEXT,
        "Kosong berarti tidak tersedia, tidak pernah nol. / Empty means missing, never zero.",
    ]
    if table.is_odbl:
        lines.append(f"ODbL 1.0: {tables.ODBL_LICENCE}")
    if table.tiers:
        lines.append("Tingkat sumber / provenance tiers: " + ", ".join(table.tiers))
    if table.n_left_out:
        lines.append(
            f"{table.n_left_out} baris ditinggalkan karena syarat sumbernya tidak diketahui. / "
            f"{table.n_left_out} rows are left out, since the terms of their sources are unknown."
        )
    if release.is_sample:
        lines.append("Angka bawaan, bukan tarikan langsung. / Bundled figures, not a live fetch.")
    return lines


def _write_table(release: Release, table: Table, folder: Path, cache: Path | None) -> list[Path]:
    parquet = folder / f"{table.name}.parquet"
    files.write_parquet(table.rows, parquet)
    if table.name in PARQUET_ONLY:
        return [parquet]
    plain, indonesian = folder / f"{table.name}.csv", folder / f"{table.name}_id.csv"
    files.write_csv(table.rows, plain)
    files.write_indonesian_csv(table.rows, indonesian)
    return [plain, indonesian, _workbook(release, table, folder, cache), parquet]


def _workbook(release: Release, table: Table, folder: Path, cache: Path | None) -> Path:
    workbook = folder / f"{table.name}.xlsx"
    notes = about(release, table)
    content = (folder / f"{table.name}.csv").read_bytes() + "\n".join(notes[1:]).encode()
    kept = cache / f"{hashlib.sha256(content).hexdigest()}.xlsx" if cache else None
    if kept and kept.is_file():
        shutil.copyfile(kept, workbook)
        return workbook
    # Not the release in a kept workbook: the next one may hold the same rows.
    made_at = datetime.datetime.fromisoformat(release.created_at)
    files.write_xlsx(table, workbook, [f"Lumbung: {table.name}", *notes[1:]], made_at)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(workbook, kept)
    return workbook
