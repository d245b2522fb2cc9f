"""DJPK workbooks: SpreadsheetML that looks harmless and is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from ingest.errors import HtmlReplyError, NothingAvailableError, UnreadableFileError
from ingest.observation import ParseResult
from ingest.protocol import Snapshot
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from ingest.sources.djpk_questions import Asked, slug
from tests.ingest.parsing import context, dataset, recorded
from tests.replicas.djpk import no_report, php, workbook

NAMED = "2024-06-28.03-banten-kabupaten_serang"


def apbd(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "djpk.apbd",
            "source": "djpk",
            "request": {"provinces": ["Banten"], "years": "2011:"},
            "reads": "realised",
            "stage": "realised_to_date",
            "account": "budget_account",
            "nomenclatures": [
                {"years": ":2015", "accounts": {"Pendapatan": "budget_revenue"}},
                {
                    "years": "2016:",
                    "accounts": {
                        "Pendapatan Daerah": "budget_revenue",
                        "PAD": "budget_own_revenue",
                        "TKDD": "budget_transfer_revenue",
                        "Belanja Modal": "budget_expenditure_capital",
                        "Belanja Lainnya": "budget_expenditure_other",
                    },
                },
            ],
            **fields,
        }
    )


def parse(described: Dataset, body: bytes, partition: str = NAMED) -> ParseResult:
    snapshot = Snapshot(described.dataset, partition, "0" * 64)
    return PROTOCOLS["djpk.apbd"].parse(described, snapshot, body, context())


def rows(result: ParseResult) -> dict[tuple[str, str], dict[str, Any]]:
    found = {(r["indicator_id"], r["category"]): r for r in result.observations.to_pylist()}
    assert len(found) == result.observations.num_rows
    return found


def test_the_recorded_shape_is_read_line_by_line_and_nothing_is_merged():
    result = parse(apbd(), recorded("djpk_csv_apbd.shape.xml"))
    assert (result.n_items, result.rejected.num_rows) == (7, 0)
    found = rows(result)
    assert found["budget_revenue", "total"]["value"] == Decimal("2531277365409")
    assert found["budget_revenue", "total"]["value_text"] == "2531277365408.8"
    assert found["budget_transfer_revenue", "total"]["value"] == Decimal("1130000000000000")
    assert found["budget_transfer_revenue", "total"]["precision"] == 100
    assert found["budget_expenditure_capital", "total"]["value"] == 227290000000
    assert found["budget_account", "Belanja Modal #2"]["value"] == 227290000000
    # Two lines of one label with different figures: neither is the indicator.
    assert ("budget_expenditure_other", "total") not in found
    assert found["budget_account", "Belanja Lainnya"]["value"] == 204560000000
    assert found["budget_account", "Belanja Lainnya #2"]["value"] == 0
    assert "other figures" in found["budget_account", "Belanja Lainnya"]["note"]
    attributes = orjson.loads(found["budget_account", "Belanja Lainnya"]["attributes"])
    assert attributes["persentase"] == "364.47"
    assert attributes["occurrence"] == "1"


def test_a_label_printed_twice_is_the_indicator_only_where_both_say_the_same():
    same = [("Belanja Modal", Decimal(9), Decimal(4))] * 2
    other = [("Belanja Lainnya", Decimal(9), Decimal(n)) for n in (5, 6)]
    found = rows(parse(apbd(), workbook([*same, *other]).encode()))
    assert {key: row["value"] for key, row in found.items()} == {
        ("budget_expenditure_capital", "total"): 4,
        ("budget_account", "Belanja Modal #2"): 4,
        ("budget_account", "Belanja Lainnya"): 5,
        ("budget_account", "Belanja Lainnya #2"): 6,
    }


def test_what_was_realised_counts_from_january_to_the_month_of_the_question():
    (row, *_) = rows(parse(apbd(), recorded("djpk_csv_apbd.shape.xml"))).values()
    assert row["period_label"] == "2024-01-01/2024-06-30"
    assert (row["period_kind"], row["stage"]) == ("cumulative", "realised_to_date")
    assert (row["region_code"], row["perimeter"]) == ("3604", "own_government")


def test_the_budget_is_of_the_whole_year_at_the_declared_stage():
    budget = apbd(reads="budget", stage="unspecified")
    body = recorded("djpk_csv_apbd.shape.xml")
    found = rows(parse(budget, body, "2024-28.03-banten-kabupaten_serang"))
    row = found["budget_transfer_revenue", "total"]
    assert row["value"] == Decimal("1192536667220300")
    assert (row["period_label"], row["period_kind"]) == ("2024", "flow")
    assert (row["stage"], row["precision"]) == ("unspecified", 100)


def test_a_header_with_the_error_page_behind_it_is_no_report():
    for body in (recorded("djpk_csv_apbd.no_report.xml"), no_report().encode()):
        with pytest.raises(NothingAvailableError, match="no report"):
            parse(apbd(), body)


def test_an_error_page_behind_figures_is_no_short_report():
    text = workbook([("PAD", Decimal(10), Decimal(5))])
    body = text.split("</Table>")[0] + "<!DOCTYPE html><html></html>"
    with pytest.raises(HtmlReplyError, match="after 2 rows"):
        parse(apbd(), body.encode())


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<Workbook>&b;</Workbook>"
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    "<Workbook>&x;</Workbook>"
)


@pytest.mark.parametrize("body", [BOMB, OUTSIDE])
def test_xml_with_a_dtd_or_entities_is_refused(body):
    with pytest.raises(UnreadableFileError, match="DTD or entities"):
        parse(apbd(), body.encode())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "", "empty"),
        (lambda text: text[: len(text) // 2], "cut off"),
        (lambda text: text.replace(">Anggaran<", ">Pagu<"), "changed its form"),
        (lambda text: text.replace("Workbook", "Lembar"), "0 sheets"),
        (lambda text: "null", "no XML"),
    ],
)
def test_what_is_no_report_says_why(change, message):
    text = workbook([("PAD", Decimal(10), Decimal(5))])
    with pytest.raises(UnreadableFileError, match=message):
        parse(apbd(), change(text).encode())


def test_a_row_of_another_width_and_a_text_for_a_number_are_rejected_alone():
    text = workbook([("PAD", Decimal(10), Decimal(5)), ("TKDD", Decimal(1), Decimal(2))])
    broken = text.replace(">5<", ">lima<").replace(
        '<Cell><Data ss:Type="String"> TKDD</Data></Cell>', ""
    )
    result = parse(apbd(), broken.encode())
    assert result.rejected["rule"].to_pylist() == ["not_a_number", "ragged_row"]
    assert result.rejected["locator"].to_pylist() == ["row 2, Realisasi", "row 3, Realisasi"]
    assert result.n_items == 2


def test_a_cell_left_out_by_its_index_shifts_no_figure():
    text = workbook([("PAD", Decimal(10), Decimal(5))])
    moved = text.replace(
        '<Cell><Data ss:Type="Number">10</Data></Cell><Cell>', '<Cell ss:Index="3">'
    )
    (row,) = rows(parse(apbd(), moved.encode())).values()
    assert row["value"] == 5


def test_half_a_rupiah_goes_to_the_even_one():
    lines = [("PAD", Decimal(9), Decimal("2.5")), ("TKDD", Decimal(9), Decimal("3.5"))]
    found = rows(parse(apbd(), workbook(lines).encode()))
    assert [row["value"] for row in found.values()] == [2, 4]


def test_each_year_is_read_in_its_own_nomenclature():
    body = workbook([("Pendapatan", Decimal(10), Decimal(5))]).encode()
    old = rows(parse(apbd(), body, "2014-12-28.03-banten-kabupaten_serang"))
    new = rows(parse(apbd(), body, NAMED))
    assert list(old) == [("budget_revenue", "total")]
    assert list(new) == [("budget_account", "Pendapatan")]


@pytest.mark.parametrize(
    ("partition", "region"),
    [
        ("2024-06-28.03", "3604"),
        ("2024-06-28.00-banten-provinsi_banten", "3600"),
        # The portal's codes may move; the name says who it is.
        ("2024-06-28.99-banten-kota_serang", "3673"),
        ("2024-06-28.08-banten-kota_tangerangselatan", "3674"),
    ],
)
def test_the_region_is_told_by_name_or_for_a_saved_file_by_code(partition, region):
    body = workbook([("PAD", Decimal(10), Decimal(5))]).encode()
    (row,) = rows(parse(apbd(), body, partition)).values()
    assert row["region_code"] == region


def test_a_government_nobody_knows_is_rejected_with_every_line():
    body = workbook([("PAD", Decimal(10), Decimal(5))]).encode()
    result = parse(apbd(), body, "2024-06-28.77-banten-kabupaten_antah")
    assert result.rejected["rule"].to_pylist() == ["unknown_region"]


def test_a_file_name_that_says_nothing_is_refused_with_the_form_it_should_have():
    with pytest.raises(UnreadableFileError, match=r"2026-06-28\.03\.xml"):
        parse(apbd(), b"x", "download")
    with pytest.raises(UnreadableFileError, match="needs the month"):
        parse(apbd(), b"x", "2024-28.03")


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Kab. Serang", "kabupaten_serang"),
        ("Kab.Minahasa", "kabupaten_minahasa"),
        ("Prov. Banten", "provinsi_banten"),
        ("Provinsi Banten", "provinsi_banten"),
        ("Tomohon", "tomohon"),
    ],
)
def test_a_name_is_written_one_way_however_the_portal_prints_it(printed, name):
    assert slug(printed) == name
    asked = Asked(2024, 6, "28.03", "banten", name)
    assert Asked.of(asked.partition, "d") == asked


@pytest.mark.parametrize(
    ("value", "text"),
    [("1192536667220300", "1.1925366672203E+15"), ("2531277365408.8", "2531277365408.8")],
)
def test_the_replica_prints_numbers_as_the_portal_does(value, text):
    assert php(Decimal(value)) == text


def test_two_nomenclatures_of_one_year_are_a_mistake():
    with pytest.raises(ValidationError, match="two nomenclatures cover 2015"):
        apbd(
            nomenclatures=[
                {"years": ":2015", "accounts": {}},
                {"years": "2015:", "accounts": {}},
            ]
        )
