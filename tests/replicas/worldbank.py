"""A small real HTTP server that speaks version 2 of the World Bank's indicators.

It runs without the warehouse: ``python -m tests.replicas.worldbank --fault reset:1``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from tests.replicas.faults import (
    Fault,
    FaultyReplica,
    Response,
    serve_samples,
)

__all__ = ["Fault", "Replica", "sample"]

ERROR = [
    {
        "message": [
            {
                "id": "120",
                "key": "Invalid value",
                "value": "The provided parameter value is not valid",
            }
        ]
    }
]
#: year -> figure, None where the series has none
Series = dict[int, float | None]


class Replica(FaultyReplica):
    """The service. ``url`` is what LUMBUNG_WORLDBANK_URL should hold."""

    base_path = "/v2"

    def __init__(
        self,
        series: Mapping[tuple[str, str], Series] | None = None,
        *,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self.series = dict(series or {})
        super().__init__(faults=faults, latency=latency, port=port)

    def respond(self, params: Mapping[str, str]) -> Response:
        """Answer with [envelope, rows], or with an error and HTTP 200."""
        match params["endpoint"].split("/"):
            case ["country", country, "indicator", code]:
                found = self.series.get((country, code))
                return _json(ERROR if found is None else _page(country, code, found, params))
        return Response(b"404", 404, "text/html")

    def changed(self, body: bytes) -> bytes:
        """Call the figure by another name."""
        return body.replace(b'"value": ', b'"figure": ')

    def restated(self, body: bytes) -> bytes:
        """Add an eighth to every figure."""
        envelope, rows = json.loads(body)
        for row in rows or ():
            row["value"] = None if row["value"] is None else row["value"] + 0.125
        return json.dumps([envelope, rows]).encode()

    def vanished(self) -> Response:
        """Return an envelope without rows."""
        return _json([{"page": 1, "pages": 0, "per_page": 50, "total": 0}, None])


def _json(value: object) -> Response:
    return Response(json.dumps(value).encode())


def _page(country: str, code: str, series: Series, params: Mapping[str, str]) -> object:
    first, _, last = params.get("date", "1960:2100").partition(":")
    years = [year for year in sorted(series, reverse=True) if int(first) <= year <= int(last)]
    size, number = int(params.get("per_page", "50")), int(params.get("page", "1"))
    rows = [
        {
            "indicator": {"id": code, "value": "Made up"},
            "country": {"id": country[:2], "value": country},
            "countryiso3code": country,
            "date": str(year),
            "value": series[year],
            "unit": "",
            "obs_status": "",
            "decimal": 1,
        }
        for year in years[(number - 1) * size : number * size]
    ]
    envelope = {
        "page": number, "pages": -(-len(years) // size), "per_page": size, "total": len(years),
        "sourceid": "2", "lastupdated": "2026-07-01",
    }  # fmt: skip
    return [envelope, rows or None]


def sample() -> dict[tuple[str, str], Series]:
    """The series that the catalogue asks for, their values made up."""
    series: Series = {year: round(3 + (year % 5) * 0.125, 3) for year in range(2010, 2025)}
    national: Series = {year: 3.25 + year % 4 for year in range(2010, 2025)}
    return {
        ("IDN", "SL.UEM.TOTL.ZS"): {**series, 2025: None},
        ("IDN", "SL.UEM.TOTL.NE.ZS"): national,
    }


def main() -> None:
    """Run a replica with the sample series until interrupted."""
    serve_samples(__doc__, "WORLDBANK", lambda **how: Replica(sample(), **how))


if __name__ == "__main__":
    main()
