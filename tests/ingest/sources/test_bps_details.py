"""What a row of BPS says in every column, and every refusal to the letter."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ingest import errors
from ingest.sources.bps_replies import LONGEST_QUOTE, read_object
from tests.ingest.parsing import FIXTURES, context, parse, rules
from tests.ingest.sources.bps_encoder import Wire
from tests.ingest.sources.test_bps_dynamic_data import (
    BANTEN,
    NATION,
    ROUNDS,
    WIRE,
    only,
    variable,
)

SEXES = {
    "from": "turvar", "breakdown": "sex",
    "categories": {"Perempuan": "female", "Wanita": "female"}, "ignore": ["Tidak Terjawab"],
}  # fmt: skip


def said(wire: Wire, content: dict[str, Any], **fields: Any) -> list[tuple[str, str]]:
    """Return rule and message of every rejected cell."""
    rejected = parse(variable(**fields), wire.body(content)).rejected.to_pylist()
    return [(row["rule"], row["message"]) for row in rejected]


def test_every_column_of_a_row_is_filled_as_the_file_declares() -> None:
    source = context().sources["bps"]
    described = variable(
        stage="projection", perimeter="component", series_version="revised_weights",
        claimant="BPS Pusat",
    )  # fmt: skip
    row = only(parse(described, WIRE.body({BANTEN: 7.5})))
    filled = {name: value for name, value in row.items() if value is not None}
    assert filled == {
        "dataset_id": "test_dataset", "snapshot_id": "0" * 64, "locator": BANTEN,
        "indicator_id": "unemployment_rate", "region_code": "3600",
        "period_start": date(2023, 8, 1), "period_end": date(2023, 8, 31),
        "period_label": "2023-08", "period_kind": "round",
        "stage": "projection", "perimeter": "component",
        "breakdown": "total", "category": "total",
        "attributes": '{"last_update":"2025-11-07 14:01:46"}',
        "value": Decimal("7.5"), "value_text": "7.5", "unit": "percent",
        "precision": Decimal("0.01"), "obs_status": "A",
        "series_version": "revised_weights", "source_id": "bps", "source_name": source.name,
        "source_url": source.url, "provenance_tier": source.provenance_tier,
        "claimant": "BPS Pusat", "published_at_basis": "none", "is_derived": False,
    }  # fmt: skip


def test_a_reply_without_its_day_says_nothing_of_it() -> None:
    reply = WIRE.reply({BANTEN: 7.5})
    del reply["last_update"]
    body = json.dumps(reply, separators=(",", ":")).encode()
    assert only(parse(variable(), body))["attributes"] is None


@pytest.mark.parametrize(
    ("decimals", "precision"),
    [(0, "1"), (1, "0.1"), (6, "0.000001"), (7, None), (40, None), ("", None), ("x", None),
     (-1, None), (None, None)],
)  # fmt: skip
def test_the_printed_decimals_are_the_precision_where_they_are_known(
    decimals: Any, precision: str | None
) -> None:
    reply = WIRE.reply({BANTEN: 7})
    reply["var"][0]["decimal"] = decimals
    row = only(parse(variable(), json.dumps(reply, separators=(",", ":")).encode()))
    assert row["precision"] == (None if precision is None else Decimal(precision))


def test_a_category_nobody_asks_for_is_told_from_an_unknown_one() -> None:
    wire = Wire(
        WIRE.vervar, WIRE.tahun, ROUNDS, turvar={"1": "Tidak  terjawab", "2": "Lain"}
    )  # fmt: skip
    cells = {"36005431123190": 7.5, "36005432123190": 7.5}
    assert said(wire, cells, breakdown=SEXES) == [
        ("ignored_category", "1 'Tidak terjawab' is not asked for"),
        ("unknown_category", "2 'Lain' is in neither categories nor ignore of the file"),
    ]


def test_entries_that_mean_the_same_name_each_other_and_nobody_else() -> None:
    turvar = {"1": "Perempuan", "2": "Wanita", "3": "Tidak terjawab"}
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, turvar=turvar)
    cells = {"36005431123190": 7.5, "36005432123190": 7.5}
    tail = "nothing says which is right"
    assert said(wire, cells, breakdown=SEXES) == [
        ("duplicate_dimension", f"1 'Perempuan' means the same as 2 'Wanita': {tail}"),
        ("duplicate_dimension", f"2 'Wanita' means the same as 1 'Perempuan': {tail}"),
    ]


def test_a_dimension_without_a_breakdown_says_what_to_add() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, turvar={"7": "Perempuan"})
    assert said(wire, {"36005437123190": 1}) == [
        (
            "undeclared_dimension",
            "turvar lists 7 'Perempuan', and the file says nothing about turvar: "
            "give it a `breakdown`",
        )
    ]
    rows = Wire({"1": "15-24", "2": "25+"}, WIRE.tahun, {"190": "Agustus"})
    fixed = {"from": "fixed", "code": "3604"}
    assert said(rows, {"15430123190": 5}, region=fixed) == [
        (
            "undeclared_dimension",
            "vervar lists 1 '15-24', and the file says nothing about vervar: give it a `breakdown`",
        )
    ]


def test_keys_that_fit_nothing_or_stand_twice_say_so() -> None:
    assert said(WIRE, {"36005430124190": 7.4}) == [
        ("unmatched_key", "no combination of the dimensions that the reply lists has this key")
    ]
    body = WIRE.body({BANTEN: 7.5, "x": 1}).replace(b'"x"', f'"{BANTEN}"'.encode())
    rejected = parse(variable(), body).rejected.to_pylist()
    assert {row["message"] for row in rejected} == {"the reply holds this key more than once"}


def test_a_wrong_unit_leaves_each_cell_its_printed_text() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Ribu Jiwa")
    result = parse(variable(), wire.body({BANTEN: 7.5, NATION: 60}))
    assert rules(result) == ["unit_changed"] * 2
    assert result.rejected["raw_value"].to_pylist() == ["7.5", "60"]
    assert result.rejected["message"][0].as_py() == (
        "BPS now prints 'Ribu Jiwa' for variable 543, the file says 'Persen': "
        "check the figures, then the file"
    )


def test_a_value_too_large_once_scaled_is_rejected_with_its_reason() -> None:
    wire = Wire(WIRE.vervar, WIRE.tahun, ROUNDS, unit="Ribu Jiwa")
    cells = {BANTEN: 10**21, NATION: 5}
    result = parse(variable(indicator="unemployed", unit="Ribu Jiwa"), wire.body(cells))
    assert rules(result) == ["too_large"]
    assert only(result)["value"] == 5000


@pytest.mark.parametrize("val", [True, -5, 5.5, "5a", "", None, [5]])
def test_an_entry_without_a_plain_code_is_a_changed_form(val: Any) -> None:
    reply = WIRE.reply({BANTEN: 7.5})
    reply["vervar"][0]["val"] = val
    with pytest.raises(errors.UnreadableFileError, match=r"`vervar` is no list of \{val, label\}"):
        parse(variable(), json.dumps(reply).encode())


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (None, errors.ReplyTooLargeError,
         "d: BPS answered `null`, as it does when an answer grows too large: "
         "ask for fewer years at once"),
        ([], errors.UnknownReplyError, "d: expected a JSON object, got list; try again later"),
        ({"status": "Error", "message": "Please re-check your key"}, errors.BadKeyError,
         "d: BPS refused the key; check LUMBUNG_BPS_KEY (a free key: webapi.bps.go.id/developer)"),
        ({"status": "Error", "message": "You are Not Allowed to take this action"},
         errors.BadKeyError,
         "d: BPS refused the key; check LUMBUNG_BPS_KEY (a free key: webapi.bps.go.id/developer)"),
        ({"status": "Error", "error": "th parameter is missing"}, errors.MissingParameterError,
         "d: BPS says: 'th parameter is missing'"),
        ({"status": "Error", "message": "the  year\nis missing"}, errors.UnknownReplyError,
         "d: BPS answered with an unknown error: 'the year is missing'"),
        ({"status": "Error", "message": "", "error": "not used"}, errors.UnknownReplyError,
         "d: BPS answered with an unknown error: ''"),
        ({"status": "Error"}, errors.UnknownReplyError,
         "d: BPS answered with an unknown error: ''"),
        ({"status": "Error", "message": "see https://a.invalid/?key=rahasia now"},
         errors.UnknownReplyError,
         "d: BPS answered with an unknown error: 'see (address left out) now'"),
        ({"status": "Error", "message": "x" * 300}, errors.UnknownReplyError,
         f"d: BPS answered with an unknown error: '{'x' * LONGEST_QUOTE}'"),
        ({"status": "OK", "data-availability": "unavailable"}, errors.NothingAvailableError,
         "d: BPS has no such data (it says unavailable)"),
        ({"status": "OK", "data": [{}, {"condition": "Error", "message": "odd"}]},
         errors.InnerErrorReplyError, "d: BPS says OK outside and an error inside: 'odd'"),
        ({"status": "OK", "data": [{}, {"condition": "ERROR"}]},
         errors.InnerErrorReplyError, "d: BPS says OK outside and an error inside: ''"),
        ({"status": "OK", "data": [{}, {"condition": "ERROR", "message": "re-check your KEY"}]},
         errors.BadKeyError,
         "d: BPS refused the key; check LUMBUNG_BPS_KEY (a free key: webapi.bps.go.id/developer)"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do_to_the_letter(
    reply: object, error: type[Exception], words: str
) -> None:
    with pytest.raises(errors.ErrorReplyError) as caught:
        read_object(json.dumps(reply).encode(), "d")
    assert type(caught.value) is error
    assert str(caught.value) == words


@pytest.mark.parametrize(
    "data", [[{}], [{}, {}], [{}, "ERROR"], {"condition": "ERROR"}, [{}, {"condition": "OK"}]]
)
def test_an_ordinary_reply_is_no_refusal(data: object) -> None:
    reply = {"status": "OK", "data": data}
    assert read_object(json.dumps(reply).encode(), "d") == reply


def test_a_page_of_the_firewall_names_bps() -> None:
    with pytest.raises(errors.BlockedError, match="BPS"):
        read_object((FIXTURES / "bps_blocked.html").read_bytes(), "d")
