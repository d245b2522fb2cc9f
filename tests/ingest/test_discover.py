"""``python -m ingest discover``: what BPS has, as files for the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from ingest.__main__ import app
from ingest.sources import PROTOCOLS
from lumbung import settings as house
from tests.ingest.world import World
from tests.replicas.bps import DEFAULT_KEY, Variable, sample
from tests.replicas.bps_lists import Replica, sample_tables

REGENCIES = {3600: "<b>BANTEN</b>", 3601: "Pandeglang", 3604: "Serang"}
BY_SEX = Variable(
    domain="3600", var_id=71, title="Pengangguran menurut jenis kelamin", unit="Ribu Orang",
    vervars={1: "Laki-laki", 2: "Perempuan", 3: "Jumlah"},
    cells={(1, "0", year, 0): 1.0 for year in (2019, 2021)}, turths={0: "Tahun"},
)  # fmt: skip
ROUNDS = Variable(
    domain="3600", var_id=72, title="Pengangguran terbuka per putaran", unit="Persen",
    vervars=REGENCIES, turvars={"11": "Perkotaan", "12": "Perdesaan", "13": "Jumlah"},
    cells={(3604, "11", 1990 + n, 61): 1.0 for n in range(25)},
    turths={61: "Semester 1 (Maret)", 62: "Triwulan III", 63: "Tahunan", 64: "Panen raya"},
)  # fmt: skip


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    world = World(tmp_path)
    monkeypatch.setattr(house, "load", lambda: world.settings)
    many = [
        Variable(
            "3600", 500 + n, f"Lowongan kerja {n}", "Orang", REGENCIES, {(3604, "0", 2020, 0): 1}
        )
        for n in range(23)
    ]
    with Replica([*sample(), BY_SEX, ROUNDS, *many], tables=sample_tables()) as replica:
        monkeypatch.setenv("LUMBUNG_BPS_URL", replica.url)
        monkeypatch.setenv("LUMBUNG_BPS_KEY", DEFAULT_KEY)

        def run(*arguments: str):
            return CliRunner().invoke(app, ["discover", "bps", *arguments])

        run.replica = replica  # type: ignore[attr-defined]
        yield run


def documents(output: str) -> dict[int, dict[str, Any]]:
    """Read the printed files, the indicator filled in as a user would."""
    filled = output.replace("indicator:\n", "indicator: unemployment_rate\n")
    found = [document for document in yaml.safe_load_all(filled) if document]
    return {document["request"]["variable"]: document for document in found}


def test_variables_come_as_files_that_lack_only_their_indicator(ask):
    result = ask("--domain", "3600", "--keyword", "pengangguran")
    assert result.exit_code == 0, result.output
    found = documents(result.output)
    assert set(found) == {64, 71, 72}
    for document in found.values():
        dataset = PROTOCOLS["bps.dynamic_data"].model.model_validate(document)
        assert dataset.indicators_named() == {"unemployment_rate"}
    with pytest.raises(ValueError, match="indicator"):
        PROTOCOLS["bps.dynamic_data"].model.model_validate(found[64] | {"indicator": None})


def test_regions_rounds_and_years_are_filled_in(ask):
    found = documents(ask("--domain", "3600", "--keyword", "pengangguran").output)
    assert found[64]["region"] == {"from": "vervar"}
    assert found[64]["period"] == {"months": {"Agustus": 8}, "ignore": ["Tahunan"]}
    assert found[64]["request"] == {"domain": "3600", "variable": 64, "years": "2018:"}
    assert found[64]["unit"] == "Persen"
    assert found[72]["period"] == {
        "months": {"Semester 1 (Maret)": 3}, "quarters": {"Triwulan III": 3},
        "ignore": ["Tahunan", "Panen raya"],
    }  # fmt: skip
    assert found[72]["request"]["years"] == "1990:"


def test_labels_that_are_no_regions_are_a_breakdown_of_the_domain(ask):
    result = ask("--domain", "3600", "--keyword", "jenis kelamin")
    found = documents(result.output)[71]
    assert found["region"] == {"from": "fixed", "code": "3600"}
    assert found["breakdown"] == {
        "from": "vervar", "breakdown": "sex",
        "categories": {"Laki-laki": "male", "Perempuan": "female", "Jumlah": "total"},
    }  # fmt: skip
    assert found["period"] == {"annual": ["Tahun"], "kind": "flow"}
    assert "years 2019-2021 without 2020 (2)" in result.output


def test_derived_variables_are_a_breakdown_beside_regions(ask):
    found = documents(ask("--domain", "3600", "--keyword", "putaran").output)[72]
    assert found["breakdown"]["from"] == "turvar"
    assert found["breakdown"]["breakdown"] == "urban_rural"
    assert found["breakdown"]["categories"]["Perdesaan"] == "rural"


def test_every_page_is_read_and_what_the_limit_leaves_out_is_said(ask):
    result = ask("--domain", "3600", "--keyword", "lowongan", "--limit", "2")
    assert "# 23 found, 21 more left out" in result.output
    assert len(documents(result.output)) == 2
    pages = [r.get("page") for r in ask.replica.requests if r.get("model") == "var"]
    assert pages == [None, "2", "3"]


def test_without_a_keyword_the_subjects_are_listed(ask):
    result = ask("--domain", "3600")
    assert result.exit_code == 0, result.output
    lines = [line for line in result.output.splitlines() if not line.startswith("#")]
    assert len(lines) == 23
    assert lines[5].split() == [
        "6",
        "Tenaga",
        "Kerja",
        "[1",
        "Sosial",
        "dan",
        "Kependudukan]",
        "6",
        "tables",
    ]
    assert len(ask("--domain", "3600", "--category", "2").output.splitlines()) == 2 + 12


def test_static_tables_are_listed_with_their_ids(ask):
    result = ask("--domain", "3600", "--tables", "--keyword", "pengangguran")
    (document,) = [d for d in yaml.safe_load_all(result.output) if d]
    assert document["protocol"] == "bps.static_table"
    assert document["request"] == {"domain": "3600", "table": 77}


def test_a_missing_key_is_asked_for_by_name(ask, monkeypatch):
    monkeypatch.delenv("LUMBUNG_BPS_KEY")
    result = ask("--domain", "3600")
    assert result.exit_code == 2
    assert "LUMBUNG_BPS_KEY" in result.output
    assert "webapi.bps.go.id/developer" in result.output
    assert ask.replica.requests == []


def test_a_refused_key_and_an_unknown_domain_say_what_to_do(ask, monkeypatch):
    result = ask("--domain", "3699")
    assert result.exit_code == 1
    assert "beside it: 3600 Banten, 3604 Serang" in result.output
    monkeypatch.setenv("LUMBUNG_BPS_KEY", "f" * 32)
    result = ask("--domain", "3600")
    assert result.exit_code == 1
    assert "check LUMBUNG_BPS_KEY" in result.output
    assert "f" * 32 not in result.output
