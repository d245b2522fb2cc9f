"""A small real HTTP server that speaks like a CKAN portal: packages, datastore and files.

It runs without the warehouse: ``python -m tests.replicas.ckan --fault vanished_page:1``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.replicas.faults import (
    Fault,
    FaultyReplica,
    Response,
    serve_samples,
)

__all__ = ["Fault", "Package", "Replica", "Resource", "sample"]

ACTION = "api/3/action/"
STATUS = {"Not Found Error": 404, "Authorization Error": 403}


@dataclass
class Resource:
    """One table: what the datastore holds of it, and the file as it was uploaded."""

    id: str
    name: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    body: bytes = b""
    filename: str = "data.csv"
    datastore_active: bool = True
    url: str | None = None
    private: bool = False

    @property
    def records(self) -> list[dict[str, Any]]:
        """The rows as the datastore numbers them."""
        return [{"_id": number, **row} for number, row in enumerate(self.rows, start=1)]


@dataclass
class Package:
    """What CKAN calls a dataset."""

    name: str
    title: str
    resources: list[Resource]
    state: str = "active"


class Replica(FaultyReplica):
    """The portal. ``url`` is what LUMBUNG_CKAN_URL should hold.

    ``rows_max`` is the most rows it hands out at once, whatever was asked for;
    ``ignores_offset`` makes it a portal that starts afresh each time.
    """

    base_path = "/en_AU"

    def __init__(
        self,
        packages: Sequence[Package] = (),
        *,
        rows_max: int = 32000,
        ignores_offset: bool = False,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
        validators: Sequence[str] = (),
    ) -> None:
        self.packages = list(packages)
        self.rows_max, self.ignores_offset = rows_max, ignores_offset
        super().__init__(faults=faults, latency=latency, port=port, validators=validators)

    def model(self, params: Mapping[str, str]) -> str:
        """Name a question by its action; files are ``download``."""
        endpoint = params["endpoint"]
        return endpoint.removeprefix(ACTION) if endpoint.startswith(ACTION) else "download"

    def respond(self, params: Mapping[str, str]) -> Response:
        """Answer an action or hand out a file."""
        answers = {
            "package_show": self._package_show,
            "package_search": self._package_search,
            "datastore_search": self._datastore_search,
            "download": self._download,
        }
        action = answers.get(self.model(params))
        return (
            action(params) if action else self._error("Bad Request Error", "Action name not known")
        )

    def changed(self, body: bytes) -> bytes:
        """Put results under another key."""
        return body.replace(b'"result"', b'"results"', 1).replace(b"jumlah", b"banyak")

    def restated(self, body: bytes) -> bytes:
        """Count one more of everything: in a page of the datastore, and in an uploaded file."""
        if not body.startswith(b"{"):
            return re.sub(rb",(\d+)(?=\r\n)", lambda cell: b",%d" % (int(cell[1]) + 1), body)
        reply = json.loads(body)
        for row in reply["result"].get("records", ()):
            row.update({k: v + 1 for k, v in row.items() if isinstance(v, int) and k != "_id"})
        return json.dumps(reply).encode()

    def vanished(self) -> Response:
        """Say that there is nothing under that name any more."""
        return self._error("Not Found Error", "Not found")

    # -- actions -----------------------------------------------------------------------

    def _result(self, result: Mapping[str, Any]) -> Response:
        reply = {"help": f"{self.url}/api/3/action/help_show", "success": True, "result": result}
        return Response(json.dumps(reply).encode())

    def _error(self, kind: str, message: str) -> Response:
        error = {"__type": kind, "message": message}
        reply = {"help": f"{self.url}/api/3/action/help_show", "success": False, "error": error}
        return Response(json.dumps(reply).encode(), STATUS.get(kind, 409))

    def _describe(self, package: Package) -> dict[str, Any]:
        return {
            "id": f"id-{package.name}", "name": package.name, "title": package.title,
            "state": package.state, "license_id": "odc-by",
            "metadata_modified": "2026-06-01T02:03:04.000005",
            "organization": {"name": "disnaker", "title": "Dinas Tenaga Kerja"},
            "num_resources": len(package.resources),
            "resources": [self._describe_resource(package, one) for one in package.resources],
        }  # fmt: skip

    def _describe_resource(self, package: Package, one: Resource) -> dict[str, Any]:
        place = f"/dataset/id-{package.name}/resource/{one.id}/download/{one.filename}"
        return {
            "id": one.id, "name": one.name, "format": one.filename.rpartition(".")[2].upper(),
            "url": one.url or f"https://portal.invalid{place}",
            "url_type": None if one.url else "upload", "state": "active",
            "datastore_active": one.datastore_active, "mimetype": None, "size": len(one.body),
        }  # fmt: skip

    def _package_show(self, params: Mapping[str, str]) -> Response:
        wanted = params.get("id", "")
        for package in self.packages:
            if wanted in (package.name, f"id-{package.name}"):
                return self._result(self._describe(package))
        return self._error("Not Found Error", "Not found")

    def _package_search(self, params: Mapping[str, str]) -> Response:
        words = params.get("q", "").lower().split()
        found = [one for one in self.packages if all(word in one.title.lower() for word in words)]
        start, rows = int(params.get("start", "0")), int(params.get("rows", "10"))
        shown = [self._describe(one) for one in found[start : start + rows]]
        return self._result({"count": len(found), "results": shown})

    def _resource(self, wanted: str) -> Resource | None:
        every = (one for package in self.packages for one in package.resources)
        return next((one for one in every if one.id == wanted), None)

    def _datastore_search(self, params: Mapping[str, str]) -> Response:
        found = self._resource(params.get("resource_id", ""))
        if found is None or not found.datastore_active:
            return self._error("Not Found Error", "Resource was not found.")
        if found.private:
            return self._error("Authorization Error", "Access denied: not authorised to read it")
        fields = list(dict.fromkeys(key for row in found.records for key in row))
        wanted = json.loads(params.get("filters", "{}"))
        unknown = sorted(set(wanted) - set(fields))
        if unknown:
            return self._error("Validation Error", f"filters: no field {unknown[0]}")
        rows = [row for row in found.records if all(_among(row[k], v) for k, v in wanted.items())]
        offset = 0 if self.ignores_offset else int(params.get("offset", "0"))
        limit = min(int(params.get("limit", "100")), self.rows_max)
        return self._result(
            {
                "resource_id": found.id,
                "fields": [{"id": name, "type": "text"} for name in fields],
                "records": rows[offset : offset + limit],
                "total": len(rows),
                "total_was_estimated": False,
                "limit": limit,
            }
        )

    def _download(self, params: Mapping[str, str]) -> Response:
        parts = params["endpoint"].split("/")
        found = self._resource(parts[3]) if len(parts) == 6 else None
        if found is None or parts[5] != found.filename:
            return Response(b"<!doctype html><html><body>404</body></html>", 404, "text/html")
        return Response(found.body, 200, "application/octet-stream")


def _among(value: Any, wanted: Any) -> bool:
    values = wanted if isinstance(wanted, list) else [wanted]
    return str(value) in map(str, values)


def csv_of(rows: Sequence[Mapping[str, Any]], delimiter: str = ",") -> bytes:
    """Write rows as the file that an office would upload."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def sample() -> list[Package]:
    """A package to play with: job seekers by regency and year, one resource a year, made up."""
    names = ["Kabupaten Serang", "Kabupaten Lebak", "Kota Serang", "Kota Cilegon", "Kota Tangerang"]
    resources = []
    for year in (2022, 2023, 2024):
        # The datastore cuts names at 63 bytes; offices rename columns as well.
        column = "jumlah_pencari_kerja" if year < 2024 else "jumlah_pencari_kerja_terdaftar"
        rows = [
            {"kabupaten_kota": name, "tahun": str(year), column: 1000 + 7 * place + year}
            for place, name in enumerate(names)
        ]
        resources.append(
            Resource(f"aaaa-{year}", f"Pencari Kerja Tahun {year}", rows, csv_of(rows))
        )
    return [Package("pencari-kerja", "Jumlah Pencari Kerja", resources)]


def main() -> None:
    """Run a replica with the sample package until interrupted."""
    serve_samples(__doc__, "CKAN", lambda **how: Replica(sample(), **how))


if __name__ == "__main__":
    main()
