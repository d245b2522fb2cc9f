"""Static tables and SIMDASI: the rows of a page, and figures written as Indonesian texts."""

from __future__ import annotations

import html
import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ingest.errors import (
    BadKeyError,
    IngestError,
    InnerErrorReplyError,
    NothingAvailableError,
    UnreadableFileError,
)
from ingest.protocol import Answer, Request
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from ingest.sources.bps_simdasi import region_code
from ingest.sources.html_tables import column_names, heading_rows, read_grid, unescape
from tests.ingest.parsing import dataset, parse, recorded, rules
from tests.ingest.replies import answered
from tests.replicas.bps_lists import PAGE, Replica, sample_simdasi, sample_tables


def static(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "bps.static_table",
            "request": {"domain": "3600", "table": 77},
            "decimal": ",",
            "region": {"column": "Kabupaten/Kota", "by": "name", "within": None},
            "measures": [
                {"column": f"TPT (%) | {heading}", "indicator": "unemployment_rate", "unit": "%",
                 "period": {"fixed": f"{year}-08", "kind": "round"}}
                for year, heading in ((2022, "2022"), (2023, "2023 1"))
            ],
            "period": {"fixed": "2023", "kind": "round"},
            "rows_ignored": [{"column": "Kabupaten/Kota", "matches": "^Sumber"}],
            "attributes": ["updt_date"],
            **fields,
        }
    )  # fmt: skip


def simdasi(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "bps.simdasi",
            "request": {"table": "VGFiZWw9PQ==", "region": "3600000", "years": "2020:"},
            "region": {"column": "region_code"},
            "period": {"column": "tahun_data", "kind": "round"},
            "measures": [
                {"column": "Angkatan Kerja", "indicator": "labour_force", "unit": "orang"},
                {"column": "TPT", "indicator": "unemployment_rate", "unit": "persen"},
            ],
            "attributes": ["label"],
            **fields,
        }
    )


def collect(described: Dataset, replica: Replica) -> list[Answer]:
    def fetch(request: Request) -> Any:
        return answered(replica.answer(replica.question(address(request))))

    return list(PROTOCOLS[described.protocol].collect(described, fetch))


def address(request: Request) -> str:
    query = "&".join(f"{name}={value}" for name, value in request.params.items())
    return f"/v1/api{request.path}?{query}&key=0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def replica():
    with Replica(tables=sample_tables(), simdasi=sample_simdasi()) as running:
        yield running


def figures(result: Any) -> dict[tuple[str, str, str], Any]:
    return {
        (row["indicator_id"], row["region_code"], row["period_label"]): row
        for row in result.observations.to_pylist()
    }


# -- pages ----------------------------------------------------------------------------


def test_merged_headings_give_each_column_its_full_name() -> None:
    grid = read_grid(PAGE, 1, "t")
    assert heading_rows(grid) == 2
    names = column_names(grid[:2], " | ")
    assert names == ["Kabupaten/Kota", "TPT (%) | 2022", "TPT (%) | 2023 1", "Ket"]


def test_a_cell_that_spans_rows_shifts_those_after_it() -> None:
    page = (
        "<table><tr><td rowspan=3>A<td>1<td>2<tr><td rowspan='2'>3<td>4<tr><td>5"
        "<tr><td colspan=0>B<td colspan=x>6<td>7</table>"
    )
    assert [[cell.text for cell in row] for row in read_grid(page, 1, "t")] == [
        ["A", "1", "2"], ["A", "3", "4"], ["A", "3", "5"], ["B", "6", "7"],
    ]  # fmt: skip


def test_rows_of_a_table_inside_a_cell_are_not_rows_of_the_outer_one() -> None:
    page = "<table><tr><td>a<table><tr><td>x</td></tr></table></td><td>b</td></tr></table>"
    assert [[cell.text for cell in row] for row in read_grid(page, 1, "t")] == [["ax", "b"]]
    assert [[cell.text for cell in row] for row in read_grid(page, 2, "t")] == [["x"]]


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_a_page_is_found_however_often_it_was_escaped(times: int) -> None:
    text = PAGE
    for _ in range(times):
        text = html.escape(text)
    assert unescape(text) == PAGE


