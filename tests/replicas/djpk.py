"""A small real HTTP server that speaks the DJPK portal: lists, workbooks, transfer pages.

Written from the formats' description. The workbook is put together here as text and the page
with its rows nested wrongly, as the portal's are. It runs without the warehouse:

    python -m tests.replicas.djpk --port 8091 --fault half_body:2
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tests.replicas.faults import (
    Fault,
    FaultyReplica,
    Response,
    serve_samples,
)

__all__ = ["Fault", "Replica", "Report", "sample"]

EXCEL = "application/vnd.ms-excel"
PAGE = "text/html; charset=UTF-8"
ERROR_PAGE = (
    "<!DOCTYPE html><html><head><title>Server Error</title></head>"
    "<body>500 | Server Error</body></html>"
)
NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
HEADER = ("Akun", "Anggaran", "Realisasi", "Persentase")

#: label, budget, realised: rupiah
Lines = list[tuple[str, Decimal, Decimal]]


@dataclass
class Report:
    """What one government reported up to one month, and the transfers of its year."""

    lines: Lines
    transfers: Lines = field(default_factory=list)
    transfers_to: str = "Desember"


class Replica(FaultyReplica):
    """The portal. ``url`` is what LUMBUNG_DJPK_URL should hold.

    ``reports`` is keyed by year, month, province and government; a month without a report
    answers as the portal does, and a year in ``closed`` answers every month with its last.
    """

    base_path = "/portal"

    def __init__(
        self,
        reports: Mapping[tuple[int, int, str, str], Report] | None = None,
        *,
        provinces: Mapping[str, str] | None = None,
        governments: Mapping[str, Mapping[str, str]] | None = None,
        closed: Iterable[int] = (),
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
    ) -> None:
        self.reports = dict(reports or {})
        self.provinces = dict(provinces or {"22": "Provinsi Bali", "28": "Prov. Banten"})
        self.governments = {
            code: dict(names)
            for code, names in (
                governments
                or {"28": {"--": "Semua pemda", "00": "Prov. Banten", "03": "Kab. Serang"}}
            ).items()
        }
        self.closed = set(closed)
        super().__init__(faults=faults, latency=latency, port=port)

    def respond(self, params: Mapping[str, str]) -> Response:
        """Answer with a list, a workbook or a page."""
        match params["endpoint"].split("/"):
            case ["provinsi", _]:
                return _json(self.provinces)
            case ["pemda", province, _]:
                return _json(self.governments.get(province, {}))
            case ["csv_apbd"]:
                report = self._report(params)
                body = no_report() if report is None else workbook(report.lines)
                return Response(body.encode(), content_type=EXCEL)
            case ["data", "tkdd"]:
                report = self._report({**params, "periode": "12"})
                lines = report.transfers if report else []
                until = report.transfers_to if report else ""
                return Response(page(lines, until).encode(), content_type=PAGE)
        return Response(b"404", 404, "text/html")

    def _report(self, params: Mapping[str, str]) -> Report | None:
        year, month = int(params["tahun"]), int(params["periode"])
        if year in self.closed:
            month = 12
        return self.reports.get((year, month, params["provinsi"], params["pemda"]))

    def changed(self, body: bytes) -> bytes:
        """Call the budget by another name, and the table by another id."""
        return body.replace(b">Anggaran<", b">Pagu<").replace(b"tbl_data", b"tabel_baru")

    def restated(self, body: bytes) -> bytes:
        """Add one to every amount: a rupiah to a workbook's, ten million to the page's."""
        body = re.sub(
            rb'(?<="Number">)[^<]+', lambda cell: php(Decimal(cell[0].decode()) + 1).encode(), body
        )
        return re.sub(rb",(\d\d) M", lambda cell: b",%02d M" % ((int(cell[1]) + 1) % 100), body)

    def vanished(self) -> Response:
        """Say what the portal says where a report was a moment ago."""
        return Response(no_report().encode(), content_type=EXCEL)


def _json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode())


def _cell(text: str, kind: str = "String") -> str:
    return f'<Cell><Data ss:Type="{kind}">{html.escape(text)}</Data></Cell>'


def _head() -> str:
    cells = "".join(_cell(name) for name in HEADER)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Workbook xmlns="{NAMESPACE}" '
        f'xmlns:ss="{NAMESPACE}">\n<Worksheet ss:Name="Data APBD"><Table>\n<Row>{cells}</Row>'
    )


def no_report() -> str:
    """The header of a workbook, then the error page, in one body."""
    return _head() + ERROR_PAGE


def workbook(lines: Lines) -> str:
    """A whole workbook: one blank before each label, E-notation from 10^15 on."""
    rows = "".join(
        "<Row>"
        + _cell(f" {label}")
        + _cell(php(budget), "Number")
        + _cell(php(realised), "Number")
        + _cell(f"{realised / budget * 100:.2f}" if budget else "0")
        + "</Row>\n"
        for label, budget, realised in lines
    )
    return f"{_head()}\n{rows}</Table></Worksheet></Workbook>"


def php(value: Decimal) -> str:
    """Print a number as PHP echoes a float: 14 digits, E-notation from 10^15 on."""
    rounded = float(f"{value:.13e}")
    if abs(rounded) < 1e15:
        return f"{rounded:.14g}"
    mantissa, exponent = f"{rounded:.13e}".split("e")
    short = mantissa.rstrip("0")
    return f"{short + '0' if short.endswith('.') else short}E+{int(exponent)}"


def page(lines: Lines, until: str) -> str:
    """The transfer page: amounts in miliar, each row opened inside the one before."""
    rows = "".join(
        '<tr><tr><td><i class="fa"></i></td>'
        f'<td style="padding-left:1em">{html.escape(label)}</td>'
        f'<td class="text-right">{miliar(allocated)}</td>'
        f'<td class="text-right">{miliar(paid)}</td>'
        '<td class="text-right">0,00</td>'
        for label, allocated, paid in lines
    )
    return (
        f"<!DOCTYPE html><html><body><p>Data s.d {until}</p>"
        '<table id="tbl_data"><thead><tr><th></th><th>Akun</th><th>Anggaran</th>'
        f"<th>Realisasi</th><th>%</th></tr></thead><tbody>{rows}</tbody></table></body></html>"
    )


def miliar(value: Decimal) -> str:
    """Print rupiah as the portal prints miliar: ``3.850,93 M``."""
    printed = f"{value / 10**9:,.2f}"
    return printed.translate(str.maketrans({",": ".", ".": ","})) + " M"


def sample(year: int, months: int) -> dict[tuple[int, int, str, str], Report]:
    """Made-up reports of one year for two governments, cumulative month by month."""
    reports = {}
    for place, government in enumerate(("00", "03"), start=1):
        for month in range(1, months + 1):
            budget = Decimal(place) * 2_520_903_337_942
            paid = budget * month / 12
            lines: Lines = [
                ("Pendapatan Daerah", budget, paid.quantize(Decimal("0.01"))),
                ("PAD", budget / 4, (paid / 4).quantize(Decimal("0.01"))),
                ("Belanja Modal", budget / 8, paid / 16),
                ("Belanja Modal", budget / 8, paid / 16),
                ("Belanja Lainnya", budget / 16, paid / 16),
                ("Belanja Lainnya", Decimal(0), Decimal(0)),
            ]
            transfers: Lines = [
                ("Dana Alokasi Umum", budget / 2, paid / 2),
                ("Hibah ke Daerah", budget / 100, paid / 100),
            ]
            reports[year, month, "28", government] = Report(lines, transfers)
    return reports


def main() -> None:
    """Run a replica with a made-up year until interrupted."""
    serve_samples(__doc__, "DJPK", lambda **how: Replica(sample(2025, 12), closed=[2025], **how))


if __name__ == "__main__":
    main()
