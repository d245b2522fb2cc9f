"""Every hostile file, thrown at the front door: refused by name, at once, with nothing written.

`python -m ingest parse` is what a person runs on a file from a stranger. The parsers have tests of
their own; these are about what the whole command says, and that it stays small and quick.
"""

from __future__ import annotations

import csv
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from lumbung.settings import ROOT
from tests.ingest.workbooks import repacked, xlsx

SECONDS, MEMORY = 30, 1 << 30

TABLE = """
dataset: hostile
protocol: table
source: cited_figures
title: {id: a, en: b}
cadence: irregular
file: {format: FORMAT}
region: {column: Kode, by: code}
period: {fixed: "2024-08", kind: round}
measures: [{column: TPT, indicator: unemployment_rate, unit: "%"}]
"""
BPS = """
dataset: hostile
protocol: bps.dynamic_data
source: bps
title: {id: a, en: b}
cadence: irregular
request: {domain: "3600", variable: 64, years: "2018:"}
region: {from: vervar, system: bps}
period: {year: tahun, round: turtahun, months: {Agustus: 8}}
indicator: unemployment_rate
"""
HEAD = "Kode;TPT\n3604;9,18\n"
SHEET = [["Kode", "TPT"], ["3604", 9.18]]
DOCTYPE = b'<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]>'


def bomb() -> bytes:
    """A workbook of a few hundred kilobytes that unpacks to 300 MB."""
    out = BytesIO(xlsx(SHEET))
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(b"0" * (1 << 20))
    return out.getvalue()


def with_entities(name: str, part: bytes) -> bytes:
    if "worksheets/sheet" not in name:
        return part
    head, mark, rest = part.partition(b"<worksheet")
    return head + DOCTYPE + mark + rest


def deep_json() -> bytes:
    return b'{"a":' * 200_000 + b"1" + b"}" * 200_000


CASES: dict[str, tuple[str, Callable[[], bytes], int, str]] = {
    "zip bomb": ("xlsx", bomb, 2, "HostileFileError"),
    "XML entities": ("xlsx", lambda: repacked(xlsx(SHEET), with_entities), 2, "entities"),
    "path in an archive": (
        "xlsx", lambda: repacked(xlsx(SHEET), add={"../../evil.xml": b"<a/>"}), 2,
        "HostileFileError",
    ),
    "macros": (
        "xlsx", lambda: repacked(xlsx(SHEET), add={"xl/vbaProject.bin": b"x"}), 2, "macros",
    ),
    "a program": ("xlsx", lambda: b"\x7fELF" + b"\0" * 500, 2, "UnreadableFileError"),
    "NUL bytes in text": ("csv", lambda: HEAD.encode() + b"\0" * 1000, 2, "NUL bytes"),
    "a web page": ("csv", lambda: b"<!doctype html><script>x</script>", 3, "HtmlReplyError"),
    "a cell without end": (
        "csv", lambda: b'Kode;TPT\n3604;"' + b"9" * (1 << 20) + b'"\n', 2, "UnreadableFileError",
    ),
    "an open quote": ("csv", lambda: b'Kode;TPT\n"3604;9,18\n' * 2000, 2, "UnreadableFileError"),
    "deep JSON": ("bps", deep_json, 2, "UnreadableFileError"),
    "JSON cut off": ("bps", lambda: b'{"status":"OK","data":[{"page":1', 2, "UnreadableFileError"),
    "a page for a reply": ("bps", lambda: b"<html><body>blocked</body></html>", 3, "Error"),
}  # fmt: skip


def parse(folder: Path, form: str, body: bytes) -> subprocess.CompletedProcess[str]:
    """Run the command on a file under a limit of memory and time."""
    described = BPS if form == "bps" else TABLE.replace("FORMAT", form)
    if form == "csv":
        described = described.replace("csv}", 'csv, delimiter: ";"}\ndecimal: ","')
    (folder / "hostile.yml").write_text(described, encoding="utf-8")
    file = folder / f"all.{'json' if form == 'bps' else form}"
    file.write_bytes(body)
    return subprocess.run(
        [
            sys.executable, "-m", "ingest", "parse", str(folder / "hostile.yml"), str(file),
            "--out", str(folder / "rows.csv"),
        ],
        cwd=ROOT, text=True, capture_output=True, check=False, timeout=SECONDS * 4,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_refused_by_name_and_nothing_is_written(name, tmp_path):
    form, make, code, said = CASES[name]
    body = make()
    started = time.process_time()
    done = parse(tmp_path, form, body)
    assert (done.returncode, said in done.stderr) == (code, True), (done.stderr, done.stdout)
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "rows.csv").exists()
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize("value", ["1" * 5000, "1e99999", "-1e99999", "9" * 23, "NaN", "Infinity"])
def test_a_huge_number_is_one_rejected_row(value, tmp_path):
    done = parse(tmp_path, "csv", f"{HEAD}3601;{value}\n".encode())
    assert done.returncode == 0, done.stderr
    [row] = csv.DictReader((tmp_path / "rows.csv").open(encoding="utf-8"))
    assert (row["region_code"], row["value"]) == ("3604", "9.180000")
    [rejected] = csv.DictReader((tmp_path / "rows.csv.rejected.csv").open(encoding="utf-8"))
    assert rejected["rule"] in {"overlong_number", "too_large", "not_a_number"}


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "\t=1", "-2+3"])
def test_a_formula_is_no_figure_and_no_region(cell, tmp_path):
    done = parse(tmp_path, "csv", f'{HEAD}3601;"{cell}"\n'.encode())
    assert done.returncode == 0, done.stderr
    assert len(list(csv.DictReader((tmp_path / "rows.csv").open(encoding="utf-8")))) == 1
    rejected = list(csv.DictReader((tmp_path / "rows.csv.rejected.csv").open(encoding="utf-8")))
    assert len(rejected) == 1


def test_a_sound_file_passes_through_the_same_door(tmp_path):
    """Else every refusal above could be for some other reason."""
    done = parse(tmp_path, "csv", HEAD.encode())
    assert done.returncode == 0, done.stderr
    done = parse(tmp_path, "xlsx", xlsx(SHEET))
    assert done.returncode == 0, done.stderr
