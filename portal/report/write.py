"""Writes reports into a folder: ``<region>-<period>-<lang>.html`` and ``.pdf``."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from portal.formats import LANGS, Lang
from portal.marts import Marts
from portal.report.document import build
from portal.report.period import Half
from portal.report.rendering import to_html, to_pdf


def write(
    marts: Marts, folder: Path, region_code: str, half: Half, langs: Sequence[Lang] = LANGS
) -> list[Path]:
    """Write a region's report in each language; return the files, each whole or not there.

    Raises UnknownRegionError for a code the release does not know.
    """
    folder.mkdir(parents=True, exist_ok=True)
    released = datetime.datetime.fromisoformat(marts.manifest["created_at"])
    written = []
    for lang in langs:
        document = build(marts, region_code, half, lang)
        stem = f"{region_code}-{half}-{lang}"
        contents = {"html": to_html(document).encode(), "pdf": to_pdf(document, released)}
        for ending, content in contents.items():
            file = folder / f"{stem}.{ending}"
            fresh = file.with_name(f".{file.name}.new")
            fresh.write_bytes(content)
            fresh.replace(file)
            written.append(file)
    return written
