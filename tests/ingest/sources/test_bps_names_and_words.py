"""Regions that BPS only names, and what is said of a reply that is no JSON, to the letter."""

from __future__ import annotations

import pytest

from ingest.errors import UnreadableFileError
from ingest.sources.bps_replies import read_object
from tests.ingest.parsing import parse, rules
from tests.ingest.sources.bps_encoder import Wire
from tests.ingest.sources.test_bps_dynamic_data import ROUNDS, variable

IN_BANTEN = {"domain": "3600", "variable": 543, "years": "2010:"}
IN_A_REGENCY = {"domain": "3604", "variable": 543, "years": "2010:"}


def named(label: str, request: dict[str, object]) -> tuple[list[str | None], list[str]]:
    """Return the region codes and the refusals' rules of one cell, its region only named."""
    wire = Wire({"77": label}, {"123": "2023"}, ROUNDS)
    result = parse(variable(request=request), wire.body({"775430123190": 7.5}))
    return [row["region_code"] for row in result.observations.to_pylist()], rules(result)


@pytest.mark.parametrize("request_", [IN_BANTEN, IN_A_REGENCY])
def test_a_code_of_the_domains_own_is_read_by_its_name_inside_the_province(
    request_: dict[str, object],
) -> None:
    assert named("Kabupaten Lebak", request_) == (["3602"], [])


def test_a_name_of_another_province_is_no_region_of_this_domain() -> None:
    # Bogor lies in Jawa Barat; without the domain its name alone would do
    assert named("Kabupaten Bogor", IN_BANTEN) == ([], ["unknown_region"])
    assert named("Kabupaten Bogor", {**IN_BANTEN, "domain": "0000"}) == (["3201"], [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"  ", "the reply is empty; fetch it again"),
        (b'{"a": 1\x00}',
         "the reply holds NUL bytes: it was not written whole; fetch it again"),
        (b'{"a": "\xe9"}',
         "byte 7 is no UTF-8, which every BPS reply is; was the file saved in another encoding?"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_told_with_what_most_likely_happened(body: bytes, said: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read_object(body, "rates")
    assert str(refused.value) == f"rates: {said}"


def test_a_reply_that_was_cut_off_says_where_it_ends() -> None:
    with pytest.raises(UnreadableFileError) as refused:
        read_object(b'{"status": "OK", "da', "rates")
    assert str(refused.value).startswith("rates: no JSON at character ")
    assert str(refused.value).endswith("; a reply that ends early was cut off, fetch it again")
    assert " of 20: " in str(refused.value)
