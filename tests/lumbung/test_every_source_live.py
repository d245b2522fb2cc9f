"""Every source at once, live against the replicas that `make replicas` starts: whole refreshes.

The shipped catalogue names no CKAN resource and no ArcGIS layer, whose ids nobody has seen yet:
two files as the documentation has them are added for the replicas' own tables.
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tests.replicas.together import all_running
from tests.tree import Outcome, Tree

pytestmark = [pytest.mark.full, pytest.mark.timeout(1200)]

CKAN = """
dataset: serangkab_job_seekers
protocol: ckan.resource
source: serangkab_open_data
title: {id: "Pencari kerja terdaftar", en: "Registered job seekers"}
request: {package: pencari-kerja, name_matches: "Tahun (?P<year>[0-9]{4})$"}
period: {from_name: "{year}", kind: flow}
region: {column: kabupaten_kota, by: name, default_type: kabupaten}
aliases: {jumlah_pencari_kerja: [jumlah_pencari_kerja_terdaftar]}
measures:
  - {column: jumlah_pencari_kerja, indicator: job_seekers_registered, unit: orang}
"""
ARCGIS = """
dataset: banten_job_seekers
protocol: arcgis.features
source: banten_geoportal
title: {id: "Pencari kerja", en: "Job seekers"}
request: {layer: Ketenagakerjaan/PencariKerja/FeatureServer/0}
region: {column: WADMKK, by: name, default_type: kabupaten}
period: {column: TAHUN, kind: stock}
measures:
  - {column: JUMLAH, indicator: job_seekers_registered, unit: orang}
"""
CONNECTIONS = ("BPS", "DJPK", "WORLDBANK", "JABAR", "CKAN", "ARCGIS")
DOING = (
    "Fetching BPS tables", "Fetching DJPK's budgets", "Fetching World Bank series",
    "Fetching Jawa Barat's tables", "Fetching CKAN tables", "Fetching ArcGIS layers",
)  # fmt: skip


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory):
    tree = Tree.copy_to(tmp_path_factory.mktemp("all"))
    for name, text in (("serangkab_job_seekers", CKAN), ("banten_job_seekers", ARCGIS)):
        (tree.root / "ingest" / "catalog" / f"{name}.yml").write_text(text)
    with all_running() as (_, settings):
        assert {f"LUMBUNG_{name}_URL" for name in CONNECTIONS} <= set(settings)
        tree.extra |= settings
        tree.extra |= {
            "LUMBUNG_RATE_PER_HOST": "50",
            "LUMBUNG_MAX_ATTEMPTS": "2",
            "LUMBUNG_BACKOFF_SECONDS": "0.05",
        }
        yield tree


@pytest.fixture(scope="module")
def first(tree: Tree) -> Outcome:
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    return outcome


def of_sources(tree: Tree) -> dict[str, tuple[int, int]]:
    """Return how many live figures, and bundled ones, each live dataset has."""
    rows = tree.ask(
        "select dataset_id, count(*) filter (not is_sample), count(*) filter (is_sample) "
        "from marts.observation_history group by all having bool_or(not is_sample)"
    )
    return {dataset: (live, bundled) for dataset, live, bundled in rows}


def test_one_refresh_brings_live_figures_of_every_source_and_mixes_none(tree, first):
    found = of_sources(tree)
    assert {
        "bps_unemployment_rate_by_province", "djpk_budget", "djpk_realisation", "djpk_transfers",
        "world_bank_unemployment_modelled", "world_bank_unemployment_national",
        "jabar_poverty_gap", "serangkab_job_seekers", "banten_job_seekers",
    } <= set(found)  # fmt: skip
    assert {bundled for _, bundled in found.values()} == {0}
    assert found["bps_unemployment_rate_by_province"][0] == 35 * 11 * 2
    assert (found["serangkab_job_seekers"][0], found["banten_job_seekers"][0]) == (15, 12)
    for doing in DOING:
        assert f"✓ {doing}" in first.said


def test_the_figures_are_those_that_the_replicas_hold(tree, first):
    def value(dataset: str, region: str, period: str) -> Decimal:
        ((found,),) = tree.ask(
            "select value from marts.observation_history where is_current and "
            f"dataset_id = '{dataset}' and region_code = '{region}' and period_label = '{period}'"
        )
        return found

    rate = round(4 + 3600 % 11 * 0.25 + 2023 % 5 * 0.1 + 0.2, 2)
    assert value("bps_unemployment_rate_by_province", "3600", "2023-08") == Decimal(str(rate))
    assert value("world_bank_unemployment_national", "0000", "2023") == Decimal("6.25")
    assert value("serangkab_job_seekers", "3604", "2023") == 3023
    assert value("banten_job_seekers", "3604", "2023") == 2123
    assert tree.ask(
        "select region_code, budget_idr from marts.budget where fiscal_year = 2025 "
        "and account_code = '4' and stage = 'unspecified' and region_code in ('3600', '3604') "
        "order by all"
    ) == [("3600", 2_520_903_337_942), ("3604", 2 * 2_520_903_337_942)]


def test_the_release_says_that_its_inputs_are_live(tree, first):
    manifest = json.loads((tree.home / "releases" / "current" / "manifest.json").read_text())
    live = {item["dataset"] for item in manifest["inputs"] if not item["is_sample"]}
    assert live == set(of_sources(tree))


def test_a_second_refresh_finds_nothing_new(tree, first):
    before = tree.current
    outcome = tree.refresh()
    assert (outcome.code, tree.current) == (0, before), outcome.complained
    assert f"Nothing new: release {before} stays current" in outcome.said
