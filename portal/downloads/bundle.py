"""One archive of everything whose terms are known, with its description and citation.

Rows that stand on a source of unknown terms are left out, and so are tables whose rows have no
lineage of their own; what is under the ODbL lies in a folder of its own with its licence.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from portal.downloads.descriptors import Release, data_package
from portal.downloads.files import write_csv
from portal.downloads.tables import NOT_IN_BUNDLE, ODBL_LICENCE, Table

#: The same release gives the same bytes: archives keep no clock of ours.
_DAY = (1980, 1, 1, 0, 0, 0)

_README = """LUMBUNG {id}

Indonesia: arsip ini memuat baris yang syarat semua sumbernya diketahui. Baris lain dapat diunduh
per tabel, dengan tingkat sumber dan keterangan syarat di tiap baris. Angka tunduk pada syarat
penerbitnya (tables/dim_source.csv); susunan dan metadata CC BY 4.0. Folder odbl/ tunduk pada ODbL
1.0 dan tidak dicampur dengan tabel lain. Teks yang diawali = + - @ diberi tanda petik tunggal.

English: this archive holds rows of which the terms of every source are known. Other rows can be
downloaded by table, each with its provenance tier and whether its terms are known. Figures are
under their publishers' terms (tables/dim_source.csv); arrangement and metadata are CC BY 4.0. The
folder odbl/ is under ODbL 1.0 and never mixed with other tables. Text that begins with = + - @ has
an apostrophe in front.

{sample}
Kutip / Cite: Lumbung, rilis/release {id}, {url}

Tabel / tables (rows here, rows left out):
{counts}
"""
_SAMPLE = "Angka bawaan, bukan tarikan langsung. / Bundled figures, not a live fetch.\n"


def write_bundle(release: Release, tables: Sequence[Table], file: Path) -> None:
    """Write the archive."""
    chosen = [_known_terms_only(table) for table in tables if table.name not in NOT_IN_BUNDLE]
    with tempfile.TemporaryDirectory() as made, zipfile.ZipFile(file, "w") as archive:
        for part, held in (
            ("tables", [table for table in chosen if not table.is_odbl]),
            ("odbl", [table for table in chosen if table.is_odbl]),
        ):
            folder = Path(made) / part
            folder.mkdir()
            for table in held:
                write_csv(table.rows, folder / f"{table.name}.csv")
            described = data_package(release, held, folder)
            text = json.dumps(described, ensure_ascii=False, indent=1)
            (folder / "datapackage.json").write_text(text, encoding="utf-8")
            if part == "odbl":
                notice = f"Open Database License (ODbL) 1.0: {ODBL_LICENCE}\n"
                (folder / "LICENCE.txt").write_text(notice, encoding="utf-8")
            for one in sorted(folder.iterdir()):
                _add(archive, f"{part}/{one.name}", one.read_bytes())
        _add(archive, "README.txt", _readme(release, chosen).encode())


def _known_terms_only(table: Table) -> Table:
    kept = table.open_rows
    left_out = table.n_left_out + table.rows.num_rows - kept.num_rows
    return replace(table, rows=kept, n_left_out=left_out)


def _readme(release: Release, tables: Sequence[Table]) -> str:
    counts = "\n".join(f"{t.name}: {t.rows.num_rows}, {t.n_left_out}" for t in tables)
    sample = _SAMPLE if release.is_sample else ""
    return _README.format(id=release.id, url=release.url, sample=sample, counts=counts)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
