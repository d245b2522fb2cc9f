"""Rows under the ODbL stand apart: complete, labelled, and read by no other model."""

from __future__ import annotations

import re

from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows


def test_no_other_model_reads_them() -> None:
    for path in sorted((ROOT / "dbt").glob("models/**/*.sql")):
        read = set(re.findall(r'ref\("(\w+)"\)', path.read_text(encoding="utf-8")))
        assert "odbl_districts" not in read, path
        assert ("districts_of_banten" in read) == (path.name == "odbl_districts.sql"), path


def test_every_kecamatan_of_banten_is_there_and_says_its_licence() -> None:
    found = rows(
        warehouse(),
        "select region_code, count(*) as n, min(licence) as low, max(licence) as high "
        "from marts.odbl_districts group by region_code order by region_code",
    )
    counted = rows(
        warehouse(),
        "select region_code, cast(value as integer) as n from marts.observations "
        "where indicator_id = 'district_count' and dataset_id = 'cited_area_counts_odbl' "
        "and region_code like '36%' and region_code <> '3600' order by region_code",
    )
    assert [(row["region_code"], row["n"]) for row in found] == [
        (row["region_code"], row["n"]) for row in counted
    ]
    assert sum(row["n"] for row in found) == 155
    assert {row["low"] for row in found} | {row["high"] for row in found} == {"ODbL-1.0"}


def test_kota_serang_has_its_six() -> None:
    found = rows(
        warehouse(),
        "select district_name from marts.odbl_districts where region_code = '3673' order by all",
    )
    assert [row["district_name"] for row in found] == [
        "Cipocok Jaya", "Curug", "Kasemen", "Serang", "Taktakan", "Walantaka",
    ]  # fmt: skip
