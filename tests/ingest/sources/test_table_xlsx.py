"""Workbooks are read like any table, cell by cell as a person would copy them."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.csv as pa_csv
import pytest
from pydantic import ValidationError

from ingest.errors import HtmlReplyError, UnreadableFileError
from ingest.office_files import HostileFileError
from ingest.schema import Dataset
from tests.ingest.parsing import REPOSITORY, context, dataset, parse, rules
from tests.ingest.workbooks import in_sheet, repacked, saved, workbook, xlsx

LONG = b"<v>9007199254740993</v></c></row></sh"
RATE = {"column": "TPT", "indicator": "unemployment_rate", "unit": "%"}


def table(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "table",
            "file": {"format": "xlsx"},
            "region": {"column": "Kode", "by": "code"},
            "period": {"fixed": "2024-08", "kind": "round"},
            "measures": [RATE],
            **fields,
        }
    )


def values(result: Any) -> dict[tuple[str, str], Decimal | None]:
    return {
        (r["region_code"], r["period_label"]): r["value"] for r in result.observations.to_pylist()
    }


def test_typed_and_written_numbers_are_read_by_their_own_signs() -> None:
    rows = [["Kode", "TPT"], [3604, 7.52], ["3673", " 1.002,5 "], ["3671", 1.234], [3602, "-"]]
    described = table(
        decimal=",", measures=[{"column": "TPT", "indicator": "labour_force", "unit": "orang"}]
    )
    result = parse(described, xlsx(rows, "Data 2024"))
    assert rules(result) == []
    assert values(result) == {
        ("3604", "2024-08"): Decimal("7.52"),
        ("3673", "2024-08"): Decimal("1002.5"),
        ("3671", "2024-08"): Decimal("1.234"),
        ("3602", "2024-08"): None,
    }
    assert result.observations["locator"].to_pylist() == [f"Data 2024!B{n}" for n in (2, 3, 4, 5)]


def test_binary_noise_is_not_precision_and_long_integers_keep_every_digit() -> None:
    described = table(measures=[{"column": "TPT", "indicator": "budget_total", "unit": "rupiah"}])
    plain = xlsx([["Kode", "TPT"], [3604, 0.1 + 0.2], [3673, 1]])
    result = parse(described, repacked(plain, in_sheet(b"<v>1</v></c></row></sh", LONG)))
    assert list(values(result).values()) == [Decimal("0.3"), Decimal("9007199254740993")]


def test_a_header_of_two_levels_names_columns_by_both_and_provinces_are_filled_down() -> None:
    book = workbook(
        {
            "T": [
                ["Tabel 3"],
                ["Provinsi", "Kab/Kota", "2023", None, "2024", None],
                [None, None, "TPT", "TPAK", "TPT", "TPAK"],
                ["Banten", "Serang", 9.94, 64.1, 9.2, 65],
                [None, "Kota Serang", 7.5, 63, 7.1, 64.2],
                ["Jawa Barat", "Bogor", 8.1, 62, 7.9, 61.5],
                ["Catatan: Sakernas Agustus"],
                ["BPS", "x", 1, 1, 1, 1],
            ]
        }
    )
    sheet = book["T"]
    for area in ("A2:A3", "B2:B3", "C2:D2", "E2:F2", "A4:A5"):
        sheet.merge_cells(area)
    described = table(
        file={"format": "xlsx", "header_row": 2, "header_levels": 2},
        region={
            "column": "Kab/Kota", "by": "name", "within": "Provinsi", "default_type": "kabupaten"
        },
        period=None,
        measures=[],
        wide=[
            {"columns": r"(?P<year>\d{4}) \| TPT", "period": "{year}-08", "kind": "round",
             "indicator": "unemployment_rate", "unit": "%"},
            {"columns": r"(?P<year>\d{4}) \| TPAK", "period": "{year}-08", "kind": "round",
             "indicator": "participation_rate", "unit": "%"},
        ],
        fill_down=["Provinsi"],
        ends_before={"column": "Provinsi", "matches": "^Catatan"},
    )  # fmt: skip
    result = parse(described, saved(book))
    assert (result.n_items, rules(result)) == (12, [])
    found = {
        (r["region_code"], r["period_label"], r["indicator_id"]): (r["value"], r["locator"])
        for r in result.observations.to_pylist()
    }
    assert found["3673", "2024-08", "unemployment_rate"] == (Decimal("7.1"), "T!E5")
    assert found["3604", "2023-08", "participation_rate"] == (Decimal("64.1"), "T!D4")
    assert found["3201", "2024-08", "participation_rate"] == (Decimal("61.5"), "T!F6")


def test_a_column_can_say_what_kind_of_region_a_bare_name_is() -> None:
    described = table(
        region={
            "column": "Nama", "by": "name",
            "kind": {"column": "Jenis", "values": {"Kab.": "kabupaten", "Kota": "kota"}},
        }
    )  # fmt: skip
    rows = [["Jenis", "Nama", "TPT"], ["Kab.", "Serang", 9], ["Kota", "Serang", 7], ["?", "x", 1]]
    result = parse(described, xlsx(rows))
    assert set(values(result)) == {("3604", "2024-08"), ("3673", "2024-08")}
    assert rules(result) == ["unknown_label"]


def test_the_sheet_is_chosen_by_name_or_pattern_and_never_guessed() -> None:
    rows = [["Kode", "TPT"], [3604, 9]]
    body = saved(workbook({"Petunjuk": [["baca"]], "Data 2024 ": rows, "Data 2023": rows}))
    with pytest.raises(UnreadableFileError, match=r"Petunjuk.*name one with file.sheet"):
        parse(table(), body)
    with pytest.raises(UnreadableFileError, match="2 of them fit"):
        parse(table(file={"format": "xlsx", "sheet_matches": "^Data"}), body)
    for choice in ({"sheet": "Data 2024"}, {"sheet_matches": r"2024"}):
        result = parse(table(file={"format": "xlsx", **choice}), body)
        assert result.observations["locator"].to_pylist() == ["Data 2024 !B2"]


def test_a_formula_counts_with_its_saved_result_and_is_rejected_without() -> None:
    plain = xlsx([["Kode", "TPT"], [3604, "=4+5"], [3673, 7]])
    unsaved = parse(table(), plain)
    assert rules(unsaved) == ["formula_cell"]
    assert values(unsaved) == {("3673", "2024-08"): Decimal(7)}
    change = in_sheet(b"<f>4+5</f><v></v>", b"<f>4+5</f><v>9</v>")
    body = repacked(repacked(plain, in_sheet(b"<v />", b"<v></v>")), change)
    assert values(parse(table(), body))["3604", "2024-08"] == Decimal(9)


def test_what_a_number_format_changes_is_read_as_shown_or_rejected() -> None:
    book = workbook({"D": [["Kode", "TPT", "Orang"], [3604, 0.0752, 1234567], [3673, 0.08, 0.5]]})
    sheet = book["D"]
    sheet["B2"].number_format = sheet["B3"].number_format = "0.00%"
    sheet["C2"].number_format = '#,##0," ribu"'
    sheet["C3"].number_format = "0%"
    people = {"column": "Orang", "indicator": "labour_force", "unit": "orang"}
    result = parse(table(measures=[RATE, people]), saved(book))
    assert [r["value"] for r in result.observations.to_pylist()] == [Decimal("7.52"), Decimal(8)]
    assert sorted(rules(result)) == ["percent_format", "scaled_format"]


def test_a_sheet_that_lies_about_its_size_loses_no_row() -> None:
    body = xlsx([["Kode", "TPT"], [3604, 9], [3673, 7]])
    lying = repacked(body, in_sheet(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A2"'))
    assert lying != body
    assert len(values(parse(table(), lying))) == 2


def test_errors_dates_and_endless_numbers_are_items_that_are_rejected() -> None:
    rows = [["Kode", "TPT"], [3604, "#DIV/0!"], [3673, True], [3671, 1e300], [3602, "2024-01-01"]]
    assert rules(parse(table(), xlsx(rows))) == [
        "not_a_number", "not_a_number", "overlong_number", "not_a_number",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"", b"PK\x03\x04 cut off", xlsx([["Kode", "TPT"]])[:-200], b"Kode,TPT\n3604,9\n"]
)
def test_what_is_no_workbook_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        parse(table(), body)


def test_a_web_page_in_place_of_a_workbook_is_an_error_reply() -> None:
    with pytest.raises(HtmlReplyError):
        parse(table(), b"<!doctype html><html>Just a moment...</html>")


def test_a_hostile_workbook_is_refused_by_name() -> None:
    body = repacked(xlsx([["Kode", "TPT"], [3604, 9]]), add={"xl/vbaProject.bin": b"x"})
    with pytest.raises(HostileFileError, match=r"test_dataset.*macros"):
        parse(table(), body)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"measures": []}, "no column of figures"),
        ({"period": None}, "what period"),
        ({"file": {"format": "xlsx", "sheet": "a", "sheet_matches": "b"}}, "not by both"),
        ({"wide": [{"columns": r"\d{4}", "indicator": "x", "unit": "%", "kind": "flow"}]}, "group"),
        ({"url": "https://elsewhere/x.csv"}, "pattern"),
    ],
)
def test_a_catalogue_file_that_can_not_be_meant_is_refused(fields: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        table(**fields)


def test_no_column_fits_a_pattern_and_a_label_that_is_no_period() -> None:
    wide = {"columns": r"(?P<year>\w+) x", "indicator": "labour_force", "unit": "orang",
            "kind": "stock"}  # fmt: skip
    described = table(measures=[], period=None, wide=[wide])
    with pytest.raises(UnreadableFileError, match="no column fits"):
        parse(described, xlsx([["Kode", "TPT"], [3604, 1]]))
    with pytest.raises(UnreadableFileError, match="'lalu' is no period"):
        parse(described, xlsx([["Kode", "lalu x"], [3604, 1]]))


# -- a table nobody has seen: one YAML file, 514 regencies, eleven indicators ---------------

ELEVEN = {
    "TPT (%)": ("unemployment_rate", "%"), "TPAK (%)": ("participation_rate", "persen"),
    "Angkatan Kerja (ribu)": ("labour_force", "ribu orang"),
    "Bekerja (ribu)": ("employed", "ribu orang"), "Penganggur": ("unemployed", "orang"),
    "Penduduk Miskin (%)": ("poverty_rate", "%"), "IPM": ("human_development_index", "indeks"),
    "UHH": ("life_expectancy", "tahun"), "HLS": ("expected_years_schooling", "tahun"),
    "RLS": ("mean_years_schooling", "tahun"),
    "PAD (juta Rp)": ("budget_own_revenue", "juta rupiah"),
}  # fmt: skip
YAML = """
dataset: unseen
protocol: table
source: cited_figures
title: {{id: Uji, en: Test}}
file: {file}
decimal: ","
region: {{column: Kabupaten/Kota, by: name, within: Provinsi, default_type: kabupaten}}
period: {{fixed: "2024", kind: stock}}
measures:
{measures}
rows_ignored: [{{column: Provinsi, matches: "^(Sumber|Jumlah)"}}]
"""


def unseen_rows() -> list[list[str]]:
    """514 rows as a portal writes them: bare names, padding, thousands with points."""
    regions = context().regions
    rows = []
    for place in regions.regions:
        if place.type in ("kabupaten", "kota") and place.region_code and place.valid_to is None:
            bare = place.name.removeprefix("Kabupaten ")
            province = regions.name(place.parent_region_code or "")
            n = int(place.region_code)
            figures = [f"  {n % 20 + index},{n % 100:02d} " for index in range(10)]
            rows.append([province.upper(), bare, *figures, f" 1.{n % 1000:03d}.{n % 1000:03d},5 "])
    return rows


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_nobody_has_seen_loads_with_one_yaml_file(tmp_path: Path, kind: str) -> None:
    header = ["Provinsi", "Kabupaten/Kota", *ELEVEN]
    rows = [header, *unseen_rows(), ["Sumber: BPS"]]
    assert len(rows) == 516
    layout = '{delimiter: ";", header_row: 2}'
    body = "\ufeffJudul\n".encode() + "\n".join(";".join(row) for row in rows).encode()
    if kind == "xlsx":
        layout = "{format: xlsx, header_row: 2, sheet: Tabel}"
        body = xlsx([["Judul"], *rows], "Tabel")
    measures = "\n".join(
        f'  - {{column: "{column}", indicator: {indicator}, unit: "{unit}"}}'
        for column, (indicator, unit) in ELEVEN.items()
    )
    described, file, out = (tmp_path / name for name in ("unseen.yml", f"t.{kind}", "rows.csv"))
    described.write_text(YAML.format(file=layout, measures=measures), encoding="utf-8")
    file.write_bytes(body)
    done = subprocess.run(
        [sys.executable, "-m", "ingest", "parse", str(described), str(file), "--out", str(out)],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    table_read = pa_csv.read_csv(out)
    rejected = pa_csv.read_csv(tmp_path / "rows.csv.rejected.csv")
    assert (table_read.num_rows, rejected.num_rows) == (514 * 11, 0)
    serang = {
        row["indicator_id"]: (str(row["value"]), row["locator"])
        for row in table_read.to_pylist()
        if str(row["region_code"]) == "3604"
    }
    assert float(serang["labour_force"][0]) == (3604 % 20 + 2) * 1000 + 40
    assert float(serang["budget_own_revenue"][0]) == 1_604_604_500_000
    assert serang["labour_force"][1].startswith("Tabel!E" if kind == "xlsx" else "line ")
