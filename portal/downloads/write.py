"""Writes all downloads of a release into a folder of its site."""

from __future__ import annotations

import datetime
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from portal.downloads import descriptors, files, tables
from portal.downloads.bundle import write_bundle
from portal.downloads.descriptors import Release
from portal.downloads.sdmx import write_sdmx_csv
from portal.downloads.tables import PARQUET_ONLY, Table
from portal.marts import Marts

BUNDLE = "lumbung.zip"
#: The table of single figures: the others have columns of their own, which SDMX does not know.
SDMX_TABLE = "observations"


def write(marts: Marts, folder: Path, url: str, cache: Path | None = None) -> list[dict[str, Any]]:
    """Write every table, the bundle, ``datapackage.json`` and ``datasets.jsonld``.

    Returns the datasets as schema.org describes them. ``url`` is the site's address with a slash
    at its end. Workbooks, which take longest, are kept in ``cache`` by what is in them, so that a
    table that did not change is not written again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    [publication] = marts.ask("publication")
    release = Release(
        id=marts.release_id,
        created_at=str(marts.manifest["created_at"]),
        url=url,
        is_sample=bool(publication["is_sample"]),
    )
    found, workbooks = tables.read(marts), Workbooks(cache)
    described = [
        descriptors.dataset(release, table, _write_table(release, table, folder, workbooks))
        for table in found
    ]
    workbooks.forget_unused()
    write_bundle(release, found, folder / BUNDLE)
    in_csv = [table for table in found if table.name not in PARQUET_ONLY]
    package = descriptors.data_package(release, in_csv, folder)
    for name, document in (("datapackage.json", package), ("datasets.jsonld", described)):
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / name).write_text(text, encoding="utf-8")
    return described


def embed(described: list[dict[str, Any]], page: Path) -> None:
    """Put the datasets into a page's head, where search engines look; without their columns."""
    brief = [
        {name: value for name, value in one.items() if name != "variableMeasured"}
        for one in described
    ]
    # No text of a mart can end the script: JSON writes "<" as well in six characters.
    text = json.dumps(brief, ensure_ascii=False).replace("<", "\\u003c")
    script = f'<script type="application/ld+json">{text}</script>\n'
    html = page.read_text(encoding="utf-8")
    page.write_text(html.replace("</head>", script + "</head>", 1), encoding="utf-8")


class Workbooks:
    """Finished workbooks by what is in them; without a folder none is kept."""

    def __init__(self, folder: Path | None) -> None:
        """Take the folder to keep them in."""
        self._folder = folder
        self._used: set[str] = set()

    def fetch(self, content: bytes, workbook: Path) -> bool:
        """Copy a kept workbook of that content, if there is one."""
        if self._folder is None:
            return False
        kept = self._folder / self._name(content)
        if not kept.is_file():
            return False
        shutil.copyfile(kept, workbook)
        return True

    def keep(self, content: bytes, workbook: Path) -> None:
        """Keep a finished workbook."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(workbook, self._folder / self._name(content))

    def forget_unused(self) -> None:
        """Remove what was neither fetched nor kept."""
        for file in self._folder.iterdir() if self._folder and self._folder.is_dir() else ():
            if file.name not in self._used:
                file.unlink()

    def _name(self, content: bytes) -> str:
        name = f"{hashlib.sha256(content).hexdigest()}.xlsx"
        self._used.add(name)
        return name


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


def _write_table(release: Release, table: Table, folder: Path, workbooks: Workbooks) -> list[Path]:
    parquet = folder / f"{table.name}.parquet"
    files.write_parquet(table.rows, parquet)
    if table.name in PARQUET_ONLY:
        return [parquet]
    plain, indonesian = folder / f"{table.name}.csv", folder / f"{table.name}_id.csv"
    files.write_csv(table.rows, plain)
    files.write_indonesian_csv(table.rows, indonesian)
    others = [plain, indonesian]
    if table.name == SDMX_TABLE:
        others.append(folder / f"{table.name}_sdmx.csv")
        write_sdmx_csv(table.rows, others[-1])
    workbook = folder / f"{table.name}.xlsx"
    # Not the release in a kept workbook: the next one may hold the same rows.
    notes = [f"Lumbung: {table.name}", *about(release, table)[1:]]
    content = plain.read_bytes() + "\n".join(notes).encode()
    if not workbooks.fetch(content, workbook):
        made_at = datetime.datetime.fromisoformat(release.created_at)
        files.write_xlsx(table, workbook, notes, made_at)
        workbooks.keep(content, workbook)
    return [*others, workbook, parquet]
