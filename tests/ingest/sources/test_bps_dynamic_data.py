"""A reply of BPS dynamic data becomes rows and rejected items, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.errors import UnreadableFileError
from ingest.observation import ParseResult
from ingest.periods import UNDATED
from ingest.schema import Dataset
from ingest.sources import bps_text
from ingest.sources.bps_keys import AMBIGUOUS, UNMATCHED, Dimensions, decode
from tests.ingest.parsing import dataset, parse, recorded, rules
from tests.ingest.sources.bps_encoder import Wire

ROUNDS = {"189": "Februari", "190": "Agustus", "191": "Tahunan"}
WIRE = Wire(
    vervar={"3600": "BANTEN", "9999": "<b>INDONESIA</b>"},
    tahun={"123": "2023"},
    turtahun=ROUNDS,
)
BANTEN, NATION = "36005430123190", "99995430123190"


def variable(**fields: Any) -> Dataset:
    return dataset(
        **{
            "protocol": "bps.dynamic_data",
            "request": {"domain": "0000", "variable": 543, "years": "2010:"},
            "region": {"from": "vervar", "system": "bps"},
            "period": {
                "months": {"Februari": 2, "Agustus": 8, "November": 11},
                "ignore": ["Tahunan"],
            },
            "indicator": "unemployment_rate",
            "unit": "Persen",
            **fields,
        }
    )


def only(result: ParseResult) -> dict[str, Any]:
    (row,) = result.observations.to_pylist()
    return row


def test_the_recorded_reply_gives_70_observations_and_none_rejected() -> None:
    result = parse(variable(), recorded("bps_data_0000_var543_th123.json"))
    assert (result.n_items, result.observations.num_rows, rules(result)) == (70, 70, [])
    rows = {(r["region_code"], r["period_label"]): r for r in result.observations.to_pylist()}
    assert rows["3600", "2023-08"]["value"] == Decimal("7.52")
    assert rows["0000", "2023-08"]["value"] == Decimal("5.32")
    assert rows["0000", "2023-02"]["locator"] == "99995430123189"
    assert len(rows) == 70


def test_a_cell_becomes_a_row_with_its_place_and_days() -> None:
    row = only(parse(variable(), WIRE.body({BANTEN: 7.52})))
    assert row["locator"] == BANTEN
    assert row["region_code"] == "3600"
    assert (row["period_label"], row["period_kind"]) == ("2023-08", "round")
    assert (row["period_start"], row["period_end"]) == (date(2023, 8, 1), date(2023, 8, 31))
    assert (row["value"], row["value_text"]) == (Decimal("7.52"), "7.52")
    assert (row["unit"], row["precision"]) == ("percent", Decimal("0.01"))
    assert (row["breakdown"], row["category"], row["stage"]) == ("total", "total", "observed")
    assert row["published_at"] is None
    assert row["attributes"] == '{"last_update":"2025-11-07 14:01:46"}'


def test_the_nation_is_listed_as_9999_in_bold_and_read_as_0000() -> None:
    assert only(parse(variable(), WIRE.body({NATION: 5.32})))["region_code"] == "0000"


def test_a_november_round_is_a_round_of_its_own() -> None:
    wire = Wire(WIRE.vervar, {"125": "2025"}, {"34": "November "})
    row = only(parse(variable(), wire.body({"3600543012534": 6.45})))
    assert row["period_label"] == "2025-11"


def test_a_year_that_is_none_is_not_read_as_a_figure_without_a_date() -> None:
    wire = Wire(WIRE.vervar, {"123": UNDATED}, {"191": "Tahunan"})
    result = parse(variable(period={"annual": ["Tahunan"]}), wire.body({"36005430123191": 7.5}))
    assert (result.observations.num_rows, rules(result)) == (0, ["unknown_period"])


def test_what_is_listed_but_not_filled_gives_nothing() -> None:
    result = parse(variable(), WIRE.body({}))
    assert (result.n_items, result.observations.num_rows) == (0, 0)


def test_an_empty_object_written_as_a_list_is_empty() -> None:
    assert parse(variable(), WIRE.body({}).replace(b'"datacontent":{}', b'"datacontent":[]'))


@pytest.mark.parametrize(
    ("wire", "content", "rule", "said"),
    [
        (WIRE, {"36005430123191": 7.4}, "ignored_period", "Tahunan"),
        (WIRE, {"36005430124190": 7.4}, "unmatched_key", "no combination"),
        (WIRE, {"not a key": 7.4}, "unmatched_key", "no combination"),
        (WIRE, {BANTEN: 106}, "out_of_bounds", "never above 100"),
        (WIRE, {BANTEN: -1.5}, "out_of_bounds", "never below 0"),
        (WIRE, {BANTEN: "7.52"}, "non_numeric", '"7.52"'),
        (WIRE, {BANTEN: None}, "non_numeric", "null"),
        (WIRE, {BANTEN: True}, "non_numeric", "true"),
        (WIRE, {BANTEN: [7.52]}, "non_numeric", "no number"),
        (WIRE, {BANTEN: 1e300}, "too_large", "22 digits"),
        (Wire({"3699": "ATLANTIS"}, {"123": "2023"}, ROUNDS), {"36995430123190": 1},
         "unknown_region", "ATLANTIS"),
        (Wire(WIRE.vervar, {"123": "2023"}, {"190": "Lebaran"}), {BANTEN: 1},
         "unknown_period", "Lebaran"),
        (Wire(WIRE.vervar, {"123": "2023*"}, ROUNDS), {BANTEN: 1}, "unknown_period", "2023*"),
        (Wire(WIRE.vervar, {"123": "2023"}, ROUNDS, turvar={"7": "Perempuan"}),
         {"36005437123190": 1}, "undeclared_dimension", "Perempuan"),
        (Wire(WIRE.vervar, {"123": "2023"}, ROUNDS, unit="Ribu Jiwa"), {BANTEN: 1},
         "unit_changed", "Ribu Jiwa"),
        (Wire({"9999": "INDONESIA", "0000": "Indonesia"}, {"123": "2023"}, ROUNDS), {NATION: 5},
         "duplicate_dimension", "means the same as"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_rejected_with_its_reason(
    wire: Wire, content: dict[str, Any], rule: str, said: str
) -> None:
    result = parse(variable(), wire.body(content))
    assert (result.observations.num_rows, rules(result)) == (0, [rule])
    (rejected,) = result.rejected.to_pylist()
    assert said in rejected["message"]
    assert rejected["locator"] == next(iter(content))
    assert rejected["raw_value"]


def test_one_bad_cell_spoils_no_other() -> None:
    result = parse(variable(), WIRE.body({BANTEN: 7.52, NATION: "x", "36005430123191": 7, "9": 1}))
    assert only(result)["value"] == Decimal("7.52")
    assert sorted(rules(result)) == ["ignored_period", "non_numeric", "unmatched_key"]
    assert result.n_items == 4


def test_the_same_unit_in_other_words_is_no_change() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit=" % ")
    assert only(parse(variable(), wire.body({BANTEN: 7.52})))["unit"] == "percent"


def test_a_unit_of_another_dimension_rejects_every_cell() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Jiwa")
    result = parse(variable(unit=None), wire.body({BANTEN: 7.52, NATION: 5.32}))
    assert rules(result) == ["incompatible_unit"] * 2


def test_thousands_are_scaled_and_so_is_their_precision() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Ribu Jiwa", decimal=1)
    row = only(
        parse(variable(indicator="unemployed", unit="Ribu Jiwa"), wire.body({BANTEN: 449.6}))
    )
    assert (row["value"], row["value_text"], row["unit"]) == (449600, "449.6", "persons")
    assert row["precision"] == 100


def test_a_unit_that_says_nothing_is_read_as_declared() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Tidak Ada Satuan")
    described = variable(indicator="unemployed", unit="Tidak Ada Satuan", read_as="persons")
    assert only(parse(described, wire.body({BANTEN: 449600})))["value"] == 449600


def test_derived_variables_are_categories_and_jumlah_is_the_total() -> None:
    wire = Wire(
        WIRE.vervar, WIRE.tahun, {"0": "Tahun"},
        turvar={"31": "Laki-laki", "32": "Perempuan ", "33": "Jumlah", "34": "Lain"},
    )  # fmt: skip
    described = variable(
        period={"annual": ["Tahun"]},
        breakdown={
            "from": "turvar",
            "breakdown": "sex",
            "categories": {"Laki-laki": "male", "Perempuan": "female", "Jumlah": "total"},
        },
    )
    body = wire.body({f"3600543{code}1230": 7 for code in wire.turvar})
    result = parse(described, body)
    rows = {(r["breakdown"], r["category"]) for r in result.observations.to_pylist()}
    assert rows == {("sex", "male"), ("sex", "female"), ("total", "total")}
    assert set(result.observations["period_label"].to_pylist()) == {"2023"}
    assert rules(result) == ["unknown_category"]


def test_a_fixed_region_takes_its_breakdown_from_vervar() -> None:
    wire = Wire({"1": "15-24", "2": "25+"}, WIRE.tahun, {"190": "Agustus"})
    described = variable(
        request={"domain": "3604", "variable": 543},
        region={"from": "fixed", "code": "3604"},
        breakdown={
            "from": "vervar", "breakdown": "age", "categories": {"15-24": "15_24", "25+": "25_up"},
        },
    )  # fmt: skip
    rows = parse(described, wire.body({"15430123190": 25, "25430123190": 5})).observations
    assert rows["region_code"].to_pylist() == ["3604", "3604"]
    assert sorted(rows["category"].to_pylist()) == ["15_24", "25_up"]


def test_a_fixed_region_nobody_knows_rejects_every_cell() -> None:
    wire = Wire({"1": "x"}, WIRE.tahun, {"190": "Agustus"})
    result = parse(
        variable(region={"from": "fixed", "code": "3699"}), wire.body({"15430123190": 7})
    )
    assert rules(result) == ["unknown_region"]


@pytest.mark.parametrize(
    "values",
    [
        {"a": 2**63 - 1, "b": 2**60 + 1}, {"a": 2**53 + 1, "b": 0.5},
        {"a": 123456789012.57, "b": 0.1}, {"a": 1192536667220300, "b": 4.1},
    ],
)  # fmt: skip
def test_large_numbers_keep_every_digit(values: dict[str, Any]) -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Rupiah")
    described = variable(indicator="budget_revenue", unit="Rupiah")
    result = parse(described, wire.body({BANTEN: values["a"], NATION: values["b"]}))
    read = dict(zip(result.observations["locator"].to_pylist(),
                    result.observations["value"].to_pylist(), strict=True))  # fmt: skip
    assert read == {BANTEN: Decimal(str(values["a"])), NATION: Decimal(str(values["b"]))}


def test_decimals_beyond_the_sixth_are_rounded_and_the_printed_text_stays() -> None:
    row = only(parse(variable(), WIRE.body({BANTEN: 7.52345678901})))
    assert (row["value"], row["value_text"]) == (Decimal("7.523457"), "7.52345678901")


@pytest.mark.parametrize("printed", ["7.50", "7.5", "7", "7.0", "75e-1", "-0", "0.000001"])
def test_the_digits_stay_as_printed(printed: str) -> None:
    body = WIRE.body({BANTEN: 12345}).replace(b"12345", printed.encode())
    row = only(parse(variable(), body))
    assert (row["value_text"], row["value"]) == (printed, Decimal(printed))


def test_a_key_that_stands_twice_is_rejected_twice() -> None:
    body = WIRE.body({BANTEN: 7.5, NATION: 5.5, "x": 1}).replace(b'"x"', f'"{BANTEN}"'.encode())
    result = parse(variable(), body)
    assert only(result)["locator"] == NATION
    assert rules(result) == ["repeated_key"] * 2


@pytest.mark.parametrize(
    "broken",
    ["7.5,", ',"":', "7.5}", "7..5", "1:2", '"7', "[7.5", "7.5\\n", "- 7", "7_5", "٣", "1,2", ""],
)
def test_content_that_is_no_json_is_refused_whole(broken: str) -> None:
    body = WIRE.body({BANTEN: 12345, NATION: 1}).replace(b"12345", broken.encode(), 1)
    with pytest.raises(UnreadableFileError):
        parse(variable(), body)


def test_a_label_that_quotes_the_content_is_no_content() -> None:
    wire = Wire({"3600": 'BANTEN "datacontent":{"1":2}'}, WIRE.tahun, ROUNDS)
    assert only(parse(variable(), wire.body({BANTEN: 7.52})))["value"] == Decimal("7.52")


def test_another_variables_reply_is_refused_whole() -> None:
    with pytest.raises(UnreadableFileError, match="about variable 544"):
        parse(variable(), Wire(WIRE.vervar, WIRE.tahun, ROUNDS, variable=544).body({}))


@pytest.mark.parametrize("missing", ["vervar", "turvar", "tahun", "turtahun", "var", "datacontent"])
def test_a_changed_form_is_refused_whole(missing: str) -> None:
    body = WIRE.body({BANTEN: 7.52}).replace(f'"{missing}"'.encode(), b'"renamed"')
    with pytest.raises(UnreadableFileError, match=f"`{missing}`"):
        parse(variable(), body)


@pytest.mark.parametrize(
    "fields",
    [
        {"period": {"ignore": ["Tahunan"]}},
        {"period": {"months": {"Agustus": 8}, "ignore": ["<b>agustus</b>"]}},
        {"period": {"months": {"Agustus": 13}}},
        {"request": {"domain": "0", "variable": 543}},
        {"request": {"domain": "0000", "variable": 543, "years": "2010-2012"}},
        {"breakdown": {"from": "vervar", "breakdown": "sex", "categories": {"a": "b"}}},
        {"colour": "red"},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        variable(**fields)


# -- any set of dimensions and values -------------------------------------------------

REGIONS = ["1100", "3600", "3604", "3673", "9100"]
TERNARY = st.integers(0, 130).map(str)
MONTHS = {str(number): f"Bulan {number}" for number in range(1, 13)}
Cell = tuple[str, str, str, str]


@st.composite
def replies(draw: st.DrawFn, vervar: st.SearchStrategy[str]) -> tuple[Wire, dict[Cell, float]]:
    """Draw any dimensions, and values for some of their combinations."""
    th = draw(st.lists(st.integers(86, 126).map(str), min_size=1, max_size=3, unique=True))
    wire = Wire(
        vervar={c: c for c in draw(st.lists(vervar, min_size=1, max_size=8, unique=True))},
        turvar={c: c for c in draw(st.lists(TERNARY, min_size=1, max_size=5, unique=True))},
        tahun={code: str(1900 + int(code)) for code in th},
        turtahun={
            c: MONTHS[c]
            for c in draw(st.lists(st.sampled_from(sorted(MONTHS)), min_size=1, unique=True))
        },
        variable=draw(st.integers(1, 2500)),
    )
    cell = st.tuples(
        *(st.sampled_from(sorted(d)) for d in (wire.vervar, wire.turvar, wire.tahun, wire.turtahun))
    )
    value = st.floats(0, 100).map(lambda number: round(number, 2)) | st.integers(0, 100)
    return wire, draw(st.dictionaries(cell, value, max_size=30))


@settings(max_examples=150, deadline=None)
@given(replies(st.sampled_from(REGIONS)))
def test_any_reply_reads_as_what_was_encoded_or_says_which_keys_are_ambiguous(
    drawn: tuple[Wire, dict[Cell, float]],
) -> None:
    wire, cells = drawn
    described = variable(
        request={"domain": "0000", "variable": wire.variable},
        period={"months": {label: int(code) for code, label in MONTHS.items()}},
        breakdown={
            "from": "turvar", "breakdown": "sex",
            "categories": {code: f"c{code}" for code in wire.turvar},
        },
    )  # fmt: skip
    content = {wire.key(*cell): value for cell, value in cells.items()}
    spellings = wire.spellings(cells)
    result = parse(described, wire.body(content))
    expected = {
        (v, f"c{d}", f"{wire.tahun[y]}-{int(r):02d}", Decimal(str(value)))
        for (v, d, y, r), value in cells.items()
        if spellings[wire.key(v, d, y, r)] == 1
    }
    read = {
        (r["region_code"], r["category"], r["period_label"], r["value"])
        for r in result.observations.to_pylist()
    }
    assert read == expected
    indented = parse(described, wire.body(content, indent=1))
    assert read == {
        (r["region_code"], r["category"], r["period_label"], r["value"])
        for r in indented.observations.to_pylist()
    }
    assert rules(indented) == rules(result)
    assert set(result.rejected["locator"].to_pylist()) == _twice(spellings)
    assert set(rules(result)) <= {"ambiguous_key"}
    assert result.n_items == len(content)


@settings(max_examples=150, deadline=None)
@given(
    replies(st.integers(0, 12000).map(str) | st.integers(10**8, 10**12).map(str)),
    st.integers(1, 40),
    st.sampled_from(["absent", "", "1", "0" * 17, "9" * 18, "-1", "\u0663"]),
    st.sampled_from([0, 1024]),
)
def test_any_key_decodes_to_its_combination_in_blocks_of_any_size(
    drawn: tuple[Wire, dict[Cell, float]], block: int, odd: str, few: int
) -> None:
    """Also behind a zero, as text or as a number, short or long, few or many."""
    wire, cells = drawn
    codes = Dimensions(
        list(wire.vervar), str(wire.variable), list(wire.turvar), list(wire.tahun),
        list(wire.turtahun),
    )  # fmt: skip
    combinations = list(product(codes.vervar, codes.turvar, codes.th, codes.turth))
    spellings = Counter(wire.key(*combination) for combination in combinations)
    asked = [wire.key(*cell) for cell in cells]
    keys = list(dict.fromkeys([*asked, *(f"0{key}" for key in asked), odd]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.sources.bps_keys.BLOCK", block)
        patch.setattr("ingest.sources.bps_keys.FEW", few)
        decoded = decode(pa.array(keys, pa.string()), codes)
    for key, place in zip(keys, decoded.places.tolist(), strict=True):
        if spellings[key] == 0:
            assert place == UNMATCHED
        elif spellings[key] > 1:
            assert place == AMBIGUOUS
        else:
            assert wire.key(*combinations[place]) == key
    assert {keys[at]: len(found) for at, found in decoded.readings.items()} == {
        key: spellings[key] for key in keys if spellings[key] > 1
    }


def _twice(spellings: dict[str, int]) -> set[str]:
    return {key for key, number in spellings.items() if number > 1}


@pytest.mark.parametrize("number", ["7.52", "-1e3", "0.12345678", "12"])
def test_small_and_large_contents_are_split_alike(number: str) -> None:
    inner = ",".join(f'"3600543012319{n}":{number}' for n in range(50)).encode()
    few, many = bps_text._few(inner), bps_text._many(inner)
    assert few is not None
    assert many is not None
    assert [column.to_pylist() for column in few] == [column.to_pylist() for column in many]
    assert len(few[0]) == 50


@pytest.mark.parametrize(
    "broken",
    ['"1":2":3,"4', '"1":2,', '"1":', '"1"', "1:2", '"":2', '"1":2,"3"', '"1":2,3:4', ',"1":2'],
)
def test_neither_way_splits_what_is_no_list_of_members(broken: str) -> None:
    assert bps_text._few(broken.encode()) is None
    assert bps_text._many(broken.encode()) is None


@pytest.mark.parametrize(
    ("printed", "stored"),
    [
        ("0.1234565", "0.123456"), ("0.1234575", "0.123458"), ("-0.0000005", "0.000000"),
        ("999999999.1234565", "999999999.123456"), ("2.5000005000000001", "2.500001"),
        ("1e-7", "0.000000"), ("12345678901.1234565", None), ("1e22", None),
    ],
)  # fmt: skip
def test_a_figure_between_two_stored_ones_goes_to_the_even_one(
    printed: str, stored: str | None
) -> None:
    """Half-even by the digits that were printed, which a double alone would not tell."""
    found = bps_text.cut_content(f'{{"datacontent":{{"1":7.5,"2":{printed}}}}}'.encode())
    values = found and [str(value) for value in found[1].values.to_pylist()]
    assert values == (["7.500000", stored] if stored else None)


@settings(max_examples=200, deadline=None)
@given(st.decimals(-(10**9), 10**9, places=6, allow_nan=False))
def test_every_figure_of_six_decimals_is_stored_to_the_digit(printed: Decimal) -> None:
    found = bps_text.cut_content(f'{{"datacontent":{{"1":{printed:f}}}}}'.encode())
    assert found is not None
    assert found[1].values.to_pylist() == [printed]


def test_a_content_too_large_for_the_small_way_reads_the_same() -> None:
    cells = ",".join(f'"36005430{n:06d}":{n}.5' for n in range(3000))
    found = bps_text.cut_content(f'{{"datacontent":{{{cells}}}}}'.encode())
    assert found is not None
    assert len(cells) > bps_text.SMALL
    assert found[1].keys[2999].as_py() == "36005430002999"
    assert found[1].values.to_pylist()[2999] == Decimal("2999.5")
