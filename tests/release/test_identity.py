"""A release's id sorts after every other, whatever the clock says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from release import identity

NOON = datetime(2026, 11, 22, 12, 0, 0, 500, tzinfo=UTC)


def test_an_id_names_the_moment_and_the_fingerprint() -> None:
    name = identity.new("0123456789abcdef", [], NOON)
    assert name == "20261122T120000Z-01234567"
    assert identity.created_at(name) == NOON.replace(microsecond=0)
    assert identity.fits(name, "01234567ffff")
    assert not identity.fits(name, "0123456fffff")


def test_an_id_sorts_last_even_when_the_clock_went_back() -> None:
    taken = ["20261122T120000Z-ffffffff", "20271231T235959Z-00000000"]
    assert identity.new("0" * 64, taken, NOON) == "20280101T000000Z-00000000"


def test_a_text_that_is_no_id_is_refused() -> None:
    with pytest.raises(ValueError, match="does not match"):
        identity.created_at("current")
