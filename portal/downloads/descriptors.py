"""Describes downloads to machines: a Frictionless data package and schema.org datasets.

Both are plain documents; the names of their fields are those of datapackage.org and schema.org.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from portal.downloads.tables import ODBL_LICENCE, Table

CC_BY = "https://creativecommons.org/licenses/by/4.0/"
ATTRIBUTION = {"name": "Lumbung", "@type": "Organization"}
TERMS_TEXT = (
    "Figures are under the terms of their publishers, named in dim_source; arrangement and "
    "metadata are CC BY 4.0."
)
ENCODINGS = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}


@dataclass(frozen=True)
class Release:
    """What descriptions say of the release: its id, its day, and where the site lies."""

    id: str
    created_at: str
    url: str
    is_sample: bool


def data_package(release: Release, tables: list[Table], folder: Path) -> dict[str, Any]:
    """Describe the CSV files of a folder as a Frictionless data package.

    Every table must lie there as ``<name>.csv``.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"lumbung-{release.id.lower()}",
        "id": release.id,
        "title": "Lumbung: regional indicators for Indonesia",
        "description": TERMS_TEXT,
        "version": release.id,
        "created": release.created_at,
        "licenses": [_licence(False)],
        "contributors": [{"title": "Lumbung", "roles": ["publisher"]}],
        "resources": [_resource(table, folder / f"{table.name}.csv") for table in tables],
    }


def dataset(release: Release, table: Table, files: list[Path]) -> dict[str, Any]:
    """Describe a table and its files as a schema.org Dataset, for search engines."""
    address = f"{release.url}unduh/{table.name}"
    described: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": address,
        "name": f"Lumbung: {table.name}",
        "description": f"{table.description} {TERMS_TEXT}",
        "url": f"{release.url}data.html#t-{table.name}",
        "identifier": f"{release.id}/{table.name}",
        "version": release.id,
        "dateModified": release.created_at,
        "isAccessibleForFree": True,
        "license": ODBL_LICENCE if table.is_odbl else CC_BY,
        "usageInfo": f"{release.url}sumber.html",
        "creator": ATTRIBUTION,
        "publisher": ATTRIBUTION,
        "spatialCoverage": {"@type": "Place", "name": "Indonesia"},
        "variableMeasured": [
            {"@type": "PropertyValue", "name": name, "description": table.comments.get(name, name)}
            for name in table.rows.column_names
        ],
        "distribution": [_distribution(release, file) for file in files],
        "keywords": ["Indonesia", "Banten", table.name.replace("_", " ")],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "Lumbung", "url": release.url},
    }
    if table.tiers:
        described["measurementTechnique"] = "provenance tiers: " + ", ".join(table.tiers)
    return described


def _distribution(release: Release, file: Path) -> dict[str, Any]:
    return {
        "@type": "DataDownload",
        "name": file.name,
        "encodingFormat": ENCODINGS[file.suffix],
        "contentUrl": f"{release.url}unduh/{file.name}",
        "contentSize": f"{file.stat().st_size} B",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }


def _licence(is_odbl: bool) -> dict[str, str]:
    if is_odbl:
        return {"name": "ODbL-1.0", "path": ODBL_LICENCE}
    return {"name": "CC-BY-4.0", "path": CC_BY, "title": "arrangement and metadata"}


def _resource(table: Table, file: Path) -> dict[str, Any]:
    content = file.read_bytes()
    described: dict[str, Any] = {
        "name": table.name.replace("_", "-"),
        "type": "table",
        "path": file.name,
        "title": table.name,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "licenses": [_licence(table.is_odbl)],
        "provenanceTiers": table.tiers,
        "nRowsLeftOutForUnknownTerms": table.n_left_out,
        "schema": {
            "fields": [_field(field, table.comments) for field in table.rows.schema],
            "missingValues": [""],
        },
    }
    return described


def _field(field: pa.Field, comments: dict[str, str]) -> dict[str, str]:
    described = {"name": field.name, "type": _type(field.type)}
    if comments.get(field.name):
        described["description"] = comments[field.name]
    return described


def _type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    if pa.types.is_decimal(kind) or pa.types.is_floating(kind):
        return "number"
    if pa.types.is_date(kind):
        return "date"
    return "datetime" if pa.types.is_timestamp(kind) else "string"
