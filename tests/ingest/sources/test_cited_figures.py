"""A file of citations: each line becomes a row or is rejected with its line and reason."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest.errors import HtmlReplyError, UnreadableFileError
from ingest.schema import Dataset
from ingest.sources.cited_model import COLUMNS
from tests.ingest.parsing import dataset, parse, rules

LINE = {
    "indicator": "unemployment_rate", "region_code": "3604", "region_name": "Kabupaten Serang",
    "period": "2022-08", "period_kind": "round", "value": "10.61", "unit": "%",
    "precision": "0.01", "stage": "observed", "perimeter": "area", "claimant": "BPS Banten",
    "source": "BPS Banten via Koran", "source_url": "https://example.org/tpt",
    "tier": "official_via_press", "published_at": "2022-11-08", "published_at_basis": "url",
    "note": "kata \"resmi\", baris\nbaru",
}  # fmt: skip


def cited(**fields: Any) -> Dataset:
    return dataset(
        **{"protocol": "cited_figures", "source": "cited_figures", "indicators": "any", **fields}
    )


def file(*lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """Write a file of citations; each line changes some cells of LINE."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(LINE | line for line in lines)
    return stream.getvalue().encode()


def test_a_citation_becomes_a_row_with_its_source() -> None:
    (row,) = parse(cited(), file({})).observations.to_pylist()
    assert (row["region_code"], row["period_label"]) == ("3604", "2022-08")
    assert (row["period_start"], row["period_end"]) == (date(2022, 8, 1), date(2022, 8, 31))
    assert (row["value"], row["value_text"], row["unit"]) == (Decimal("10.61"), "10.61", "percent")
    assert (row["breakdown"], row["category"]) == ("total", "total")
    assert row["locator"] == "line 2"
    digest = hashlib.sha1(b"BPS Banten via Koran\nhttps://example.org/tpt").hexdigest()  # noqa: S324
    assert row["source_id"] == f"cited_{digest[:10]}"
    assert (row["provenance_tier"], row["claimant"]) == ("official_via_press", "BPS Banten")
    assert (row["published_at"], row["published_at_basis"]) == (date(2022, 11, 8), "url")
    assert row["note"] == LINE["note"]


def test_a_line_is_named_by_where_it_starts_though_notes_span_lines() -> None:
    rows = parse(cited(), file({}, {"period": "2021-08"})).observations
    assert rows["locator"].to_pylist() == ["line 2", "line 4"]


def test_the_value_is_scaled_to_the_indicators_unit_and_its_text_kept() -> None:
    line = {"indicator": "transfer_cut_total", "value": "186.5", "unit": "billion IDR",
            "precision": "100000000", "perimeter": "own_government"}  # fmt: skip
    (row,) = parse(cited(), file(line)).observations.to_pylist()
    assert (row["value"], row["value_text"]) == (Decimal("186500000000"), "186.5")
    assert (row["unit"], row["precision"]) == ("idr", Decimal("100000000"))


def test_a_month_of_publication_is_known_by_its_last_day() -> None:
    line = {"published_at": "2025-10", "published_at_basis": "month"}
    (row,) = parse(cited(), file(line)).observations.to_pylist()
    assert row["published_at"] == date(2025, 10, 31)


def test_a_missing_mark_is_a_row_without_a_value() -> None:
    (row,) = parse(cited(), file({"value": "…"})).observations.to_pylist()
    assert (row["value"], row["value_text"], row["obs_status"]) == (None, "…", "O")


def test_a_region_may_be_named_without_its_code() -> None:
    line = {"region_code": "", "region_name": "Kota Serang"}
    assert parse(cited(), file(line)).observations["region_code"].to_pylist() == ["3673"]


