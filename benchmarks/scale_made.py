"""Makes well-formed data that nobody published, as much as asked for, to measure a refresh on.

Made data stands in a copy of the tree that is thrown away (`copy_of_tree`), in the wire formats
and the catalogue's grammar, so that the real refresh reads it: one dataset of `bps.dynamic_data`
an indicator, asked for in windows of three years as BPS has it, and one `table` of programme lines
a fiscal year. Every name begins with `made_`, every title says what it is. The same size gives the
same bytes.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.copies import copy_tree
from lumbung.settings import ROOT

#: Figures that ship with the project: rows of `marts.observations` of a release without made data.
CITED_FIGURES = 26_726
FIRST_YEAR = 2010
N_YEARS = 15
WINDOW = 3
#: Made-up budgets stand in years of which nobody has published a total: the release's own tests
#: hold the lines of a year to it.
FIRST_BUDGET_YEAR = 2031
#: What BPS calls 1900 in its list of periods.
YEAR_ZERO = 1900
LINES_A_YEAR = 120_000
COLLECTED = "2026-11-21"
#: Unit of the indicator, as BPS prints it, decimals, first value, yearly growth in thousandths.
UNITS = (
    ("percent", "Persen", 2, 6.0, -12),
    ("persons", "Orang", 0, 250_000.0, 14),
    ("idr", "Rupiah", 0, 40_000_000.0, 45),
)
ACCOUNTS = (
    ("5101", "Belanja Pegawai"), ("5102", "Belanja Barang dan Jasa"), ("5105", "Belanja Hibah"),
    ("5202", "Belanja Modal Peralatan dan Mesin"), ("5204", "Belanja Modal Jalan, Jaringan"),
)  # fmt: skip
FUNCTIONS = ("1.01", "1.02", "1.03", "2.07", "2.17", "3.27", "5.01", "X.XX")
LINE_COLUMNS = (
    "region_code", "region_name", "fiscal_year", "function_code", "program_code", "program_name",
    "account_code", "account_name", "budget_idr",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """How much to make: indicators of every regency and year, and years of programme lines."""

    n_indicators: int
    n_line_years: int
    lines_a_year: int = LINES_A_YEAR
    n_years: int = N_YEARS

    @property
    def n_figures(self) -> int:
        """How many observations the made data comes to."""
        n_regencies = len(regencies(ROOT))
        return (
            self.n_indicators * n_regencies * self.n_years + self.n_line_years * self.lines_a_year
        )


def national(n_line_years: int = 1) -> Size:
    """514 regencies x 15 years x 60 indicators, and 120,000 programme lines a year."""
    return Size(60, n_line_years)


def times_the_cited(times: int) -> Size:
    """Return what makes the cited figures ``times`` as many: a fifth of it programme lines."""
    wanted = (times - 1) * CITED_FIGURES
    cells = len(regencies(ROOT)) * N_YEARS
    n_indicators = round(0.8 * wanted / cells)
    lines = max(0, wanted - n_indicators * cells)
    n_line_years = -(-lines // LINES_A_YEAR)
    return Size(n_indicators, n_line_years, lines // n_line_years if lines else 0)


def copy_of_tree(tree: Path, size: Size) -> None:
    """Copy the project to ``tree``, a folder of the caller's to throw away, and add made data."""
    copy_tree(tree)
    write(tree, size)


def write(tree: Path, size: Size) -> None:
    """Add catalogue files and bundled replies of made data to a copy of the tree."""
    if tree.resolve() == ROOT:
        raise SystemExit("made data never goes into the project's own tree: give a copy of it")
    places = regencies(tree)
    for number in range(1, size.n_indicators + 1):
        _write_indicator(tree, number, places, size)
    _write_indicators(tree, size.n_indicators)
    for number in range(size.n_line_years):
        _write_lines(tree, FIRST_BUDGET_YEAR + number, places, size.lines_a_year)


def regencies(tree: Path) -> list[tuple[str, str]]:
    """Return code and name of every regency and city that exists now."""
    path = tree / "ingest" / "geography" / "regions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (row["region_code"], row["name"])
            for row in csv.DictReader(file)
            if row["type"] in ("kabupaten", "kota") and row["region_code"] and not row["valid_to"]
        ]


def _write_indicators(tree: Path, count: int) -> None:
    entries = []
    for number in range(1, count + 1):
        unit = UNITS[number % len(UNITS)][0]
        entries.append(
            f"- indicator: {_indicator(number)}\n"
            f'  name: {{id: "Ukuran rekaan {number}", en: "Made-up measure {number}"}}\n'
            f'  definition: {{id: "Data rekaan, hanya untuk mengukur kecepatan.", '
            f'en: "Made up, only to measure speed."}}\n'
            f"  unit: {unit}\n  theme: made_up\n"
        )
    path = tree / "ingest" / "catalog" / "indicators" / "made.yml"
    path.write_text("".join(entries), encoding="utf-8")


def _indicator(number: int) -> str:
    return f"made_measure_{number:03d}"


