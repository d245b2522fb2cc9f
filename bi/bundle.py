"""Turns the reviewed YAML of `assets/` into the files that Superset imports, once a language.

Wherever a text differs, the YAML says ``{id: ..., en: ...}``: this picks one. It runs in Superset's
own environment too, so it knows nothing of the house: the standard library and PyYAML.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Node = dict[str, Any]

ASSETS = Path(__file__).resolve().parent / "assets"
#: The same words as on the portal's pages.
WORDS = ASSETS.parent.parent / "portal" / "words.yml"
LANGUAGES = ("id", "en")
#: Whatever is made here is known by its name: imported again, it is the same object.
NAMESPACE = uuid.UUID("6c1f1d0e-8f0c-5d5a-9a55-3b1f5c0e7b11")
VERSION = "1.0.0"
#: Where the public pages are when nobody says otherwise.
PORTAL = "http://127.0.0.1:8090/"
#: What Superset calls the form of a layout.
LAYOUT = "DASHBOARD_VERSION_KEY"
#: Never changes, so that the same YAML is the same bundle.
MADE = "2026-01-01T00:00:00+00:00"
_PLACE = re.compile(r"\$\{(?:words (?P<group>\w+) (?P<column>[\w.]+)|(?P<word>\w+))\}")


def files(address: str, portal: str = PORTAL) -> dict[str, str]:
    """Return Superset's import format as texts by path; ``address`` is the database's URI.

    ``portal`` is where the public pages are, which read better on a phone.

    Raises KeyError where the YAML names a word, dataset or chart that is not there.
    """
    database = _read(ASSETS / "database.yml")
    database["sqlalchemy_uri"] = database["sqlalchemy_uri"].replace("${address}", address)
    made = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": MADE},
        "databases/Lumbung.yaml": {
            **database, "uuid": identity("database"), "version": VERSION,
            "is_managed_externally": True,
        },
    }  # fmt: skip
    for language in LANGUAGES:
        made |= {f"datasets/Lumbung/{n}": d for n, d in _datasets(language)}
        made |= {f"charts/{n}": d for n, d in _charts(language)}
        made |= {f"dashboards/{n}": d for n, d in _dashboards(language, portal)}
    return {
        path: yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        for path, content in made.items()
    }


def archive(address: str, portal: str = PORTAL) -> bytes:
    """Return the same as a zip file, for the import page or API of any other Superset."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for path, text in files(address, portal).items():
            target.writestr(zipfile.ZipInfo(f"lumbung/{path}", (2026, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()


def digest(made: dict[str, str]) -> str:
    """Return a short name for a bundle's contents."""
    return hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:16]


def identities(made: dict[str, str]) -> set[str]:
    """Return the UUIDs of a bundle's objects."""
    found = (yaml.safe_load(text).get("uuid") for text in made.values())
    return {one for one in found if one}


def identity(*name: str) -> str:
    """Return the UUID of an object of ours."""
    return str(uuid.uuid5(NAMESPACE, "/".join(name)))


def in_language(node: Any, language: str) -> Any:
    """Return a tree of YAML with one language's text wherever there are two."""
    if isinstance(node, dict):
        if set(node) == set(LANGUAGES):
            return in_language(node[language], language)
        return {key: in_language(value, language) for key, value in node.items()}
    if isinstance(node, list):
        return [in_language(item, language) for item in node]
    return node


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def _words() -> Any:
    return _read(WORDS)


def _named(folder: str, language: str) -> Iterator[tuple[str, Any]]:
    for path in sorted((ASSETS / folder).glob("*.yml")):
        yield path.stem, in_language(_read(path), language)


def _fill(text: str, words: dict[str, str], language: str) -> str:
    """Put words in their places, words within words too; a group becomes a `case`."""

    def put(found: re.Match[str]) -> str:
        if not found["group"]:
            return _fill(words[found["word"]], words, language)
        group = in_language(_words()[found["group"]], language)
        cases = " ".join(f"when {_text(key)} then {_text(said)}" for key, said in group.items())
        return f"case {found['column']} {cases} else {found['column']} end"

    return _PLACE.sub(put, text)


def _text(value: str) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _datasets(language: str) -> Iterator[tuple[str, Node]]:
    common = in_language(_read(ASSETS / "dashboard.yml")["words"], language)
    for slug, dataset in _named("datasets", language):
        words = {**common, **dataset["words"]}
        yield f"{slug}_{language}.yaml", {
            "table_name": dataset["name"],
            "description": dataset["description"],
            "schema": "marts",
            "sql": _fill(dataset["sql"], words, language),
            "uuid": identity("dataset", slug, language),
            "database_uuid": identity("database"),
            "version": VERSION,
            "filter_select_enabled": True,
            "columns": [_column(name, one) for name, one in dataset["columns"].items()],
            "metrics": [
                {"metric_name": name, "verbose_name": one["label"],
                 "expression": one["expression"]}
                for name, one in dataset["metrics"].items()
            ],
        }  # fmt: skip


def _column(name: str, column: Node) -> Node:
    return {
        "column_name": name,
        "verbose_name": column["label"],
        "type": column["type"],
        "is_dttm": column["type"] in ("DATE", "TIMESTAMP"),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _charts(language: str) -> Iterator[tuple[str, Node]]:
    for slug, chart in _named("charts", language):
        params = dict(chart["params"])
        params["viz_type"] = chart["viz_type"]
        # a chart of two queries has its second one's conditions under the name with _b
        for conditions in {"adhoc_filters", "adhoc_filters_b"} & set(params):
            params[conditions] = [_condition(one) for one in params[conditions]]
        yield (
            f"{slug}_{language}.yaml",
            {
                "slice_name": chart["title"],
                "description": chart["description"],
                "viz_type": chart["viz_type"],
                "params": params,
                "uuid": identity("chart", slug, language),
                "dataset_uuid": identity("dataset", chart["dataset"], language),
                "version": VERSION,
                "is_managed_externally": True,
            },
        )


def _condition(condition: Node) -> Node:
    return {"expressionType": "SQL", "clause": "WHERE", "sqlExpression": condition["sql"]}


def _dashboards(language: str, portal: str) -> Iterator[tuple[str, Node]]:
    board = in_language(_read(ASSETS / "dashboard.yml"), language)
    pages = {"portal": portal if language == "id" else f"{portal}en/"}
    for item in (item for row in board["rows"] for item in row if "text" in item):
        item["text"] = _fill(item["text"], pages, language)
    titles = {slug: chart["title"] for slug, chart in _named("charts", language)}
    shown = [item for row in board["rows"] for item in row if "chart" in item]
    numbers = {item["chart"]: number for number, item in enumerate(shown, start=1)}
    comparing = {item["chart"] for item in shown if item.get("compares")}
    yield (
        f"{board['slug']}.yaml",
        {
            "dashboard_title": board["title"],
            "description": board["description"],
            "slug": board["slug"],
            "uuid": identity("dashboard", language),
            "version": VERSION,
            "published": True,
            "is_managed_externally": True,
            "position": _position(board, titles, numbers, language),
            "metadata": {
                "color_scheme": "lumbung",
                "cross_filters_enabled": False,
                "refresh_frequency": 0,
                "native_filter_configuration": [
                    _filter(one, numbers, comparing, language) for one in board["filters"]
                ],
            },
        },
    )


def _filter(one: Node, numbers: dict[str, int], comparing: set[str], language: str) -> Node:
    """Return a filter; one that begins with a value has exactly one.

    It reaches the charts that it names, all but those that it spares, or all that do not compare.
    """
    first = one.get("first")
    spared = set(numbers) - set(one["only"]) if "only" in one else set(one.get("spares", comparing))
    chosen = [{"col": one["column"], "op": "IN", "val": [first]}] if first else []
    return {
        "id": f"NATIVE_FILTER-{one['slug']}",
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "name": one["name"],
        "description": one.get("description", ""),
        "targets": [
            {"column": {"name": one["column"]},
             "datasetUuid": identity("dataset", one["dataset"], language)}
        ],
        "adhoc_filters": [_condition({"sql": one["where"]})] if "where" in one else [],
        "defaultDataMask": {
            "extraFormData": {"filters": chosen} if first else {},
            "filterState": {"value": [first], "label": first} if first else {},
            "ownState": {},
        },
        "controlValues": {
            "multiSelect": not first, "enableEmptyFilter": bool(first),
            "defaultToFirstItem": False, "inverseSelection": False, "searchAllOptions": False,
            "sortAscending": not one.get("newest_first", False),
        },
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": sorted(numbers[slug] for slug in spared)},
    }  # fmt: skip


def _position(board: Node, titles: dict[str, str], numbers: dict[str, int], language: str) -> Node:
    """Return the dashboard's layout as Superset keeps it: a flat tree of named boxes."""
    boxes: Node = {
        LAYOUT: "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": [], "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": board["title"]}},
    }
    for number, row in enumerate(board["rows"], start=1):
        for box in _row(number, row, titles, numbers, language):
            boxes[box["id"]] = box
        top = "HEADER" if "heading" in row[0] else "ROW"
        boxes["GRID_ID"]["children"].append(f"{top}-{number}")
    return boxes


def _row(
    number: int, row: list[Node], titles: dict[str, str], numbers: dict[str, int], language: str
) -> Iterator[Node]:
    above = ["ROOT_ID", "GRID_ID"]
    if "heading" in row[0]:
        meta = {"text": row[0]["heading"], "headerSize": "MEDIUM_HEADER",
                "background": "BACKGROUND_TRANSPARENT"}  # fmt: skip
        yield {"type": "HEADER", "id": f"HEADER-{number}", "children": [], "parents": above,
               "meta": meta}  # fmt: skip
        return
    children = []
    for place, item in enumerate(row, start=1):
        size = {"width": item["width"], "height": item["height"]}
        if "chart" in item:
            slug = item["chart"]
            meta = {"chartId": numbers[slug], "uuid": identity("chart", slug, language),
                    "sliceName": titles[slug], **size}  # fmt: skip
            box = {"type": "CHART", "id": f"CHART-{slug}", "meta": meta}
        else:
            box = {"type": "MARKDOWN", "id": f"MARKDOWN-{number}-{place}",
                   "meta": {"code": item["text"], **size}}  # fmt: skip
        children.append(box["id"])
        yield {**box, "children": [], "parents": [*above, f"ROW-{number}"]}
    yield {"type": "ROW", "id": f"ROW-{number}", "children": children, "parents": above,
           "meta": {"background": "BACKGROUND_TRANSPARENT"}}  # fmt: skip
