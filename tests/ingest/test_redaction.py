"""A key is found in every spelling it may come in."""

from __future__ import annotations

import logging

import pytest
from pydantic import SecretStr

from ingest.errors import IngestError
from ingest.redaction import check_key, guard_logs, holds_secret, redact

KEY = SecretStr("a+b/c=d&e 12345678")


@pytest.mark.parametrize(
    "text",
    [
        "a+b/c=d&e 12345678",
        "a%2Bb%2Fc%3Dd%26e%2012345678",
        "a%2Bb%2Fc%3Dd%26e+12345678",
        "a+b/c=d&amp;e 12345678",
    ],
)
def test_a_known_key_is_blanked_however_it_is_spelt(text):
    assert redact(f"see {text}.", [KEY]) == "see ***."


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://x/list?model=th&key=abc&page=2", "https://x/list?model=th&key=***&page=2"),
        ("https://x/list/model/th/key/abc/page/2", "https://x/list/model/th/key/***/page/2"),
        ("https://x/?apikey=abc", "https://x/?apikey=***"),
        ("<td>https://x/?key=abc</td>", "<td>https://x/?key=***</td>"),
        (
            "the monkey=tired, the keyword=pengangguran",
            "the monkey=tired, the keyword=pengangguran",
        ),
    ],
)
def test_what_stands_where_a_key_stands_is_blanked_though_nobody_knows_it(text, clean):
    assert redact(text) == clean


@pytest.mark.parametrize(
    "body",
    [
        b"... kunci-rahasia-99 ...",
        b"... KUNCI-RAHASIA-99 ...",
        "kunci-rahasia-99".encode("utf-16"),
    ],
)
def test_bytes_that_repeat_the_key_are_recognised(body):
    assert holds_secret(body, SecretStr("kunci-rahasia-99"))


def test_other_bytes_are_not():
    assert not holds_secret(b"kunci-rahasia-98", SecretStr("kunci-rahasia-99"))
    assert not holds_secret(b"anything", None)


def test_a_text_too_short_to_be_a_key_is_refused_by_the_name_of_its_setting():
    with pytest.raises(IngestError, match="LUMBUNG_BPS_KEY"):
        check_key(SecretStr("abc"), "LUMBUNG_BPS_KEY")
    assert check_key(None, "LUMBUNG_BPS_KEY") is None
    assert check_key(KEY, "LUMBUNG_BPS_KEY") is KEY


def test_logged_tracebacks_are_clean_too(caplog):
    guard_logs(KEY)
    try:
        raise ValueError("at key=abc and a+b/c=d&e 12345678")
    except ValueError:
        logging.getLogger("ingest.harvest").exception("failed at %s", "a+b/c=d&e 12345678")
    assert "12345678" not in caplog.text
    assert "abc" not in caplog.text
    assert "Traceback" in caplog.text
