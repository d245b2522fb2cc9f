"""Descriptions of downloads hold before validators that are not ours."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import defusedxml.ElementTree
import frictionless
import pyarrow as pa
import pyshacl
import pytest
import rdflib

from portal.downloads.bundle import write_bundle
from portal.downloads.descriptors import Release, dataset
from portal.downloads.files import write_csv, write_parquet
from portal.downloads.sitemap import write_sitemap
from portal.downloads.tables import ODBL, Table
from portal.downloads.write import embed

RELEASE = Release("20261122T000000Z-abc", "2026-11-22T00:00:00+00:00", "https://x.example/", True)
SHAPES = Path(__file__).with_name("shapes.ttl")


def table(name: str, **columns: list[Any]) -> Table:
    columns = {"name": ["a", "b", "c"], "value": [1, 2, 3], **columns}
    terms: dict[str, list[Any]] = {
        "row_provenance_tier": ["primary", "opinion", None],
        "row_terms_known": [True, False, None],
        "row_source_ids": ["bps", "cited", None],
    }
    text = "One row a region and round, with its open unemployment rate."
    return Table(name, text, pa.table({**columns, **terms}), {"value": "Persons."}, n_left_out=4)


def valid(documents: list[dict[str, Any]]) -> tuple[bool, str]:
    """Judge schema.org documents by the shapes, with pyshacl, without asking the network."""
    graph = rdflib.Graph()
    for document in documents:
        held = {**document, "@context": {"@vocab": "https://schema.org/"}}
        graph.parse(data=json.dumps(held), format="json-ld")
    conforms, _, text = pyshacl.validate(graph, shacl_graph=str(SHAPES), inference="none")
    return bool(conforms), str(text)


@pytest.fixture
def described(tmp_path: Path) -> dict[str, Any]:
    one = table("unemployment")
    files = [tmp_path / "unemployment.csv", tmp_path / "unemployment.parquet"]
    write_csv(one.rows, files[0])
    write_parquet(one.rows, files[1])
    return dataset(RELEASE, one, files)


def test_a_dataset_is_what_search_engines_ask_for(described: dict[str, Any]) -> None:
    conforms, text = valid([described])
    assert conforms, text
    assert described["measurementTechnique"] == "provenance tiers: opinion, primary"
    assert described["distribution"][0]["contentUrl"] == "https://x.example/unduh/unemployment.csv"


@pytest.mark.parametrize("field", ["license", "name", "distribution", "dateModified", "creator"])
def test_the_shapes_miss_what_is_left_out(described: dict[str, Any], field: str) -> None:
    del described[field]
    assert valid([described])[0] is False


def test_the_bundle_is_a_valid_package_of_known_terms_with_odbl_apart(tmp_path: Path) -> None:
    tables = [table("unemployment"), table("corrections"), table(ODBL)]
    write_bundle(RELEASE, tables, tmp_path / "lumbung.zip")
    with zipfile.ZipFile(tmp_path / "lumbung.zip") as archive:
        archive.extractall(tmp_path)
        names = set(archive.namelist())
    assert names == {
        "README.txt", "tables/datapackage.json", "tables/unemployment.csv",
        "odbl/datapackage.json", "odbl/LICENCE.txt", f"odbl/{ODBL}.csv",
    }  # fmt: skip
    for part in ("tables", "odbl"):
        report = frictionless.validate(str(tmp_path / part / "datapackage.json"))
        assert report.valid, report.flatten(["type", "message"])
    assert (tmp_path / "tables/unemployment.csv").read_text().splitlines()[1:] == [
        "a,1,primary,true,bps", "c,3,,,",
    ]  # fmt: skip
    described = json.loads((tmp_path / "tables/datapackage.json").read_text())
    assert described["resources"][0]["nRowsLeftOutForUnknownTerms"] == 5
    odbl = json.loads((tmp_path / "odbl/datapackage.json").read_text())
    assert odbl["resources"][0]["licenses"][0]["name"] == "ODbL-1.0"


def test_the_validator_sees_a_changed_file(tmp_path: Path) -> None:
    write_bundle(RELEASE, [table("unemployment")], tmp_path / "lumbung.zip")
    zipfile.ZipFile(tmp_path / "lumbung.zip").extractall(tmp_path)
    file = tmp_path / "tables" / "unemployment.csv"
    file.write_text(file.read_text().replace("a,1", "a,one"))
    assert not frictionless.validate(str(tmp_path / "tables" / "datapackage.json")).valid


def test_two_bundles_of_one_release_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.zip", "two.zip"):
        write_bundle(RELEASE, [table("unemployment")], tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_the_site_map_names_each_page_and_its_other_language(tmp_path: Path) -> None:
    for page in ("index.html", "en/index.html", "daerah/3673.html"):
        (tmp_path / page).parent.mkdir(exist_ok=True)
        (tmp_path / page).write_text("")
    [file] = write_sitemap(tmp_path, "https://x.example/", "2026-11-22")
    root = defusedxml.ElementTree.parse(file).getroot()
    space = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    found = {entry.text for entry in root.findall("m:url/m:loc", space)}
    assert found == {
        "https://x.example/index.html",
        "https://x.example/en/index.html",
        "https://x.example/daerah/3673.html",
    }
    links = [link.attrib for link in root.iter("{http://www.w3.org/1999/xhtml}link")]
    assert {link["hreflang"] for link in links} == {"id", "en"}
    assert len(links) == 5


def test_no_description_ends_the_script_that_holds_it(tmp_path: Path) -> None:
    page = tmp_path / "data.html"
    page.write_text("<html><head></head><body></body></html>")
    embed([{"name": "</script><script>alert(1)</script>", "variableMeasured": []}], page)
    html = page.read_text()
    assert html.count("</script>") == 1
    body = html.split('ld+json">')[1].split("</script>")[0]
    assert json.loads(body) == [{"name": "</script><script>alert(1)</script>"}]
