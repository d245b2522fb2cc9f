"""The BPS WebAPI replica with its other services: subjects, static tables, indicators, SIMDASI.

Written from the format's description. What nobody has recorded (the view of a static table,
the label of a SIMDASI row) is made up here as the description has it, and can be changed.

    python -m tests.replicas.bps_lists --port 8090 --key a-key-of-mine
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.replicas import bps
from tests.replicas.faults import Response, serve_samples

ENDPOINTS = ("list", "domain", "view", "interoperabilitas")


@dataclass
class StaticTable:
    """A static table: ``page`` is its HTML, sent escaped."""

    domain: str
    table_id: int
    title: str
    page: str
    updated: str = "2024-02-28"

    @property
    def row(self) -> dict[str, Any]:
        """The table as the list has it."""
        return {
            "table_id": self.table_id, "title": self.title, "subj_id": 6, "subj": "Tenaga Kerja",
            "updt_date": self.updated, "size": "12 KB", "excel": "",
        }  # fmt: skip


@dataclass
class Indicator:
    """A strategic indicator: only its latest figure is known to the service."""

    var: int
    indicator_id: int
    title: str
    value: float | str | None
    unit: str
    period: str
    domain: str = "3600"

    @property
    def row(self) -> dict[str, Any]:
        """The indicator as the list has it."""
        return {
            "var": self.var, "indicator_id": self.indicator_id, "subject_csa": 520,
            "title": f"{self.title}, {self.period}", "name": "", "data_source": "Sakernas",
            "value": self.value, "unit": self.unit, "category": 2, "hash_id": "",
            "periode": self.period,
        }  # fmt: skip


@dataclass
class SimdasiTable:
    """A SIMDASI table: by year, by region code, the texts under each variable."""

    region: str
    table_id: str
    title: str
    variables: Mapping[str, str]
    years: Mapping[int, Mapping[str, tuple[str, Mapping[str, str]]]] = field(default_factory=dict)
    label_field: str = "label"


class Replica(bps.Replica):
    """The WebAPI with everything of it that we ask for."""

    def __init__(
        self,
        variables: Iterable[bps.Variable] = (),
        *,
        tables: Iterable[StaticTable] = (),
        indicators: Iterable[Indicator] = (),
        simdasi: Iterable[SimdasiTable] = (),
        **settings: Any,
    ) -> None:
        self.tables = {(t.domain, t.table_id): t for t in tables}
        self.indicators = list(indicators)
        self.simdasi = {(t.region, t.table_id): t for t in simdasi}
        super().__init__(variables, **settings)

    def model(self, params: Mapping[str, str]) -> str:
        """Name the model that is asked for; SIMDASI's services are named by their number."""
        if params["endpoint"] == "interoperabilitas":
            return f"simdasi-{params.get('id', '')}"
        return super().model(params)

    def refusal(self, params: Mapping[str, str], agent: str, address: str) -> Response | None:
        """Know some more paths."""
        known = params["endpoint"] in ENDPOINTS
        return super().refusal({**params, "endpoint": "list"} if known else params, agent, address)

    def answer(self, params: Mapping[str, str]) -> Any:
        """Answer what the small replica does not."""
        refused = super().answer({**params, "endpoint": "list", "model": "unit"})
        if refused.get("status") == "Error":
            return refused
        if params["endpoint"] == "interoperabilitas":
            return self._simdasi(params)
        own = {
            ("view", "statictable"): self._table,
            ("list", "statictable"): self._tables,
            ("list", "subject"): self._subjects,
            ("list", "indicators"): self._indicators,
        }
        answer = own.get((params["endpoint"], params.get("model", "")))
        return answer(params) if answer else super().answer(params)

    def _table(self, params: Mapping[str, str]) -> Any:
        table = self.tables.get((params.get("domain", ""), int(params.get("id") or 0)))
        if table is None:
            return bps._not_available()
        data = {**table.row, "table": html.escape(table.page)}
        return {"status": "OK", "data-availability": "available", "data": data}

    def _tables(self, params: Mapping[str, str]) -> Any:
        keyword = params.get("keyword", "").lower()
        found = (t for (domain, _), t in self.tables.items() if domain == params.get("domain"))
        return bps._page([t.row for t in found if keyword in t.title.lower()], params)

    def _subjects(self, params: Mapping[str, str]) -> Any:
        rows = [
            {"sub_id": number, "title": f"Subjek {number}", "subcat_id": 1 + number % 2,
             "subcat": "Sosial dan Kependudukan", "ntabel": None if number == 1 else number}
            for number in range(1, 24)
        ]  # fmt: skip
        rows[5]["title"] = "Tenaga Kerja"
        wanted = params.get("subcat", "")
        return bps._page([r for r in rows if wanted in ("", str(r["subcat_id"]))], params)

    def _indicators(self, params: Mapping[str, str]) -> Any:
        rows = [one.row for one in self.indicators if one.domain == params.get("domain")]
        return bps._page(rows, params)

    # -- SIMDASI -----------------------------------------------------------------------

    def _simdasi(self, params: Mapping[str, str]) -> Any:
        region = params.get("wilayah", "")
        if params.get("id") == "23":
            listed = [_listed(table) for (code, _), table in self.simdasi.items() if code == region]
            return _wrapped({"induk": region, "wilayah": "Banten", "data": listed})
        table = self.simdasi.get((region, params.get("id_tabel", "")))
        year = int(params.get("tahun") or 0)
        if params.get("id") != "25" or table is None or year not in table.years:
            return _wrapped({"status": 400, "condition": "ERROR", "message": "Invalid Parameter"})
        return _wrapped(
            {
                "judul_tabel": table.title, "lingkup": "Kabupaten/Kota", "tahun_data": year,
                "sumber": "BPS", "catatan": "",
                "kolom": {key: {"nama_variabel": name} for key, name in table.variables.items()},
                "data": [
                    {
                        "kode_wilayah": code, table.label_field: label,
                        "variables": {k: {"value": v, "value_raw": v} for k, v in texts.items()},
                    }
                    for code, (label, texts) in table.years[year].items()
                ],
            }
        )  # fmt: skip


