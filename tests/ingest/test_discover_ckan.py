"""``python -m ingest discover ckan``: what a portal has, as files for the catalogue."""

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
from tests.replicas.ckan import Fault, Package, Replica, Resource, sample

#: What a person adds after having looked at the table.
REST: dict[str, Any] = {
    "region": {"column": "kabupaten_kota", "by": "name"},
    "period": {"column": "tahun", "kind": "flow"},
    "measures": [{"column": "jumlah", "indicator": "unemployed", "unit": "persons"}],
}


@pytest.fixture
def replica():
    other = [Package(f"jalan-{n}", f"Panjang Jalan {n}", []) for n in range(7)]
    files = Package(
        "bkk", "Bursa Kerja: Khusus",
        [
            Resource("f-1", "BKK 2023", body=b"x", filename="a.xlsx", datastore_active=False),
            Resource("f-2", "BKK: peta", body=b"x", filename="a.pdf", datastore_active=False),
        ],
    )  # fmt: skip
    with Replica([*sample(), files, *other]) as replica:
        yield replica


@pytest.fixture
def ask(replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    world = World(tmp_path)
    monkeypatch.setattr(house, "load", lambda: world.settings)
    monkeypatch.setenv("LUMBUNG_KOTA_URL", replica.url)

    def run(*arguments: str, setting: str = "LUMBUNG_KOTA_URL"):
        given = ["discover", "ckan", "--url-setting", setting, *arguments]
        return CliRunner().invoke(app, given)

    return run


def documents(output: str) -> dict[str, dict[str, Any]]:
    found = [one for one in yaml.safe_load_all(output) if one]
    return {one["request"]["resource"]: one for one in found}


def test_tables_come_as_files_that_lack_only_what_their_cells_mean(ask):
    result = ask("--keyword", "pencari kerja")
    assert result.exit_code == 0, result.output
    found = documents(result.output)
    assert set(found) == {"aaaa-2022", "aaaa-2023", "aaaa-2024"}
    for document in found.values():
        PROTOCOLS["ckan.resource"].model.model_validate(document | REST)
    assert found["aaaa-2022"]["source"] == "kota"
    assert found["aaaa-2022"]["dataset"] == "kota_pencari_kerja_tahun_2022"
    assert "columns: kabupaten_kota, tahun, jumlah_pencari_kerja\n" in result.output
    assert "licence odc-by" in result.output


def test_files_outside_the_datastore_are_read_as_files(ask):
    result = ask("--keyword", "bursa")
    found = documents(result.output)
    assert found["f-1"]["request"]["read"] == "file"
    assert found["f-1"]["file"] == {"format": "xlsx"}
    PROTOCOLS["ckan.resource"].model.model_validate(found["f-1"] | REST)
    assert "a file of kind 'pdf' can't be read as a table" in result.output


def test_what_the_limit_leaves_out_is_said(ask):
    assert "# 9 packages found, 7 more left out" in ask("--limit", "2").output


def test_a_table_that_goes_while_it_is_looked_at_is_a_file(ask, replica):
    replica.faults = [Fault("vanished_page", model="datastore_search", times=1)]
    found = documents(ask("--keyword", "pencari").output)
    assert [one["request"].get("read") for one in found.values()] == ["file", None, None]


@pytest.mark.parametrize("setting", ["LUMBUNG_NONE_URL", "HOME", "LUMBUNG_URL"])
def test_a_portal_without_an_address_is_asked_for_by_its_setting(ask, setting):
    result = ask(setting=setting)
    assert result.exit_code == 2
    assert f"{setting}: set it to the portal's address" in result.stderr


def test_a_portal_that_refuses_says_so(ask, replica):
    replica.faults = [Fault("changed_schema")]
    result = ask("--keyword", "kerja")
    assert result.exit_code == 1
    assert "CKAN's form" in result.stderr
