"""Keys that two combinations spell, lists that name a code twice, and cells read one by one."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest

from ingest.errors import UnknownReplyError, UnreadableFileError
from ingest.observation import DECIMAL
from ingest.periods import UNDATED
from ingest.sources import bps_keys, bps_text
from ingest.sources.bps_content import read_content
from ingest.sources.bps_keys import AMBIGUOUS, REPEATED, UNMATCHED, Dimensions, decode
from tests.ingest.parsing import parse
from tests.ingest.sources.bps_encoder import Wire
from tests.ingest.sources.test_bps_dynamic_data import BANTEN, ROUNDS, WIRE, variable


def keys(*texts: str) -> pa.Array:
    return pa.array(texts, pa.string())


@pytest.mark.parametrize(
    ("vervar", "turvar", "once"),
    [
        (["11", "12"], ["1", "2"], True),
        (["1", "11"], ["1", "2"], True),  # one dimension takes what the others leave
        (["11", "12"], ["1", "22"], True),
        (["1", "11"], ["1", "11"], False),
        (["11", "11"], ["1", "2"], False),  # a code that stands twice
        (["11", "12"], ["1", "1"], False),
    ],
)
def test_keys_are_unique_where_at_most_one_dimension_has_codes_of_several_lengths(
    vervar: list[str], turvar: list[str], once: bool
) -> None:
    assert Dimensions(vervar, "5", turvar, ["123"], ["0"]).spell_each_key_once() is once


@pytest.mark.parametrize("few", [0, 1024])
@pytest.mark.parametrize("block", [1, 2, 1 << 18])
def test_every_combination_of_an_ambiguous_key_is_known_by_its_number(
    few: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bps_keys, "FEW", few)
    monkeypatch.setattr(bps_keys, "BLOCK", block)
    twice = Dimensions(["3", "1", "1"], "5", ["0"], ["123"], ["0", "1"])
    decoded = decode(keys("1501231", "3501230", "1501230", "7501230"), twice)
    assert decoded.places.tolist() == [AMBIGUOUS, 0, AMBIGUOUS, UNMATCHED]
    assert {at: sorted(found) for at, found in decoded.readings.items()} == {0: [3, 5], 2: [2, 4]}


@pytest.mark.parametrize("asked", [["1501230"], ["2501230", "1501230"], ["3501230"]])
def test_keys_that_all_lie_in_one_block_are_counted_from_the_first(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bps_keys, "FEW", 0)
    monkeypatch.setattr(bps_keys, "BLOCK", 2)
    heads = ["3", "4", "1", "2"]
    decoded = decode(keys(*asked), Dimensions(heads, "5", ["0"], ["123"], ["0"]))
    assert decoded.places.tolist() == [heads.index(key[0]) for key in asked]


@pytest.mark.parametrize("few", [0, 1024])
def test_both_copies_of_a_key_are_marked_and_no_other(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bps_keys, "FEW", few)
    plain = Dimensions(["3", "1"], "5", ["0"], ["123"], ["0"])
    decoded = decode(keys("1501230", "3501230", "1501230"), plain)
    assert decoded.places.tolist() == [REPEATED, 0, REPEATED]
    assert decode(keys("9", "9"), plain).places.tolist() == [UNMATCHED] * 2


def test_codes_too_long_to_be_counted_with_are_compared_as_texts() -> None:
    long = Dimensions(["1" * 20, "1" * 20], "5", ["0"], ["123"], ["0"])
    decoded = decode(keys("7", f"{'1' * 20}501230"), long)
    assert decoded.places.tolist() == [UNMATCHED, AMBIGUOUS]


def test_an_ambiguous_key_names_each_of_its_readings() -> None:
    wire = Wire({"1": "A", "11": "B"}, {"123": "2023"}, {"0": "Tahun"},
                turvar={"1": "X", "11": "Y"}, variable=1)  # fmt: skip
    described = variable(
        request={"domain": "0000", "variable": 1},
        region={"from": "fixed", "code": "0000"},
        period={"annual": ["Tahun"]},
    )
    assert wire.key("1", "11", "123", "0") == wire.key("11", "1", "123", "0") == "11111230"
    (rejected,) = parse(described, wire.body({"11111230": 5})).rejected.to_pylist()
    assert rejected["rule"] == "ambiguous_key"
    ends = "tahun 123 '2023', turtahun 0 'Tahun'"
    assert rejected["message"] == (
        f"the key means vervar 1 'A', turvar 11 'Y', {ends}; or vervar 11 'B', turvar 1 'X', {ends}"
    )


def test_three_entries_of_one_meaning_name_both_others() -> None:
    rounds = {"190": "Agustus", "290": "agustus", "390": "<b>Agustus</b>"}
    wire = Wire(WIRE.vervar, WIRE.tahun, rounds)
    (rejected,) = parse(variable(), wire.body({BANTEN: 5})).rejected.to_pylist()
    assert rejected["message"] == (
        "190 'Agustus' means the same as 290 'agustus', 390 'Agustus': nothing says which is right"
    )


# -- cells that are read one by one --------------------------------------------------------------


def test_cells_of_every_kind_keep_their_text_and_the_numbers_their_value() -> None:
    found = read_content({"1": 1e16, "2": "x", "3": 7, "4": None, "5": 0.5})
    assert found.texts.to_pylist() == ["1e+16", '"x"', "7", "null", "0.5"]
    assert found.values.to_pylist() == [Decimal(10**16), None, Decimal(7), None, Decimal("0.5")]
    assert {at: error.rule for at, error in found.problems.items()} == {
        1: "non_numeric", 3: "non_numeric",
    }  # fmt: skip
    assert str(found.problems[1]) == 'the value "x" is no number'


def test_a_content_without_any_number_still_has_columns_of_their_types() -> None:
    found = read_content({"1": None, "2": []})
    assert (found.keys.type, found.texts.type, found.values.type) == (
        pa.string(), pa.string(), DECIMAL,
    )  # fmt: skip
    assert found.values.null_count == 2


def test_a_long_value_is_quoted_by_its_first_60_characters() -> None:
    found = read_content({"1": "x" * 100})
    assert str(found.problems[0]) == f'the value "{"x" * 59} is no number'


def test_a_number_beyond_the_warehouse_is_named() -> None:
    found = read_content({"1": 1e300, "2": 5})
    assert found.problems[0].rule == "too_large"
    assert "1e+300" in str(found.problems[0])
    assert found.values.to_pylist() == [None, Decimal(5)]


@pytest.mark.parametrize("odd", ['"1": 2', '"1":2 ', '"1":nan', '"a":1', ' "1":2', '"1":2\n'])
def test_neither_way_reads_what_bps_does_not_write(odd: str) -> None:
    assert bps_text._few(odd.encode()) is None
    assert bps_text._many(odd.encode()) is None


def test_a_region_that_was_listed_twice_under_two_names_is_refused() -> None:
    reply = Wire(WIRE.vervar, WIRE.tahun, ROUNDS).body({BANTEN: 5})
    twice = reply.replace(b'{"val":9999,"label":"<b>INDONESIA</b>"}', b'{"val":3600,"label":"B"}')
    rejected = parse(variable(), twice).rejected.to_pylist()
    assert [row["rule"] for row in rejected] == ["ambiguous_key"]


# -- rejected cells ------------------------------------------------------------------------------


def test_every_rejected_cell_says_of_which_dataset_and_reply_it_is() -> None:
    nation = "99995430123190"
    rejected = parse(variable(), WIRE.body({BANTEN: 106, nation: -1, "7": 5})).rejected.to_pylist()
    assert [(row["locator"], row["raw_value"], row["rule"]) for row in rejected] == [
        (BANTEN, "106", "out_of_bounds"), (nation, "-1", "out_of_bounds"),
        ("7", "5", "unmatched_key"),
    ]  # fmt: skip
    assert {(row["dataset_id"], row["snapshot_id"]) for row in rejected} == {
        ("test_dataset", "0" * 64)
    }


def test_a_round_nobody_asked_for_and_an_unknown_one_say_so() -> None:
    rounds = {"189": "Tahunan", "190": "Lebaran"}
    wire = Wire(WIRE.vervar, WIRE.tahun, rounds)
    cells = {"36005430123189": 5, "36005430123190": 5}
    rejected = parse(variable(), wire.body(cells)).rejected.to_pylist()
    assert [row["message"] for row in rejected] == [
        "the file declares 189 'Tahunan' as not asked for",
        "190 'Lebaran' is in no list of the file's `period`",
    ]


def test_a_year_that_is_no_year_is_told() -> None:
    wire = Wire(WIRE.vervar, {"123": UNDATED}, {"0": "Tahun"})
    described = variable(period={"annual": ["Tahun"]})
    (rejected,) = parse(described, wire.body({"360054301230": 5})).rejected.to_pylist()
    assert (rejected["rule"], rejected["message"]) == (
        "unknown_period", f"'{UNDATED}' is no year",
    )  # fmt: skip


def test_a_number_too_large_once_scaled_is_named_as_it_was_read() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Ribu Jiwa")
    described = variable(indicator="unemployed", unit="Ribu Jiwa")
    result = parse(described, wire.body({BANTEN: 10**21}))
    (rejected,) = result.rejected.to_pylist()
    assert f"{10**21}.000000" in rejected["message"]
    assert result.observations.num_rows == 0


@pytest.mark.parametrize(("decimals", "precision"), [(4, "0.000001"), (5, None)])
def test_a_precision_finer_than_what_is_stored_is_none(
    decimals: int, precision: str | None
) -> None:
    wire = Wire(
        WIRE.vervar, WIRE.tahun, ROUNDS, unit="rasio jenis kelamin", decimal=decimals
    )  # fmt: skip
    described = variable(indicator="population_sex_ratio", unit="rasio jenis kelamin")
    (row,) = parse(described, wire.body({BANTEN: 104})).observations.to_pylist()
    assert row["value"] == Decimal("1.04")
    assert row["precision"] == (None if precision is None else Decimal(precision))


def test_a_reply_without_its_variable_names_the_dataset() -> None:
    body = WIRE.body({BANTEN: 5}).replace(b'"var":[', b'"ver":[')
    with pytest.raises(UnreadableFileError, match=r"^test_dataset: the reply's `var` is no list"):
        parse(variable(), body)


def test_a_reply_that_is_refused_or_has_no_content_says_so_of_its_dataset() -> None:
    with pytest.raises(UnreadableFileError) as none:
        parse(variable(), b'{"status":"OK","datacontent":7}')
    assert str(none.value) == (
        "test_dataset: the reply has no `datacontent`: either it answers another question than "
        "model=data, or BPS has changed its form"
    )
    with pytest.raises(UnknownReplyError) as refused:
        parse(variable(), b'{"status":"Error","message":"odd"}')
    assert str(refused.value) == "test_dataset: BPS answered with an unknown error: 'odd'"


def test_an_empty_content_has_columns_of_their_types() -> None:
    found = read_content({})
    assert (found.keys.type, found.texts.type, found.values.type) == (
        pa.string(), pa.string(), DECIMAL,
    )  # fmt: skip
