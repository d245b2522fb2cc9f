"""What the summary of a refresh says of bundled figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.summary import Facts, _bundled_note

FOUND = Facts("r", Path("r"), 22, 15, 28127, 0, 68, 109, {})


@pytest.mark.parametrize("bps_is_live", [True, False])
def test_a_key_is_asked_for_only_where_none_is_set(bps_is_live: bool) -> None:
    said = _bundled_note(FOUND, bps_is_live)
    assert "15 of 22 datasets are bundled" in said
    assert "bukan unduhan hari ini" in said
    assert ("LUMBUNG_BPS_KEY" in said) is not bps_is_live
