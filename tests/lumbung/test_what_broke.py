"""How a refresh names what broke."""

from __future__ import annotations

from ingest.harvest import HarvestReport
from lumbung.steps import _what_broke


def test_a_dataset_is_named_once_with_its_partition_and_the_reason() -> None:
    said = [
        ("rates", "broken", "th: rates: a web page came where JSON was expected"),
        ("budget", "refused", "2024: budget: left alone: rates: of others stay"),
    ]
    reports = [HarvestReport(name, how, 1, 0, 0, 0, False, why) for name, how, why in said]
    assert _what_broke(reports).splitlines() == [
        "rates: broken: th: a web page came where JSON was expected",
        "budget: refused: 2024: left alone: rates: of others stay",
    ]