def _write_indicator(tree: Path, number: int, places: list[tuple[str, str]], size: Size) -> None:
    """Write one variable as the WebAPI answers: the list of periods, then its windows."""
    name = f"made_bps_{number:03d}"
    _write_dataset(tree, name, _bps_catalogue(name, number, size))
    folder = tree / "ingest" / "bundled" / name
    folder.mkdir()
    years = list(range(FIRST_YEAR, FIRST_YEAR + size.n_years))
    for page in range(-(-len(years) // 10)):
        stem = "th" if page == 0 else f"th-p{page + 1}"
        _write_json(folder / f"{stem}.json", _period_list(years, page))
    for at in range(0, len(years), WINDOW):
        window = years[at : at + WINDOW]
        ids = [year - YEAR_ZERO for year in window]
        stem = f"th-{ids[0]}" if len(ids) == 1 else f"th-{ids[0]}-{ids[-1]}"
        _write_json(folder / f"{stem}.json", _window(number, window, places))


def _period_list(years: list[int], page: int) -> dict[str, object]:
    rows = [{"th_id": year - YEAR_ZERO, "th": str(year)} for year in sorted(years, reverse=True)]
    shown = rows[page * 10 : page * 10 + 10]
    pages = -(-len(rows) // 10)
    about = {
        "page": page + 1, "pages": pages, "per_page": 10, "count": len(shown), "total": len(rows),
    }  # fmt: skip
    return {"status": "OK", "data-availability": "available", "data": [about, shown]}


def _window(number: int, years: list[int], places: list[tuple[str, str]]) -> dict[str, object]:
    _, unit, decimals, first, growth = UNITS[number % len(UNITS)]
    variable = 900_000 + number
    content = {}
    for at, (code, _) in enumerate(places):
        for year in years:
            spread = 1 + ((at * 7919 + number * 104_729) % 1000) / 1000
            trend = (1 + growth / 1000) ** (year - FIRST_YEAR)
            wave = 1 + ((at * 31 + year * 17 + number) % 13 - 6) / 500
            value = round(first * spread * trend * wave, decimals)
            key = f"{code}{variable}0{year - YEAR_ZERO}0"
            content[key] = value if decimals else int(value)
    described = {
        "val": variable, "label": f"Ukuran rekaan {number}", "unit": unit, "subj": "Rekaan",
        "def": "", "decimal": decimals, "note": "",
    }  # fmt: skip
    return {
        "status": "OK",
        "data-availability": "available",
        "last_update": "",
        "subject": [{"val": 1, "label": "Rekaan"}],
        "var": [described],
        "turvar": [{"val": "0", "label": "Tidak ada"}],
        "labelvervar": "Kabupaten/Kota",
        "vervar": [{"val": int(code), "label": label} for code, label in places],
        "tahun": [{"val": year - YEAR_ZERO, "label": str(year)} for year in years],
        "turtahun": [{"val": 0, "label": "Tahun"}],
        "datacontent": content,
    }


def _bps_catalogue(name: str, number: int, size: Size) -> str:
    unit = UNITS[number % len(UNITS)][1]
    n_rows = len(regencies(ROOT)) * size.n_years
    return f"""# Made up, to measure a refresh on.
dataset: {name}
protocol: bps.dynamic_data
source: bps
title: {{id: "Data rekaan {number}: bukan angka BPS", en: "Made-up data {number}: not BPS's"}}
cadence: irregular
bundled: {{folder: {name}, collected_on: {COLLECTED}}}
expect:
  minimum_rows: {n_rows}
  maximum_rejected: 0
  complete_members: [{{of: "0000", level: regencies}}]
request: {{domain: "0000", variable: {900_000 + number}, years: "{FIRST_YEAR}:"}}
region: {{from: vervar, system: bps}}
period: {{year: tahun, round: turtahun, annual: [Tahun], kind: stock}}
indicator: {_indicator(number)}
unit: {unit}
"""


def _write_lines(tree: Path, year: int, places: list[tuple[str, str]], count: int) -> None:
    """Write a year's programme lines as a table: every government about as many."""
    name = f"made_programmes_{year}"
    _write_dataset(tree, name, _lines_catalogue(name, year, count))
    folder = tree / "ingest" / "bundled" / name
    folder.mkdir()
    with (folder / "all.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(LINE_COLUMNS)
        writer.writerows(_lines(year, places, count))


def _lines(year: int, places: list[tuple[str, str]], count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        nth, at = divmod(number, len(places))
        code, label = places[at]
        programme, account = divmod(nth, len(ACCOUNTS))
        function = FUNCTIONS[programme % len(FUNCTIONS)]
        budget = 1_000_000 + (number * 7919 + year * 104_729) % 9_999_999_937
        yield (
            code, label, year, function, f"{function}.{programme:03d}",
            f"Program Rekaan {programme:03d} Urusan {function}", *ACCOUNTS[account], budget,
        )  # fmt: skip


def _lines_catalogue(name: str, year: int, count: int) -> str:
    return f"""# Made up, to measure a refresh on.
dataset: {name}
protocol: table
source: cited_figures
title:
  id: "Program rekaan {year}: bukan anggaran siapa pun"
  en: "Made-up programmes {year}: nobody's budget"
cadence: irregular
bundled: {{folder: {name}, collected_on: {COLLECTED}}}
expect: {{minimum_rows: {count}, maximum_rejected: 0}}
file: {{encoding: utf-8, delimiter: ",", header_row: 1}}
decimal: "."
region: {{column: region_code, by: code, system: bps}}
period: {{column: fiscal_year, kind: flow}}
constants:
  stage: enacted
  perimeter: own_government
  claimant: Rekaan
  provenance_tier: opinion
  source_url: https://example.org/made-up
  note: Made up, only to measure speed.
measures:
  - {{column: budget_idr, indicator: programme_budget, unit: IDR, precision: "1"}}
dimensions:
  breakdown: programme_account
  category: "{{program_code}} {{program_name}} | {{account_code}}"
attributes: [program_code, program_name, account_code, account_name, function_code]
"""


def _write_dataset(tree: Path, name: str, text: str) -> None:
    path = tree / "ingest" / "catalog" / f"{name}.yml"
    path.write_text(text, encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")
