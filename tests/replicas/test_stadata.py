"""A public client of BPS, `stadata` 1.0.0, works against the replica at another address."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.replicas.bps import DEFAULT_KEY, sample
from tests.replicas.bps_lists import Replica, sample_tables
from tests.replicas.stadata_client import install

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]
ASKS = """
import json, sys
import stadata, stadata.main

stadata.main.BASE_URL = sys.argv[1]
client = stadata.Client(sys.argv[2])
tables = {
    "domains": client.list_domain(),
    "static tables": client.list_statictable(all=False, domain=["3600"], latest=True),
    "regencies": client.view_dynamictable(domain="3600", var="64", th="125"),
    "provinces": client.view_dynamictable(domain="0000", var="543", th="123"),
    "static table": client.view_statictable(domain="3600", table_id="77"),
}
print(json.dumps({name: table.astype(str).values.tolist() for name, table in tables.items()}))
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("stadata"))


@pytest.fixture(scope="module")
def read(client: Path) -> dict[str, Any]:
    with Replica(sample(), tables=sample_tables(), keys=[DEFAULT_KEY]) as replica:
        done = subprocess.run(
            [client, "-c", ASKS, replica.url.removesuffix("api"), DEFAULT_KEY],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_its_domains_are_those_of_the_replica(read):
    assert [row[:2] for row in read["domains"]] == [
        ["0000", "Indonesia"], ["3600", "Banten"], ["3604", "Serang"],
    ]  # fmt: skip


def test_its_dynamic_tables_hold_the_replicas_figures(read):
    regencies, provinces = sample()
    assert [(row[0], row[-1]) for row in read["regencies"]] == [
        (str(region), str(regencies.cells[region, "0", 2025, 190])) for region in regencies.vervars
    ]
    # It can't tell months apart: of each year it shows the first one, February.
    figures = {row[0]: row[-1] for row in read["provinces"]}
    assert figures["3600"] == str(provinces.cells[3600, "0", 2023, 189])
    assert len(figures) == 39


def test_it_lists_and_reads_a_static_table(read):
    assert read["static tables"][0][1] == "Tingkat Pengangguran Terbuka Menurut Kabupaten/Kota"
    assert [row[0].replace("\xa0", " ") for row in read["static table"]][:3] == [
        "Kabupaten Serang", "Kota Serang", "Provinsi Banten",
    ]  # fmt: skip
