"""The dashboard as YAML: whole in both languages, true to the marts, and without a secret."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from typing import Any

import duckdb
import jinja2
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


#: What people may choose in the filters: nothing, and everything at once.
CHOICES: dict[str, dict[str, list[str]]] = {
    "nothing": {},
    "latest": {"vintage": ["latest"]},
    "all": {
        "vintage": ["2025-12-31"], "round_month": ["August", "May"], "status": ["it's", "disputed"],
    },
}  # fmt: skip


def rendered(sql: str, chosen: dict[str, list[str]]) -> str:
    """Return what Superset asks where these are chosen: its own words, in plain Jinja."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters["where_in"] = lambda values: (
        "(" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + ")"
    )
    environment.globals["filter_values"] = lambda column, remove_filter: chosen.get(column, [])
    return environment.from_string(sql).render()


@cache
def marts() -> duckdb.DuckDBPyConnection:
    """Every mart of the contract, empty."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    for table in contract.read(Settings()).values():
        columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
        connection.execute(f"create table marts.{table.name} ({columns})")
    connection.execute(
        "create macro marts.observations_as_of(day) as table "
        "from marts.observations where known_at <= day"
    )
    return connection


@pytest.mark.parametrize("chosen", CHOICES)
@pytest.mark.parametrize("path", of("datasets/"))
def test_a_dataset_is_what_its_query_returns_from_the_marts(path, chosen):
    dataset = READ[path]
    sql = rendered(dataset["sql"], CHOICES[chosen])
    found = marts().execute(sql)
    assert [column[0] for column in found.description or []] == [
        column["column_name"] for column in dataset["columns"]
    ]
    for metric in dataset["metrics"]:
        marts().execute(f"select {metric['expression']} from ({sql}) as t")


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
    sql = rendered(dataset["sql"], {})
    for condition in params["adhoc_filters"]:
        marts().execute(f"select 1 from ({sql}) as t where {condition['sqlExpression']}")


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


def test_a_filter_reaches_only_charts_whose_dataset_has_its_column():
    for path in of("dashboards/"):
        charts = {
            box["meta"]["chartId"]: BY_UUID[box["meta"]["uuid"]]
            for box in READ[path]["position"].values()
            if box_type(box) == "CHART"
        }
        names = {
            box["meta"]["chartId"]: box["id"].removeprefix("CHART-")
            for box in READ[path]["position"].values()
            if box_type(box) == "CHART"
        }
        reached = {}
        for one in READ[path]["metadata"]["native_filter_configuration"]:
            [target] = one["targets"]
            column = target["column"]["name"]
            assert column in columns_of(BY_UUID[target["datasetUuid"]])
            slug = one["id"].removeprefix("NATIVE_FILTER-")
            reached[slug] = set(charts) - set(one["scope"]["excluded"])
            for number in reached[slug]:
                dataset = BY_UUID[charts[number]["dataset_uuid"]]
                assert column in columns_of(dataset), (slug, names[number])
        assert list(reached) == ["region", "month", "theme", "status", "vintage"]
        spared = {names[number] for number in set(charts) - reached["region"]}
        assert {"rate_by_regency", "cut_by_region"} <= spared
        assert not {"rate_now", "claims"} & spared
        assert {names[n] for n in reached["theme"]} == {
            "ceiling_by_theme", "share_by_theme", "figures",
        }  # fmt: skip


def columns_of(dataset: Node) -> set[str]:
    return {column["column_name"] for column in dataset["columns"]}


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
    archived = bundle.archive(ADDRESS)
    assert archived == bundle.archive(ADDRESS)
    assert bundle.digest(FILES) == bundle.digest(dict(FILES))
    assert bundle.digest(FILES) != bundle.digest({**FILES, "more": ""})
    with zipfile.ZipFile(io.BytesIO(archived)) as made:
        assert {name.removeprefix("lumbung/") for name in made.namelist()} == set(FILES)


def test_words_of_the_portal_are_taken_over_and_quoted():
    claims = READ["datasets/Lumbung/transfer_claims_id.yaml"]["sql"]
    assert "case claim.relation when 'headline' then 'angka utama'" in claims
    assert "${" not in "".join(FILES.values())


def test_a_word_that_is_not_there_is_named(monkeypatch, tmp_path):
    with pytest.raises(KeyError, match="nonsense"):
        bundle._fill("select ${nonsense}", {}, "id")
