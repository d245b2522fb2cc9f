"""A small real HTTP server that speaks the BPS WebAPI, its errors and its bad days included.

Written from the format's description, so that it can prove a client wrong: the keys of
``datacontent`` are put together here and taken apart nowhere. It runs without the warehouse:

    python -m tests.replicas.bps --port 8090 --key a-key-of-mine --fault half_body:2

and then ``LUMBUNG_BPS_URL=http://127.0.0.1:8090/v1/api LUMBUNG_BPS_KEY=a-key-of-mine``.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.replicas.faults import (
    Fault,
    FaultyReplica,
    Response,
    firewall_page,
    looks_anonymous,
    serve_samples,
)

__all__ = ["Fault", "Replica", "Variable", "sample"]

BASE_PATH = "/v1/api"
PER_PAGE = 10
DEFAULT_KEY = "0123456789abcdef0123456789abcdef"  # pragma: allowlist secret

BAD_KEY = "You are not Allowed to take this action. Please re-check your key"
NO_KEY = "Parameter key is missing"
NO_TH = (
    "'th' parameter is required and must be an integer, separated by colon (:) for range or "
    "semicolon (;) for multiple values."
)
TOO_MANY_TH = (
    "The maximum allowed number of years for the 'th' parameter is {maximum}. You provided "
    "{given}. Please reduce the number of years accordingly."
)

#: (vervar, turvar, year, turth) -> value
Cells = dict[tuple[int, str, int, int], float]


@dataclass
class Variable:
    """One dynamic table of one domain, as its dimensions list it and with the values it has."""

    domain: str
    var_id: int
    title: str
    unit: str
    vervars: Mapping[int, str]
    cells: Cells
    turths: Mapping[int, str] = field(default_factory=lambda: {0: "Tahun"})
    turvars: Mapping[str, str] = field(default_factory=lambda: {"0": "Tidak ada"})
    label_vervar: str = "Wilayah"
    subject: tuple[int, str] = (520, "Tenaga Kerja")
    decimal: int = 2
    note: str = ""
    last_update: str = "2025-11-07 14:01:46"

    @property
    def years(self) -> list[int]:
        """The years that have a value, newest first, as the service lists them."""
        return sorted({year for _, _, year, _ in self.cells}, reverse=True)


class Replica(FaultyReplica):
    """The WebAPI. ``url`` is what LUMBUNG_BPS_URL should hold."""

    base_path = BASE_PATH

    def __init__(
        self,
        variables: Iterable[Variable] = (),
        *,
        keys: Iterable[str] = (DEFAULT_KEY,),
        domains: Mapping[str, str] | None = None,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        cell_limit: int = 200_000,
        port: int = 0,
        validators: Sequence[str] = (),
    ) -> None:
        self.variables = {(v.domain, v.var_id): v for v in variables}
        self.keys = set(keys)
        self.domains = dict(domains or {"0000": "Indonesia", "3600": "Banten", "3604": "Serang"})
        self.cell_limit = cell_limit
        super().__init__(faults=faults, latency=latency, port=port, validators=validators)

    def question(self, address: str) -> dict[str, str]:
        """Read a question in either style: ``/list?model=th`` or ``/list/model/th/``."""
        parts = urlsplit(address)
        if not parts.path.startswith(BASE_PATH + "/"):
            return {"endpoint": ""}
        endpoint, *segments = parts.path[len(BASE_PATH) + 1 :].strip("/").split("/")
        params = dict(zip(segments[::2], map(unquote, segments[1::2]), strict=False))
        params.update(parse_qsl(parts.query))
        return {**params, "endpoint": endpoint}

    def model(self, params: Mapping[str, str]) -> str:
        """Name the model that is asked for."""
        return params.get("model", params["endpoint"])

    def refusal(self, params: Mapping[str, str], agent: str, address: str) -> Response | None:
        """Know no other paths, and let the firewall turn away robots and odd keys."""
        if params["endpoint"] not in ("list", "domain"):
            return Response(b"404 - Unable to resolve the request", 404, "text/html")
        if looks_anonymous(agent) or not re.fullmatch(r"[\w-]*", params.get("key", "")):
            return Response(firewall_page(address), 403, "text/html")
        return None

    def respond(self, params: Mapping[str, str]) -> Response:
        """Answer with JSON, whatever it says."""
        return Response(json.dumps(self.answer(params), ensure_ascii=False).encode())

    def changed(self, body: bytes) -> bytes:
        """Give the cells another name."""
        return body.replace(b'"datacontent"', b'"data_content"')

    def restated(self, body: bytes) -> bytes:
        """Raise every figure by a tenth of a point."""
        reply = json.loads(body)
        content = reply.get("datacontent") if isinstance(reply, dict) else None
        for key, value in (content or {}).items():
            content[key] = round(value + 0.1, 2)
        return json.dumps(reply, ensure_ascii=False).encode()

    def vanished(self) -> Response:
        """Say that there is no such list."""
        return Response(json.dumps(_not_available()).encode())

    # -- what the service says ---------------------------------------------------------

    def answer(self, params: Mapping[str, str]) -> Any:
        """Return the JSON value that answers a question."""
        if "key" not in params:
            return _error(NO_KEY)
        if params["key"] not in self.keys:
            return _error(BAD_KEY)
        if params["endpoint"] == "domain":
            return self._domains(params)
        answers = {
            "data": self._data, "th": self._th, "turth": self._turth, "vervar": self._vervar,
            "turvar": self._turvar, "var": self._var, "unit": self._unit,
        }  # fmt: skip
        model = params.get("model", "")
        if model not in answers:
            return _error(f"Model {model} is not recognized")
        return answers[model](params)

    def _variable(self, params: Mapping[str, str]) -> Variable | None:
        found = params.get("var", "")
        if not found.isdigit():
            return None
        return self.variables.get((params.get("domain", ""), int(found)))

    def _domains(self, params: Mapping[str, str]) -> Any:
        kind = params.get("type", "all")
        prefix = params.get("prov", "")[:2]
        rows = [
            {"domain_id": code, "domain_name": name, "domain_url": "https://www.bps.go.id"}
            for code, name in sorted(self.domains.items())
            if kind == "all"
            or (kind == "prov" and code.endswith("00") and code != "0000")
            or (kind == "kab" and not code.endswith("00"))
            or (kind == "kabbyprov" and code.startswith(prefix) and not code.endswith("00"))
        ]
        if not rows:
            return _not_available()
        head = {"page": 1, "pages": 1, "total": len(rows)}
        return {"status": "OK", "data-availability": "available", "data": [head, rows]}

    def _th(self, params: Mapping[str, str]) -> Any:
        variable = self._variable(params)
        years = variable.years if variable else []
        return _page([{"th_id": _th_id(year), "th": str(year)} for year in years], params)

    def _turth(self, params: Mapping[str, str]) -> Any:
        variable = self._variable(params)
        rows = [
            {"turth_id": i, "turth": label, "group_turth_id": 52, "name_group_turth": "Periode"}
            for i, label in (variable.turths if variable else {}).items()
        ]
        return _page(rows, params)

    def _vervar(self, params: Mapping[str, str]) -> Any:
        variable = self._variable(params)
        rows = [
            {
                "kode_ver_id": code,
                "vervar": label,
                "item_ver_id": number,
                "group_ver_id": 1,
                "name_group_ver_id": variable.label_vervar if variable else "",
            }
            for number, (code, label) in enumerate((variable.vervars if variable else {}).items())
        ]
        return _page(rows, params)

    def _turvar(self, params: Mapping[str, str]) -> Any:
        variable = self._variable(params)
        rows = [
            {"turvar_id": int(i), "turvar": label, "group_turvar_id": 1, "name_group_turvar": ""}
            for i, label in (variable.turvars if variable else {}).items()
            if i != "0"
        ]
        return _page(rows, params)

    def _var(self, params: Mapping[str, str]) -> Any:
        keyword = params.get("keyword", "").lower()
        rows = [
            {
                "var_id": v.var_id,
                "title": v.title,
                "sub_id": 6,
                "sub_name": "Tenaga Kerja",
                "subcsa_id": v.subject[0],
                "subcsa_name": v.subject[1],
                "def": "",
                "notes": html.escape(v.note),
                "vertical": 1,
                "unit": v.unit,
                "graph_id": 1,
                "graph_name": "bar",
            }
            for v in self.variables.values()
            if v.domain == params.get("domain") and keyword in v.title.lower()
        ]
        return _page(rows, params)

    def _unit(self, params: Mapping[str, str]) -> Any:
        units = sorted({v.unit for v in self.variables.values()})
        return _page([{"unit_id": n, "unit": unit} for n, unit in enumerate(units, 1)], params)

    def _data(self, params: Mapping[str, str]) -> Any:
        asked = _years_asked(params.get("th", ""))
        if asked is None:
            return _error(NO_TH)
        maximum = 3 if params.get("domain") == "0000" else 2
        if len(asked) > maximum:
            return _error(TOO_MANY_TH.format(maximum=maximum, given=len(asked)))
        variable = self._variable(params)
        years = [y for y in (variable.years if variable else []) if _th_id(y) in asked]
        if variable is None or not years:
            return _not_available()
        n_listed = len(variable.vervars) * len(variable.turvars) * len(variable.turths) * len(years)
        if n_listed > self.cell_limit:
            return None
        return _dynamic_data(variable, years)


def _dynamic_data(variable: Variable, years: list[int]) -> dict[str, Any]:
    content = [
        (f"{vervar}{variable.var_id}{turvar}{_th_id(year)}{turth}", value)
        for (vervar, turvar, year, turth), value in variable.cells.items()
        if year in years
    ]
    random.Random(variable.var_id).shuffle(content)  # noqa: S311 - the order means nothing
    return {
        "status": "OK",
        "data-availability": "available",
        "last_update": variable.last_update,
        "subject": [{"val": variable.subject[0], "label": variable.subject[1]}],
        "var": [
            {
                "val": variable.var_id,
                "label": variable.title,
                "unit": variable.unit,
                "subj": variable.subject[1],
                "def": "",
                "decimal": variable.decimal,
                "note": variable.note,
            }
        ],
        "turvar": [
            {"val": i if i == "0" else int(i), "label": label}
            for i, label in variable.turvars.items()
        ],
        "labelvervar": variable.label_vervar,
        "vervar": [{"val": code, "label": label} for code, label in variable.vervars.items()],
        "tahun": [{"val": _th_id(year), "label": str(year)} for year in sorted(years)],
        "turtahun": [{"val": i, "label": label} for i, label in variable.turths.items()],
        "datacontent": dict(content),
        "related": [],
    }


def _th_id(year: int) -> int:
    return year - 1900


def _years_asked(text: str) -> list[int] | None:
    """Read ``123``, ``122;123`` or ``122:123``; None is what the service complains about."""
    if re.fullmatch(r"\d+:\d+", text):
        first, last = (int(part) for part in text.split(":"))
        return list(range(first, last + 1))
    if re.fullmatch(r"\d+(;\d+)*", text):
        return [int(part) for part in text.split(";")]
    return None


def _page(rows: list[dict[str, Any]], params: Mapping[str, str]) -> Any:
    """Cut one page of ten: the service ignores ``perpage``."""
    number = int(params.get("page") or 1)
    pages = -(-len(rows) // PER_PAGE)
    page = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
    if not page:
        return _not_available()
    head = {
        "page": number, "pages": pages, "per_page": PER_PAGE, "count": len(page),
        "total": len(rows),
    }  # fmt: skip
    return {"status": "OK", "data-availability": "available", "data": [head, page]}


def _not_available() -> dict[str, Any]:
    return {"status": "OK", "data-availability": "list-not-available", "data": ""}


def _error(message: str) -> dict[str, Any]:
    return {"status": "Error", "message": message}


#: As BPS lists them in national tables: the newest four have no figures yet.
PROVINCES = {
    1100: "ACEH", 1200: "SUMATERA UTARA", 1300: "SUMATERA BARAT", 1400: "RIAU", 1500: "JAMBI",
    1600: "SUMATERA SELATAN", 1700: "BENGKULU", 1800: "LAMPUNG", 1900: "KEP. BANGKA BELITUNG",
    2100: "KEP. RIAU", 3100: "DKI JAKARTA", 3200: "JAWA BARAT", 3300: "JAWA TENGAH",
    3400: "DI YOGYAKARTA", 3500: "JAWA TIMUR", 3600: "BANTEN", 5100: "BALI",
    5200: "NUSA TENGGARA BARAT", 5300: "NUSA TENGGARA TIMUR", 6100: "KALIMANTAN BARAT",
    6200: "KALIMANTAN TENGAH", 6300: "KALIMANTAN SELATAN", 6400: "KALIMANTAN TIMUR",
    6500: "KALIMANTAN UTARA", 7100: "SULAWESI UTARA", 7200: "SULAWESI TENGAH",
    7300: "SULAWESI SELATAN", 7400: "SULAWESI TENGGARA", 7500: "GORONTALO",
    7600: "SULAWESI BARAT", 8100: "MALUKU", 8200: "MALUKU UTARA", 9100: "PAPUA BARAT",
    9200: "PAPUA BARAT DAYA", 9400: "PAPUA", 9500: "PAPUA SELATAN", 9600: "PAPUA TENGAH",
    9700: "PAPUA PEGUNUNGAN", 9999: "<b>INDONESIA</b>",
}  # fmt: skip
UNFILLED = (9200, 9500, 9600, 9700)


def sample() -> list[Variable]:
    """Tables to play with, their values made up: Banten's regencies, and all provinces."""
    return [_regencies(), _provinces()]


