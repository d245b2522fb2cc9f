"""``python -m ingest parse`` as people run it: files in, CSV and an exit code out."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.__main__ import app
from tests.ingest.parsing import FIXTURES, REPOSITORY, recorded
from tests.ingest.sources.bps_encoder import Wire

CATALOGUE = """
dataset: rates
protocol: bps.dynamic_data
source: bps
title: {id: Uji, en: Test}
request: {domain: "0000", variable: 543}
region: {from: vervar}
period: {months: {Agustus: 8}, ignore: [Tahunan]}
indicator: unemployment_rate
unit: Persen
"""
WIRE = Wire({"3600": "BANTEN"}, {"123": "2023"}, {"190": "Agustus", "191": "Tahunan"})


@pytest.fixture
def catalog_yml(tmp_path: Path) -> Path:
    path = tmp_path / "rates.yml"
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def run(catalog_yml: Path, body: bytes, folder: Path) -> tuple[int, str]:
    file = folder / "reply with space.json"
    file.write_bytes(body)
    out = folder / "rows.csv"
    result = CliRunner().invoke(app, ["parse", str(catalog_yml), str(file), "--out", str(out)])
    return result.exit_code, result.output


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_rows_and_rejects_land_in_two_files_and_the_counts_are_told(
    catalog_yml: Path, tmp_path: Path
) -> None:
    body = WIRE.body({"36005430123190": 7.52, "36005430123191": 7.4})
    code, output = run(catalog_yml, body, tmp_path)
    assert code == 0
    assert "2 items: 1 observations" in output
    assert "1 ignored_period" in output
    (row,) = rows(tmp_path / "rows.csv")
    assert (row["region_code"], row["period_label"], row["value"]) == (
        "3600", "2023-08", "7.520000",
    )  # fmt: skip
    (rejected,) = rows(tmp_path / "rows.csv.rejected.csv")
    assert (rejected["locator"], rejected["rule"]) == ("36005430123191", "ignored_period")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", 2), (b"\x00" * 9, 2), (b'{"status":"OK"', 2), ("{}".encode("utf-16"), 2)]
    + [((FIXTURES / name).read_bytes(), 3) for name in (
        "bps_bad_key.json", "bps_too_wide.json", "bps_too_large.json", "bps_nothing.json",
        "bps_blocked.html", "bps_maintenance.html",
    )],
)  # fmt: skip
def test_an_unreadable_file_exits_2_and_an_error_reply_3(
    catalog_yml: Path, tmp_path: Path, body: bytes, code: int
) -> None:
    got, output = run(catalog_yml, body, tmp_path)
    assert got == code
    assert "Error: rates: " in output
    assert "rahasia" not in output
    assert not (tmp_path / "rows.csv").exists()


def test_a_catalogue_file_with_a_typo_exits_2_and_names_the_key(tmp_path: Path) -> None:
    path = tmp_path / "rates.yml"
    path.write_text(CATALOGUE + "colour: red\n", encoding="utf-8")
    code, output = run(path, WIRE.body({}), tmp_path)
    assert code == 2
    assert "colour" in output


def test_an_unknown_indicator_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "rates.yml"
    path.write_text(CATALOGUE.replace("unemployment_rate", "luck"), encoding="utf-8")
    code, output = run(path, WIRE.body({}), tmp_path)
    assert code == 2
    assert "luck" in output


def test_the_recorded_reply_parses_from_the_command_line(tmp_path: Path) -> None:
    reply = tmp_path / "reply.json"
    reply.write_bytes(recorded("bps_data_0000_var543_th123.json"))
    dataset = REPOSITORY / "ingest" / "catalog" / "bps_unemployment_rate_by_province.yml"
    out = tmp_path / "rows.csv"
    command = [sys.executable, "-m", "ingest", "parse", dataset, reply, "--out", out]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(rows(out)) == 70
    assert rows(tmp_path / "rows.csv.rejected.csv") == []