@pytest.mark.parametrize(
    ("line", "rule", "said"),
    [
        ({"region_code": "9876"}, "unknown_region", "9876"),
        ({"region_code": "", "region_name": "Atlantis"}, "unknown_region", "Atlantis"),
        ({"region_code": "", "region_name": "Serang"}, "ambiguous_region", "Kota Serang"),
        ({"region_name": "Kota Serang"}, "region_mismatch", "Kabupaten Serang"),
        ({"value": "106"}, "out_of_bounds", "never above 100"),
        ({"value": "ten"}, "not_a_number", "ten"),
        ({"value": "10,61"}, "wrong_decimal_style", "10,61"),
        ({"unit": "persons"}, "incompatible_unit", "percent"),
        ({"unit": "bananas"}, "unknown_unit", "bananas"),
        ({"unit": ""}, "missing_field", "unit"),
        ({"indicator": "luck"}, "unknown_indicator", "luck"),
        ({"period": "Agustus 2022"}, "unknown_period", "Agustus 2022"),
        ({"period_start": "2022-07-01"}, "period_mismatch", "2022-07-01"),
        ({"period_start": "1/8/2022"}, "bad_date", "1/8/2022"),
        ({"period_kind": "sometimes"}, "unknown_code", "sometimes"),
        ({"stage": "guessed"}, "unknown_code", "guessed"),
        ({"perimeter": "unclear"}, "unknown_code", "unclear"),
        ({"tier": "best"}, "unknown_code", "best"),
        ({"source": ""}, "missing_field", "source"),
        ({"precision": "0"}, "bad_precision", "0"),
        ({"precision": "0.0000001"}, "bad_precision", "0.0000001"),
        ({"precision": "NaN"}, "bad_precision", "NaN"),
        ({"published_at": "2022-13-01"}, "bad_date", "2022-13-01"),
        ({"published_at": ""}, "bad_date", "contradict"),
        ({"published_at_basis": "heard"}, "unknown_code", "heard"),
        ({"published_at": "soon!!!", "published_at_basis": "month"}, "unknown_period", "soon"),
        ({"breakdown": "sex"}, "bad_breakdown", "sex"),
        ({"category": "female"}, "bad_breakdown", "female"),
    ],
)
def test_a_bad_line_is_rejected_and_spoils_no_other(
    line: dict[str, str], rule: str, said: str
) -> None:
    result = parse(cited(), file({"period": "2020-08"}, line))
    assert result.observations["period_label"].to_pylist() == ["2020-08"]
    (rejected,) = result.rejected.to_pylist()
    assert rejected["rule"] == rule
    assert said in rejected["message"]
    assert rejected["locator"] == "line 4"
    assert rejected["raw_value"] == {**LINE, **line}["value"]


def test_the_same_citation_twice_is_rejected_once_and_says_where_it_stood() -> None:
    result = parse(cited(), file({}, {"value": "10.610", "note": "again"}))
    assert result.observations.num_rows == 1
    (rejected,) = result.rejected.to_pylist()
    assert rejected["rule"] == "duplicate_citation"
    assert "line 2" in rejected["message"]


@pytest.mark.parametrize(
    "change",
    [{"value": "10.62"}, {"source_url": "https://example.org/b"}, {"claimant": "BPS"},
     {"published_at": "2022-11-09"}, {"stage": "projection"}, {"series_version": "b"}],
)  # fmt: skip
def test_another_value_source_claimant_or_date_is_another_citation(change: dict[str, str]) -> None:
    assert parse(cited(), file({}, change)).observations.num_rows == 2


def test_an_indicator_outside_the_declared_list_is_rejected() -> None:
    described = cited(indicators=["labour_force"])
    assert rules(parse(described, file({}))) == ["undeclared_indicator"]


def test_a_unit_that_changes_dimension_inside_a_series_is_rejected_line_by_line() -> None:
    lines = [{"period": f"{year}-08", "unit": "%"} for year in (2020, 2021)]
    changed = [{"period": "2022-08", "unit": "thousand persons", "value": "449.6"}]
    result = parse(cited(), file(*lines, *changed))
    assert result.observations.num_rows == 2
    assert rules(result) == ["incompatible_unit"]


def test_a_ragged_line_is_rejected() -> None:
    result = parse(cited(), file({}) + b"unemployment_rate,too,short\r\n")
    assert result.observations.num_rows == 1
    assert rules(result) == ["ragged_row"]


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (b"", UnreadableFileError, "empty"),
        (b"\x00" * 64, UnreadableFileError, "NUL"),
        (file({"note": "é"}).decode().encode("latin-1"), UnreadableFileError, "utf-8"),
        (file({}).decode().encode("utf-16"), UnreadableFileError, "NUL"),
        (file({})[:-8], UnreadableFileError, "cut off"),
        (b"a,b\n1,2\n", UnreadableFileError, "missing: indicator"),
        (file({}, columns=(*COLUMNS, "colour")), UnreadableFileError, "unknown: colour"),
        (b"<!DOCTYPE html><html></html>", HtmlReplyError, "web page"),
    ],
)
def test_bytes_that_are_no_file_of_citations_are_refused(
    body: bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        parse(cited(), body)


def test_a_byte_order_mark_and_another_column_order_are_no_obstacle() -> None:
    body = b"\xef\xbb\xbf" + file({}, columns=tuple(reversed(COLUMNS)))
    assert parse(cited(), body).observations["value"].to_pylist() == [Decimal("10.61")]
