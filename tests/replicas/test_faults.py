"""The faults that look otherwise at each service: changed, restated, vanished."""

from __future__ import annotations

import re

import pytest

from tests.replicas import arcgis, bps, ckan, djpk, jabar, worldbank
from tests.replicas.faults import FaultyReplica

ASKED = {
    "arcgis": "Ketenagakerjaan/PencariKerja/FeatureServer/0/query?where=1=1",
    "bps": f"list?model=data&domain=3600&var=64&th=123&key={bps.DEFAULT_KEY}",
    "ckan": "api/3/action/datastore_search?resource_id=aaaa-2023",
    "djpk": "csv_apbd?type=apbd&periode=12&tahun=2025&provinsi=28&pemda=00",
    "djpk page": "data/tkdd?tahun=2025&provinsi=28&pemda=00",
    "jabar": "bps/poverty_gap?limit=5",
    "worldbank": "country/IDN/indicator/SL.UEM.TOTL.ZS?date=2015:2020",
}


@pytest.fixture(scope="module")
def replicas():
    made: dict[str, FaultyReplica] = {
        "arcgis": arcgis.Replica(arcgis.sample()),
        "bps": bps.Replica(bps.sample()),
        "ckan": ckan.Replica(ckan.sample()),
        "djpk": djpk.Replica(djpk.sample(2025, 12)),
        "jabar": jabar.Replica(jabar.sample()),
        "worldbank": worldbank.Replica(worldbank.sample()),
    }
    yield made
    for replica in made.values():
        replica._server.server_close()


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_restated_answer_has_the_same_form_and_other_figures(replicas, name):
    replica = replicas[name.split()[0]]
    address = f"{replica.base_path}/{ASKED[name]}"
    body = replica.respond(replica.question(address)).body
    restated = replica.restated(body)
    assert restated != body
    assert without_figures(restated) == without_figures(body)
    assert len(re.findall(rb"\d+", restated)) >= len(re.findall(rb"\d+", body))


@pytest.mark.parametrize("name", sorted(set(ASKED) - {"djpk page"}))
def test_a_changed_answer_and_a_vanished_page_are_no_answer(replicas, name):
    replica = replicas[name]
    body = replica.respond(replica.question(f"{replica.base_path}/{ASKED[name]}")).body
    assert without_figures(replica.changed(body)) != without_figures(body)
    assert replica.vanished().body != body


def without_figures(body: bytes) -> bytes:
    return re.sub(rb"[\d.,E+]+", b"#", body.replace(b" ", b""))