@pytest.mark.parametrize(
    "page",
    ["", "<p>no table</p>", "<table><tr><td colspan=9999>x</table>",
     "<table>" + "<tr><td>1" * 100_001 + "</table>"],
)  # fmt: skip
def test_a_page_without_a_table_of_figures_is_unreadable(page: str) -> None:
    with pytest.raises(UnreadableFileError):
        read_grid(page, 1, "t")


# -- static tables --------------------------------------------------------------------


@pytest.mark.parametrize("style", ["query", "path"])
def test_a_static_table_is_asked_for_and_read(replica: Replica, style: str) -> None:
    described = static(request={"domain": "3600", "table": 77, "style": style})
    [(request, reply)] = collect(described, replica)
    assert request.partition == "all"
    result = parse(described, reply.body)
    found = figures(result)
    assert rules(result) == []
    assert result.n_items == 6
    assert found["unemployment_rate", "3604", "2022-08"]["value"] == Decimal("10.61")
    provisional = found["unemployment_rate", "3604", "2023-08"]
    assert (provisional["value"], provisional["obs_status"]) == (Decimal("9.94"), "P")
    assert found["unemployment_rate", "3673", "2023-08"]["value"] is None
    assert found["unemployment_rate", "3673", "2023-08"]["obs_status"] == "O"
    assert found["unemployment_rate", "3600", "2023-08"]["value"] == Decimal("7.52")
    assert provisional["attributes"] == '{"updt_date":"2024-02-28"}'
    assert provisional["locator"] == "row 3, TPT (%) | 2023 1"


def test_a_table_that_is_not_there_is_nothing_available(replica: Replica) -> None:
    with pytest.raises(NothingAvailableError):
        collect(static(request={"domain": "3600", "table": 78}), replica)


def view(page: str, **fields: Any) -> bytes:
    data = {"table_id": 77, "title": "t", "table": html.escape(page), **fields}
    return json.dumps({"status": "OK", "data-availability": "available", "data": data}).encode()


def test_another_table_than_the_one_asked_for_is_refused() -> None:
    with pytest.raises(UnreadableFileError, match="reply_not_asked_for"):
        parse(static(), view(PAGE, table_id=78))


@pytest.mark.parametrize("data", [None, [], "", {"table": None}, [{"page": 1}, []]])
def test_a_reply_without_a_page_is_unreadable(data: Any) -> None:
    body = json.dumps({"status": "OK", "data": data}).encode()
    with pytest.raises(UnreadableFileError, match=r"data\.table"):
        parse(static(), body)


def test_a_figure_that_stands_for_two_places_is_rejected_in_both() -> None:
    page = PAGE.replace("<td>8,17</td><td>...</td>", '<td colspan="2">8,17</td>')
    result = parse(static(), view(page))
    assert rules(result) == ["merged_cell"] * 2
    assert result.n_items == 6
    assert result.rejected["raw_value"].to_pylist() == ["8,17", "8,17"]


@pytest.mark.parametrize("described", [static, simdasi])
@pytest.mark.parametrize("field", [{"url": "a.csv"}, {"file": {"header_row": 2}}])
def test_what_would_be_ignored_is_refused(described: Any, field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="has no use for it"):
        described(**field)


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(UnreadableFileError, match=r"'TPT \(%\) \| 2022'.*'TPT \(%\) \| 2021'"):
        parse(static(), view(PAGE.replace("2022", "2021")))


def test_a_note_nobody_declared_is_rejected_not_dropped() -> None:
    result = parse(static(rows_ignored=[]), view(PAGE))
    assert len(rules(result)) == 2


def test_header_rows_without_markup_are_declared() -> None:
    page = PAGE.replace("thead", "tbody").replace("<th ", "<td ").replace("<th>", "<td>")
    page = page.replace("</th>", "</td>")
    result = parse(static(page={"header_rows": 2}), view(page))
    assert (result.n_items, rules(result)) == (6, [])


# -- SIMDASI --------------------------------------------------------------------------