def _listed(table: SimdasiTable) -> dict[str, Any]:
    return {
        "id_tabel": table.table_id, "judul": table.title, "kode_tabel": "1.1.1",
        "ketersediaan_tahun": sorted(table.years), "mms_id": 516,
    }  # fmt: skip


def _wrapped(inner: Mapping[str, Any]) -> dict[str, Any]:
    envelope = {"page": 1, "pages": 1, "per_page": 1, "count": 1, "total": 1}
    data = {"status": 200, "condition": "OK", "message": "-", **inner}
    return {"status": "OK", "data-availability": "available", "data": [envelope, data]}


PAGE = """
<p>Tabel</p><table border=1><thead>
<tr><th rowspan=2>Kabupaten/Kota</th><th colspan="2">TPT (%)</th><th rowspan=2>Ket</th></tr>
<tr><th>2022</th><th>2023<sup>1</sup></th></tr></thead>
<tr><td>Kabupaten&nbsp;Serang<td>10,61<td>9,94<sup>*)</sup><td>
<tr><td>Kota Serang</td><td>8,17</td><td>...</td><td></td></tr>
<tr><td><b>Provinsi Banten</b></td><td>8,09</td><td>7,52</td><td></td></tr>
<tr><td colspan=4>Sumber: BPS, Sakernas</td></tr></table>
"""


def sample_tables() -> list[StaticTable]:
    """A static table to play with."""
    return [StaticTable("3600", 77, "Tingkat Pengangguran Terbuka Menurut Kabupaten/Kota", PAGE)]


def sample_indicators() -> list[Indicator]:
    """Twelve indicators, more than a page; the unemployment rate stands on the second."""
    others = [Indicator(100 + n, n, f"Indikator {n}", n / 2, "Persen", "2025") for n in range(11)]
    rate = Indicator(543, 24, "Tingkat Pengangguran Terbuka", 6.69, "Persen", "Februari 2026")
    return [*others, rate]


def sample_simdasi() -> list[SimdasiTable]:
    """A SIMDASI table of Banten with each mark that stands for no figure."""
    rows = {
        "3600000": ("Banten", {"a1": "1.021.330,00", "b2": "7,52"}),
        "3604000": ("Serang", {"a1": "18.836,00", "b2": "-"}),
        "3673000": ("Kota Serang", {"a1": "...", "b2": "NA"}),
        "3671000": ("Kota Tangerang", {"a1": "–", "b2": "7,16"}),
    }
    names = {"a1": "Angkatan Kerja", "b2": "TPT"}
    title = "Angkatan Kerja dan TPT"
    return [SimdasiTable("3600000", "VGFiZWw9PQ==", title, names, {2023: rows, 2024: rows})]


def main() -> None:
    """Run a replica with all samples until interrupted."""
    samples = {
        "tables": sample_tables(),
        "indicators": sample_indicators(),
        "simdasi": sample_simdasi(),
    }
    serve_samples(
        __doc__, "BPS", lambda **how: Replica(bps.sample(), **samples, **how), key=bps.DEFAULT_KEY
    )


if __name__ == "__main__":
    main()
