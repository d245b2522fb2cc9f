"""All downloads of the bundled figures: the marts' figures, terms kept, valid descriptions."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import frictionless
import openpyxl
import pyarrow.parquet as pq
import pytest

from portal.downloads import sdmx, tables
from portal.downloads.write import write
from portal.marts import Marts
from tests.portal.downloads.test_descriptions import valid

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]
URL = "https://x.example/"


@pytest.fixture(scope="module")
def marts(release: Path) -> Iterator[Marts]:
    with Marts(release) as opened:
        yield opened


@pytest.fixture(scope="module")
def folder(marts: Marts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("downloads")
    write(marts, made / "unduh", URL, made / "cache")
    return made / "unduh"


def count(marts: Marts, table: str) -> int:
    return int(marts.arrow(f'select count(*) as n from "{table}"')["n"][0].as_py())


def test_every_format_holds_the_figure_of_the_mart(marts: Marts, folder: Path) -> None:
    asked = "region_code = '3673' and survey_year = 2025 and survey_month = 8"
    [row] = marts.arrow(f"select unemployment_rate_pct from unemployment where {asked}").to_pylist()
    rate: Decimal = row["unemployment_rate_pct"]
    where = {"region_code": "3673", "survey_year": "2025", "survey_month": "8"}
    for name, encoding, delimiter, point in (
        ("unemployment.csv", "utf-8", ",", "."),
        ("unemployment_id.csv", "utf-8-sig", ";", ","),
    ):
        with (folder / name).open(encoding=encoding, newline="") as lines:
            rows = list(csv.DictReader(lines, delimiter=delimiter))
        assert len(rows) == count(marts, "unemployment")
        [found] = [one for one in rows if where.items() <= one.items()]
        assert Decimal(found["unemployment_rate_pct"].replace(point, ".")) == rate
        assert found["row_provenance_tier"]
    sheet = openpyxl.load_workbook(folder / "unemployment.xlsx", read_only=True)["unemployment"]
    lines_of_sheet = sheet.iter_rows(values_only=True)
    head = next(lines_of_sheet)
    found_rows = [dict(zip(head, line, strict=True)) for line in lines_of_sheet]
    [cell] = [
        one["unemployment_rate_pct"]
        for one in found_rows
        if (one["region_code"], one["survey_year"], one["survey_month"]) == ("3673", 2025, 8)
    ]
    assert Decimal(str(cell)) == rate
    assert pq.read_table(folder / "unemployment.parquet").num_rows == len(found_rows)


def test_sdmx_holds_each_figure_of_known_terms_once(marts: Marts, folder: Path) -> None:
    with (folder / "observations_sdmx.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    keys = {tuple(row[name] for name in sdmx.DIMENSIONS) for row in rows}
    assert len(keys) == len(rows) > 100
    with (folder / "observations.csv").open(encoding="utf-8", newline="") as lines:
        plain = {row["obs_id"]: row for row in csv.DictReader(lines)}
    assert {row["OBS_ID"] for row in rows} == {
        obs_id for obs_id, row in plain.items() if row["period_label"] != "undated"
    }
    assert all(row["OBS_VALUE"] == plain[row["OBS_ID"]]["value"] for row in rows)
    assert {row["PROVENANCE_TIER"] for row in rows} <= {"primary", "official_via_press",
        "secondary_compilation", "encyclopaedia", "opinion"}  # fmt: skip


def test_every_table_of_the_release_is_there(marts: Marts, folder: Path) -> None:
    for row in marts.ask("tables"):
        name = row["table_name"]
        held = pq.read_table(folder / f"{name}.parquet").num_rows
        if name not in tables.RAW:
            assert held == count(marts, name), name


def test_each_rows_terms_follow_its_lineage(marts: Marts) -> None:
    """Every key that the lineage names is in its table: none passes for one without source."""
    assert {
        row["mart"] for row in marts.arrow("select distinct mart from mart_lineage").to_pylist()
    } <= (set(tables.KEYS))
    for name, key in tables.KEYS.items():
        joined = " || '|' || ".join(f"coalesce(cast({column} as varchar), '')" for column in key)
        lost = marts.arrow(f"""
            select count(*) as n from (
                select distinct row_key from mart_lineage where mart = '{name}'
            ) where row_key not in (select {joined} from "{name}")
        """)
        assert lost["n"][0].as_py() == 0, name


def test_claims_of_unknown_terms_and_odbl_rows_are_in_no_table(marts: Marts, folder: Path) -> None:
    known = marts.arrow("select source_id from dim_source where terms_known").to_pylist()
    claims = pq.read_table(folder / "observations.parquet")
    assert 0 < claims.num_rows < count(marts, "observations")
    assert set(claims["source_id"].to_pylist()) <= {row["source_id"] for row in known}
    apart = pq.read_table(folder / "odbl_area_counts.parquet")
    assert apart.num_rows == 31
    odbl = set(apart["obs_id"].to_pylist())
    for file in folder.glob("*.parquet"):
        if file.stem in ("odbl_area_counts", "mart_lineage"):
            continue
        rows = pq.read_table(file)
        if "obs_id" in rows.column_names:
            assert not odbl & set(rows["obs_id"].to_pylist()), file.name


def test_the_bundle_holds_known_terms_only(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(folder / "lumbung.zip") as archive:
        archive.extractall(tmp_path)
    for file in (tmp_path / "tables").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            assert all(row.get("row_terms_known", "") != "false" for row in csv.DictReader(lines))
    assert not (tmp_path / "tables" / "odbl_area_counts.csv").exists()
    assert "ODbL" in (tmp_path / "odbl" / "LICENCE.txt").read_text()
    for part in ("tables", "odbl"):
        report = frictionless.validate(str(tmp_path / part / "datapackage.json"))
        assert report.valid, report.flatten(["name", "type", "message"])[:5]


def test_the_package_of_all_tables_is_valid(folder: Path) -> None:
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["name", "type", "message"])[:5]
    assert len(report.tasks) >= 29


def test_every_dataset_is_what_search_engines_ask_for(folder: Path) -> None:
    described = json.loads((folder / "datasets.jsonld").read_text(encoding="utf-8"))
    assert {one["@type"] for one in described} == {"Dataset"}
    conforms, text = valid(described)
    assert conforms, text[:3000]


def test_an_unchanged_workbook_is_not_written_again(marts: Marts, folder: Path) -> None:
    kept = {file.name: file.stat().st_mtime_ns for file in (folder.parent / "cache").iterdir()}
    assert len(kept) >= 25
    write(marts, folder, URL, folder.parent / "cache")
    again = {file.name: file.stat().st_mtime_ns for file in (folder.parent / "cache").iterdir()}
    assert again == kept