def test_the_years_listed_are_asked_for_and_every_mark_is_missing(replica: Replica) -> None:
    answers = collect(simdasi(), replica)
    assert [request.partition for request, _ in answers] == ["tables", "tahun-2023", "tahun-2024"]
    assert [request.keep for request, _ in answers] == [False, True, True]
    assert answers[1][0].path == (
        "/interoperabilitas/datasource/simdasi/id/25/tahun/2023"
        "/id_tabel/VGFiZWw9PQ==/wilayah/3600000/"  # pragma: allowlist secret
    )
    result = parse(simdasi(), answers[1][1].body)
    found = figures(result)
    assert (result.n_items, rules(result)) == (8, [])
    assert found["labour_force", "3600", "2023"]["value"] == Decimal("1021330")
    assert found["labour_force", "3604", "2023"]["value"] == Decimal("18836")
    assert found["labour_force", "3604", "2023"]["value_text"] == "18.836,00"
    missing = [key[:2] for key, row in found.items() if row["value"] is None]
    assert missing == [
        ("unemployment_rate", "3604"), ("labour_force", "3673"), ("unemployment_rate", "3673"),
        ("labour_force", "3671"),
    ]  # fmt: skip
    assert found["labour_force", "3604", "2023"]["attributes"] == '{"label":"Serang"}'
    assert found["labour_force", "3604", "2023"]["locator"] == "row 2 3604000, Angkatan Kerja"


def test_only_the_years_wanted_are_asked_for(replica: Replica) -> None:
    wanted = {"table": "VGFiZWw9PQ==", "region": "3600000", "years": "2024"}
    answers = collect(simdasi(request=wanted), replica)
    assert [request.partition for request, _ in answers] == ["tables", "tahun-2024"]


def test_declared_years_need_no_list_and_fail_one_by_one(replica: Replica) -> None:
    wanted = {
        "table": "VGFiZWw9PQ==", "region": "3600000", "years": "2022:2024",
        "years_from": "declared",
    }  # fmt: skip
    answers = collect(simdasi(request=wanted), replica)
    assert [request.partition for request, _ in answers] == [
        f"tahun-{y}" for y in (2022, 2023, 2024)
    ]
    assert isinstance(answers[0][1], InnerErrorReplyError)
    assert not isinstance(answers[1][1], IngestError)


@pytest.mark.parametrize("key_at", ["/key/{key}/", "/key/{key}", "/{key}/"])
def test_the_place_of_the_key_is_the_files_to_say(replica: Replica, key_at: str) -> None:
    wanted = {"table": "VGFiZWw9PQ==", "region": "3600000", "key_at": key_at}
    asked = [request.path for request, _ in collect(simdasi(request=wanted), replica)]
    assert asked[0] == (f"/interoperabilitas/datasource/simdasi/id/23/wilayah/3600000{key_at}")
    assert all(path.endswith(key_at) for path in asked)
    table = {"domain": "3600", "table": 77, "style": "path", "key_at": key_at}
    [(request, _)] = collect(static(request=table), replica)
    assert request.path == f"/view/model/statictable/lang/ind/domain/3600/id/77{key_at}"


@pytest.mark.parametrize(
    "wrong", [{"key_at": "/key/"}, {"key_at": "/key/{key}/{key}/"}, {"key_at": "?key={key}"}]
)
def test_a_place_that_is_none_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="key_at"):
        simdasi(request={"table": "x", "region": "3600000", **wrong})
    with pytest.raises(ValidationError, match="key_at"):
        static(request={"domain": "3600", "table": 77, "key_at": "/key/{key}/"})


def test_declared_years_have_an_end() -> None:
    with pytest.raises(ValidationError, match="years_from"):
        simdasi(request={"table": "x", "region": "3600000", "years_from": "declared"})


def test_a_table_the_list_does_not_have_is_nothing_available(replica: Replica) -> None:
    with pytest.raises(NothingAvailableError, match="lists no table"):
        collect(simdasi(request={"table": "andere", "region": "3600000"}), replica)


def test_a_refused_key_stops_the_years(replica: Replica) -> None:
    def fetch(request: Request) -> Any:
        return answered({"status": "Error", "message": "please re-check your key"})

    with pytest.raises(BadKeyError):
        list(PROTOCOLS["bps.simdasi"].collect(simdasi(), fetch))


