"""A small real HTTP server that hands out JSON tables page by page, as Jawa Barat's portal does.

It runs without the warehouse: ``python -m tests.replicas.jabar --fault vanished_page:1``.
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
    """The portal. ``url`` is what LUMBUNG_JABAR_URL should hold.

    ``tables`` is keyed by ``org/table``. ``ignores_skip`` makes it a portal whose offset has
    another name.
    """

    base_path = "/api-backend/bigdata"

    def __init__(
        self,
        tables: Mapping[str, Rows] | None = None,
        *,
        ignores_skip: bool = False,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self.tables = dict(tables or {})
        self.ignores_skip = ignores_skip
        super().__init__(faults=faults, latency=latency, port=port)

    def respond(self, params: Mapping[str, str]) -> Response:
        """Answer with the rows that ``where`` leaves, from ``skip`` on."""
        table = self.tables.get(params["endpoint"])
        if table is None:
            return _json({"message": "not found", "error": 1})
        rows = _where(table, json.loads(params.get("where", "{}")))
        start = 0 if self.ignores_skip else int(params.get("skip", "0"))
        return _json({"data": rows[start : start + int(params.get("limit", "10"))]})

    def changed(self, body: bytes) -> bytes:
        """Put the rows under another key."""
        return body.replace(b'{"data"', b'{"datas"')

    def restated(self, body: bytes) -> bytes:
        """Add an eighth to every figure."""
        page = json.loads(body)
        for row in page["data"]:
            row.update({k: v + 0.125 for k, v in row.items() if isinstance(v, float)})
        return json.dumps(page).encode()

    def vanished(self) -> Response:
        """Say that there are no rows here."""
        return _json({"message": "page not found", "error": 1})


def _json(value: object) -> Response:
    return Response(json.dumps(value).encode())


def _where(rows: Rows, wanted: Mapping[str, Sequence[Any]]) -> Rows:
    return [
        row
        for row in rows
        if all(str(row.get(key)) in map(str, values) for key, values in wanted.items())
    ]


def sample() -> dict[str, Rows]:
    """A table to play with, its values made up."""
    names = ["KABUPATEN BOGOR", "KABUPATEN SUKABUMI", "KABUPATEN CIANJUR", "KOTA BOGOR"]
    rows: Rows = [
        {
            "id": 1 + 4 * at + place,
            "nama_provinsi": "JAWA BARAT",
            "nama_kabupaten_kota": name,
            "indeks_kedalaman_kemiskinan": 1.25 + place / 8 + at / 100,
            "satuan": "POIN",
            "tahun": year,
        }
        for at, year in enumerate(range(2019, 2024))
        for place, name in enumerate(names)
    ]
    # The second name is the one that the project's own catalogue asks for.
    asked_for = "bps/od_20000_indeks_kedalaman_kemiskinan_berdasarkan_kabupatenkota"
    return {"bps/poverty_gap": rows, asked_for: rows}


def main() -> None:
    """Run a replica with the sample table until interrupted."""
    serve_samples(__doc__, "JABAR", lambda **how: Replica(sample(), **how))


if __name__ == "__main__":
    main()
