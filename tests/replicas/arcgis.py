"""A small real HTTP server that speaks like an ArcGIS server: the table of a feature layer.

It runs without the warehouse: ``python -m tests.replicas.arcgis --fault html:1``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.replicas.faults import (
    Fault,
    FaultyReplica,
    Response,
    serve_samples,
)

__all__ = ["Fault", "Replica", "sample"]

Rows = list[dict[str, Any]]


class Replica(FaultyReplica):
    """The server. ``url`` is what LUMBUNG_ARCGIS_URL should hold.

    ``layers`` is keyed by ``Folder/Service/FeatureServer/0``; ``most_rows`` is the most it
    hands out at once; without ``can_page`` it ignores offsets, as old servers do.
    """

    base_path = "/server/rest/services"

    def __init__(
        self,
        layers: Mapping[str, Rows] | None = None,
        *,
        most_rows: int = 1000,
        can_page: bool = True,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self.layers = dict(layers or {})
        self.most_rows, self.can_page = most_rows, can_page
        self.error: tuple[int, str] | None = None
        super().__init__(faults=faults, latency=latency, port=port)

    def model(self, params: Mapping[str, str]) -> str:
        """Name the kind of a question: ``layer``, ``count`` or ``query``."""
        if not params["endpoint"].endswith("/query"):
            return "layer"
        return "count" if params.get("returnCountOnly") == "true" else "query"

    def respond(self, params: Mapping[str, str]) -> Response:
        """Describe a layer, count its features, or hand out some of them."""
        rows = self.layers.get(params["endpoint"].removesuffix("/query"))
        if self.error is not None and self.model(params) == "query":
            return _error(*self.error)
        if rows is None:
            return _error(404, "Service not found")
        if self.model(params) == "layer":
            return _json(self._about(rows))
        left = _where(rows, params.get("where", "1=1"))
        if left is None:
            return _error(400, "Unable to complete operation.", "'where' clause is invalid")
        if self.model(params) == "count":
            return _json({"count": len(left)})
        return self._page(left, params)

    def _about(self, rows: Rows) -> dict[str, Any]:
        fields = [{"name": "OBJECTID", "type": "esriFieldTypeOID", "alias": "OBJECTID"}]
        fields += [{"name": n, "type": "esriFieldTypeString", "alias": n} for n in rows[0]]
        return {
            "currentVersion": 10.91, "id": 0, "type": "Feature Layer", "fields": fields,
            "objectIdField": "OBJECTID", "maxRecordCount": self.most_rows,
            "advancedQueryCapabilities": {"supportsPagination": self.can_page},
        }  # fmt: skip

    def _page(self, rows: Rows, params: Mapping[str, str]) -> Response:
        wanted = params.get("outFields", "*").split(",")
        start = int(params.get("resultOffset", "0")) if self.can_page else 0
        size = min(int(params.get("resultRecordCount", self.most_rows)), self.most_rows)
        numbered = [{"OBJECTID": at, **row} for at, row in enumerate(rows, start=1)]
        features = [
            {"attributes": {n: v for n, v in row.items() if wanted == ["*"] or n in wanted}}
            for row in numbered[start : start + size]
        ]
        page: dict[str, Any] = {"objectIdFieldName": "OBJECTID", "features": features}
        if start + size < len(rows):
            page["exceededTransferLimit"] = True
        return _json(page)

    def changed(self, body: bytes) -> bytes:
        """Call what a reply holds by other names."""
        for old, new in (
            (b'"attributes"', b'"props"'),
            (b'"count"', b'"n"'),
            (b'"fields"', b'"f"'),
        ):
            body = body.replace(old, new)
        return body

    def restated(self, body: bytes) -> bytes:
        """Count one more of everything."""
        page = json.loads(body)
        for feature in page.get("features", ()):
            row = feature["attributes"]
            row.update({k: v + 1 for k, v in row.items() if isinstance(v, int) and k != "OBJECTID"})
        return json.dumps(page).encode()

    def vanished(self) -> Response:
        """Answer as if there were nothing there."""
        return _json({"objectIdFieldName": "OBJECTID", "features": []})


def _json(value: object) -> Response:
    return Response(json.dumps(value).encode())


def _error(code: int, message: str, *details: str) -> Response:
    """An error as the server says it: with HTTP 200."""
    return _json({"error": {"code": code, "message": message, "details": list(details)}})


def _where(rows: Rows, clause: str) -> Rows | None:
    """Understand ``1=1`` and ``FIELD='value'``; None for anything else."""
    if clause == "1=1":
        return rows
    name, _, value = clause.partition("=")
    known = name in rows[0] and value.startswith("'") and value.endswith("'")
    return [row for row in rows if str(row[name]) == value[1:-1]] if known else None


def sample() -> dict[str, Rows]:
    """A layer to play with, its values made up."""
    names: Sequence[str] = ("Kab. Serang", "Kab. Lebak", "Kota Serang", "Kota Cilegon")
    rows: Rows = [
        {"WADMKK": name, "TAHUN": str(year), "JUMLAH": 100 + 9 * place + year}
        for year in (2021, 2022, 2023)
        for place, name in enumerate(names)
    ]
    return {"Ketenagakerjaan/PencariKerja/FeatureServer/0": rows}


def main() -> None:
    """Run a replica with the sample layer until interrupted."""
    serve_samples(__doc__, "ARCGIS", lambda **how: Replica(sample(), **how))


if __name__ == "__main__":
    main()