@pytest.mark.parametrize(
    ("code", "region"),
    [("3604000", "3604"), ("3600000", "3600"), ("0000000", "0000"), ("3604050", "3604050")],
)
def test_seven_digits_become_the_four_of_the_webapi(code: str, region: str) -> None:
    assert region_code(code) == region


def reply(**inner: Any) -> bytes:
    data = [{"page": 1}, {"status": 200, "condition": "OK", "tahun_data": 2023, **inner}]
    return json.dumps({"status": "OK", "data": data}).encode()


KOLOM = {"a": {"nama_variabel": "Angkatan  Kerja"}, "b": {"nama_variabel": "TPT"}}
ROW = {
    "kode_wilayah": "3604050",
    "label": "Anyar",
    "variables": {"a": {"value": "1"}, "b": {"value": "2"}},
}


def test_districts_and_rows_with_other_variables_are_rejected_with_their_place() -> None:
    short = {"kode_wilayah": "3604000", "label": "Serang", "variables": {"a": {"value": "1"}}}
    result = parse(simdasi(), reply(kolom=KOLOM, data=[ROW, short]))
    assert rules(result) == ["unknown_region"] * 2 + ["ragged_row"] * 2
    assert result.rejected["locator"][0].as_py() == "row 1 3604050, Angkatan Kerja"


def test_the_fields_nobody_has_verified_can_be_named_otherwise() -> None:
    row = {"kode_wilayah": "3604000", "nama": "Serang", "variables": {"a": {"nilai": "7,5"}}}
    described = simdasi(
        name_field="judul", value_field="nilai", attributes=["nama"],
        measures=[{"column": "TPT", "indicator": "unemployment_rate", "unit": "%"}],
    )  # fmt: skip
    result = parse(described, reply(kolom={"a": {"judul": "TPT"}}, data=[row]))
    assert result.observations["value"].to_pylist() == [Decimal("7.5")]


@pytest.mark.parametrize(
    "inner",
    [{}, {"kolom": KOLOM}, {"kolom": [], "data": []}, {"kolom": KOLOM, "data": ["x"]},
     {"kolom": {"a": {"nama": "x"}}, "data": [ROW]}, {"kolom": KOLOM, "data": []}],
)  # fmt: skip
def test_another_form_is_unreadable(inner: dict[str, Any]) -> None:
    with pytest.raises(UnreadableFileError):
        parse(simdasi(), reply(**inner))


def test_a_table_of_another_year_is_refused(replica: Replica) -> None:
    def fetch(request: Request) -> Any:
        body = replica.answer(replica.question(address(request)))
        body["data"][1]["tahun_data"] = 2019
        return answered(body)

    answers = list(PROTOCOLS["bps.simdasi"].collect(simdasi(), fetch))
    assert "reply_not_asked_for" in str(answers[1][1])


def test_recorded_shapes_of_simdasi_are_read() -> None:
    described = simdasi(
        attributes=[],
        measures=[{"column": "Luas Panen", "indicator": "labour_force", "unit": "orang"}],
    )
    result = parse(described, recorded("bps_simdasi_id25_shape.json"))
    assert result.observations["value"].to_pylist() == [Decimal(18836)]
    assert result.observations["region_code"].to_pylist() == ["3401"]
    with pytest.raises(InnerErrorReplyError):
        parse(described, recorded("bps_simdasi_nested_error.json"))

    def fetch(request: Request) -> Any:
        return answered(
            recorded(
                "bps_simdasi_id23_doc.json"
                if "/id/23/" in request.path
                else "bps_simdasi_id25_shape.json"
            )
        )

    wanted = {
        "table": "UFpWMmJZOVZlZTJnc1pXaHhDV1hPQT09",
        "region": "0000000",
        "years": "2016:2019",
    }
    answers = list(PROTOCOLS["bps.simdasi"].collect(simdasi(request=wanted), fetch))
    assert [request.partition for request, _ in answers] == [
        "tables", "tahun-2016", "tahun-2017", "tahun-2018", "tahun-2019",
    ]  # fmt: skip
