"""The examples of docs/sources.md are files that the catalogue takes."""

from __future__ import annotations

import re

import pytest
import yaml

from ingest.sources import PROTOCOLS
from tests.ingest.parsing import REPOSITORY, context

PAGE = (REPOSITORY / "docs" / "sources.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["protocol"])
def test_an_example_is_a_dataset(example):
    dataset = PROTOCOLS[example["protocol"]].model.model_validate(example)
    assert dataset.indicators_named() <= set(context().indicators)
    assert dataset.source in context().sources


def test_there_is_an_example_of_each_protocol_that_has_no_dataset_yet():
    assert {example["protocol"] for example in EXAMPLES} == {
        "bps.static_table", "bps.strategic_indicators", "bps.simdasi",
        "ckan.resource", "arcgis.features",
    }  # fmt: skip