def _provinces() -> Variable:
    """The national table that the project's own catalogue asks for."""
    cells: Cells = {
        (region, "0", year, turth): round(4 + region % 11 * 0.25 + year % 5 * 0.1 + at * 0.2, 2)
        for region in PROVINCES
        for year in range(2015, 2026)
        for at, turth in enumerate((189, 190))
        if region not in UNFILLED
    }
    return Variable(
        domain="0000", var_id=543, title="Tingkat Pengangguran Terbuka Menurut Provinsi",
        unit="Persen", vervars=PROVINCES, cells=cells,
        turths={189: "Februari", 190: "Agustus", 191: "Tahunan"},
    )  # fmt: skip


def _regencies() -> Variable:
    """A table of one province, with a padded and a bold label."""
    regions = {3600: "<b>BANTEN</b>", 3601: "Pandeglang", 3602: "Lebak", 3604: "  Serang"}
    cells: Cells = {
        (region, "0", year, 190): round(5 + (region % 7) * 0.5 + (year - 2018) * 0.25, 2)
        for region in regions
        for year in range(2018, 2026)
    }
    return Variable(
        domain="3600", var_id=64, title="Tingkat Pengangguran Terbuka", unit="Persen",
        vervars=regions, cells=cells, turths={190: "Agustus", 191: "Tahunan"},
    )  # fmt: skip


def main() -> None:
    """Run a replica with the sample tables until interrupted."""
    serve_samples(__doc__, "BPS", lambda **how: Replica(sample(), **how), key=DEFAULT_KEY)


if __name__ == "__main__":
    main()
