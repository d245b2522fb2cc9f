"""Every way in which BPS says no has its own name, and none repeats the key."""

from __future__ import annotations

import json

import pytest

from ingest import errors
from ingest.sources.bps_replies import read_object
from tests.ingest.parsing import FIXTURES, recorded

REFUSALS = [
    ("bps_bad_key.json", errors.BadKeyError, "LUMBUNG_BPS_KEY"),
    ("bps_th_missing.json", errors.MissingParameterError, "'th' parameter is required"),
    ("bps_key_missing.json", errors.MissingParameterError, "key is missing"),
    ("bps_too_wide.json", errors.WindowTooWideError, "2 years"),
    ("bps_too_large.json", errors.ReplyTooLargeError, "fewer years"),
    ("bps_nothing.json", errors.NothingAvailableError, "no such data"),
    ("bps_nested_error.json", errors.InnerErrorReplyError, "Invalid Parameter"),
    ("bps_new_error.json", errors.UnknownReplyError, "Something new"),
    ("bps_blocked.html", errors.BlockedError, "firewall"),
    ("bps_maintenance.html", errors.HtmlReplyError, "web page"),
]
RECORDED_REFUSALS = [
    ("bps_error_bad_key.json", errors.BadKeyError),
    ("bps_error_missing_th.json", errors.MissingParameterError),
    ("bps_error_max_th_2_province.json", errors.WindowTooWideError),
    ("bps_error_max_th_3_national.json", errors.WindowTooWideError),
    ("bps_data_list_not_available.json", errors.NothingAvailableError),
    ("bps_data_null_too_large.json", errors.ReplyTooLargeError),
    ("bps_simdasi_nested_error.json", errors.InnerErrorReplyError),
    ("bps_waf_block_403.html", errors.BlockedError),
]


@pytest.mark.parametrize(("name", "error", "said"), REFUSALS)
def test_a_refusal_raises_its_own_error(name: str, error: type[Exception], said: str) -> None:
    with pytest.raises(errors.ErrorReplyError) as caught:
        read_object((FIXTURES / name).read_bytes(), "test_dataset")
    assert type(caught.value) is error
    assert said in str(caught.value)
    assert "test_dataset" in str(caught.value)
    assert "rahasia" not in str(caught.value)


@pytest.mark.parametrize(("name", "error"), RECORDED_REFUSALS)
def test_a_recorded_refusal_raises_its_own_error(name: str, error: type[Exception]) -> None:
    with pytest.raises(errors.ErrorReplyError) as caught:
        read_object(recorded(name), "test_dataset")
    assert type(caught.value) is error
    assert "key=" not in str(caught.value)


@pytest.mark.parametrize("maximum", [1, 2, 3, 12])
def test_the_widest_window_is_read_from_the_message(maximum: int) -> None:
    body = (FIXTURES / "bps_too_wide.json").read_bytes().replace(b"is 2.", b"is %d." % maximum)
    with pytest.raises(errors.WindowTooWideError) as caught:
        read_object(body, "d")
    assert caught.value.maximum == maximum


GOOD = json.dumps({"status": "OK", "label": "Provinsi é", "n": 1}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (GOOD.encode()[:-5], "cut off"),
        (b"\x00" * 400, "NUL"),
        (GOOD.encode()[:10] + b"\x00" * 50, "NUL"),
        (GOOD.encode("utf-16"), "NUL"),
        (GOOD.encode("latin-1"), "no UTF-8"),
        (b"th,value\n123,7.52\n", "no JSON"),
    ],
)
def test_bytes_that_are_no_reply_are_unreadable_and_say_why(body: bytes, said: str) -> None:
    with pytest.raises(errors.UnreadableFileError, match=said):
        read_object(body, "test_dataset")


@pytest.mark.parametrize("body", [b"[]", b"7", b'"ok"', b"{}", b'{"error":"UserNotFound"}'])
def test_json_of_another_form_is_an_unknown_reply(body: bytes) -> None:
    with pytest.raises(errors.UnknownReplyError):
        read_object(body, "test_dataset")


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert read_object(b"\xef\xbb\xbf" + GOOD.encode(), "d")["n"] == 1
