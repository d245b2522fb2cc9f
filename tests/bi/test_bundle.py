"""The dashboard as YAML: whole in both languages, true to the marts, and without a secret."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import Any

import duckdb
import pytest
import yaml

from bi import bundle
from bi.bundle import Node
from lumbung.settings import Settings
from serving import contract

ADDRESS = "postgresql+psycopg2://lumbung_reader@127.0.0.1:54320/lumbung?passfile=/nowhere"
FILES = bundle.files(ADDRESS)
READ: dict[str, Node] = {path: yaml.safe_load(text) for path, text in FILES.items()}
BY_UUID = {one["uuid"]: one for one in READ.values() if "uuid" in one}


def of(folder: str) -> list[str]:
    return [path for path in FILES if path.startswith(folder)]


@cache
def marts() -> duckdb.DuckDBPyConnection:
    """Every mart of the contract, empty."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    for table in contract.read(Settings()).values():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f"create table marts.{table.name} ({columns})")
    return connection


@pytest.mark.parametrize("path", of("datasets/"))
def test_a_dataset_is_what_its_query_returns_from_the_marts(path):
    dataset = READ[path]
    found = marts().execute(dataset["sql"])
    assert [column[0] for column in found.description or []] == [
        column["column_name"] for column in dataset["columns"]
    ]
    for metric in dataset["metrics"]:
        marts().execute(f"select {metric['expression']} from ({dataset['sql']}) as t")


@pytest.mark.parametrize("path", of("charts/"))
def test_a_chart_asks_its_dataset_for_what_it_has(path):
    chart = READ[path]
    dataset = BY_UUID[chart["dataset_uuid"]]
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    params = chart["params"]
    groups = params.get("groupby", [])
    asked = {*params.get("all_columns", []), *([groups] if isinstance(groups, str) else groups)}
    asked |= {params["x_axis"]} if "x_axis" in params else set()
    assert asked, "a chart of nothing"
    assert asked <= columns
    measured = {*params.get("metrics", []), *([params["metric"]] if "metric" in params else [])}
    assert measured <= metrics
    for condition in params["adhoc_filters"]:
        marts().execute(f"select 1 from ({dataset['sql']}) as t where {condition['sqlExpression']}")


def test_every_text_is_there_in_both_languages():
    def texts(node: Any, where: str) -> None:
        if isinstance(node, dict) and set(node) & set(bundle.LANGUAGES):
            assert set(node) == set(bundle.LANGUAGES), where
            assert all(node.values()), where
            found.append(where)
        elif isinstance(node, dict):
            for key, value in node.items():
                texts(value, f"{where}.{key}")
        elif isinstance(node, list):
            for number, value in enumerate(node):
                texts(value, f"{where}[{number}]")

    found: list[str] = []
    for path in bundle.ASSETS.rglob("*.yml"):
        texts(yaml.safe_load(path.read_text(encoding="utf-8")), path.name)
    assert len(found) > 150
    for folder in ("charts/", "dashboards/"):
        titles = [READ[p].get("slice_name") or READ[p].get("dashboard_title") for p in of(folder)]
        assert len(set(titles)) == len(titles), "a title is the same in both languages"


def test_both_dashboards_show_every_chart_once_and_fill_no_row_beyond_its_width():
    for path in of("dashboards/"):
        position = READ[path]["position"]
        shown = [box["meta"]["uuid"] for box in position.values() if box_type(box) == "CHART"]
        assert len(shown) == len(set(shown)) == len(of("charts/")) / 2
        assert {BY_UUID[one]["slice_name"] for one in shown}
        for box in position.values():
            if box_type(box) == "ROW":
                assert sum(position[child]["meta"]["width"] for child in box["children"]) == 12


def box_type(box: Any) -> str:
    return box["type"] if isinstance(box, dict) else ""


def test_a_filter_reads_a_column_that_is_there_and_spares_what_compares_regions():
    for path in of("dashboards/"):
        first, second = filters = READ[path]["metadata"]["native_filter_configuration"]
        for one in filters:
            [target] = one["targets"]
            columns = BY_UUID[target["datasetUuid"]]["columns"]
            assert target["column"]["name"] in {column["column_name"] for column in columns}
        numbers = {
            box["meta"]["chartId"]: box["id"]
            for box in READ[path]["position"].values()
            if box_type(box) == "CHART"
        }
        spared = {numbers[number] for number in first["scope"]["excluded"]}
        assert {"CHART-rate_by_regency", "CHART-cut_by_region"} <= spared
        assert not {"CHART-rate_now", "CHART-claims"} & spared
        reached = set(numbers) - set(second["scope"]["excluded"])
        assert {numbers[number] for number in reached} == {
            "CHART-ceiling_by_theme",
            "CHART-share_by_theme",
        }


def test_every_object_has_an_identity_of_its_own_that_stays():
    identities = [one["uuid"] for path, one in READ.items() if path != "metadata.yaml"]
    assert len(identities) == len(set(identities)) == len(FILES) - 1
    # whoever changes these gives every installed Superset a second dashboard
    assert bundle.identity("dashboard", "id") == "85bfab23-a466-56b6-909a-a7f11c088ae4"
    assert bundle.identity("database") == "692cbb6c-b671-5d37-b552-af4728824dfb"


def test_no_password_is_in_the_bundle():
    database = READ["databases/Lumbung.yaml"]
    assert database["sqlalchemy_uri"] == ADDRESS
    assert "password" not in "".join(FILES.values()).lower()
    assert database["allow_dml"] is False
    assert database["allow_file_upload"] is False


def test_the_same_yaml_is_the_same_bundle():
    assert bundle.archive(ADDRESS) == bundle.archive(ADDRESS)
    assert bundle.digest(FILES) == bundle.digest(bundle.files(ADDRESS))
    assert bundle.digest(FILES) != bundle.digest(bundle.files(ADDRESS + "2"))
    with zipfile.ZipFile(io.BytesIO(bundle.archive(ADDRESS))) as made:
        assert {name.removeprefix("lumbung/") for name in made.namelist()} == set(FILES)


def test_words_of_the_portal_are_taken_over_and_quoted():
    claims = READ["datasets/Lumbung/transfer_claims_id.yaml"]["sql"]
    assert "case relation when 'headline' then 'angka utama'" in claims
    assert "${" not in "".join(FILES.values())


def test_a_word_that_is_not_there_is_named(monkeypatch, tmp_path):
    with pytest.raises(KeyError, match="nonsense"):
        bundle._fill("select ${nonsense}", {}, "id")
