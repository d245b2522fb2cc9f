"""Live or bundled: settings decide, and nothing else does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest import catalogue as catalogues
from ingest.errors import FetchError, IngestError
from ingest.http import Validators
from ingest.protocol import Request
from ingest.transport import open_transport
from tests.ingest.world import KEY, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.add_rate()
    return world


def transport(world: World):
    catalogue = catalogues.load(world.settings.catalog)
    dataset = catalogue.dataset("rate")
    return open_transport(dataset, catalogue.source_of(dataset), world.settings)


def test_a_bundled_reply_is_the_file_named_after_the_partition(world):
    folder = world.bundle("rate", date(2026, 3, 4))
    (folder / "th.json").write_bytes(b'{"a": 1}\r\n')
    opened = transport(world)
    reply = opened.ask(Request("th", "/list", {"model": "th"}), Validators())
    assert opened.is_sample
    assert reply.is_sample
    assert reply.body == b'{"a": 1}\r\n'
    assert reply.seen_on == date(2026, 3, 4)
    assert (reply.url, reply.content_type) == ("bundled:rate/th.json", "application/json")


@pytest.mark.parametrize("names", [[], ["th.json", "th.csv"]])
def test_no_file_or_two_for_a_partition_is_a_defect_of_the_bundle(world, names):
    folder = world.bundle("rate")
    for name in names:
        (folder / name).write_text("x")
    with pytest.raises(FetchError, match="exactly one file for partition 'th'"):
        transport(world).ask(Request("th"), Validators())


def test_a_partition_cannot_lead_out_of_the_bundle(world):
    world.bundle("rate")
    world.write("bundled/secret.json", "x")
    with pytest.raises(FetchError, match="it holds none"):
        transport(world).ask(Request("../secret"), Validators())


@pytest.mark.parametrize("setting", ["LUMBUNG_BPS_KEY", "LUMBUNG_BPS_URL"])
def test_a_key_or_an_address_takes_a_source_live(world, monkeypatch, setting):
    world.bundle("rate")
    monkeypatch.setenv(setting, KEY if setting.endswith("KEY") else "http://127.0.0.1:9")
    assert not transport(world).is_sample


def test_an_address_that_needs_a_key_is_not_asked_without_one(world, monkeypatch):
    monkeypatch.setenv("LUMBUNG_BPS_URL", "http://127.0.0.1:9")
    with pytest.raises(FetchError, match="set LUMBUNG_BPS_KEY"):
        transport(world).ask(Request("th", "/view/id/77/key/{key}/"), Validators())


def test_neither_live_nor_bundled_says_what_to_set(world):
    with pytest.raises(IngestError, match=r"set LUMBUNG_BPS_URL \(or _KEY\)"):
        transport(world)
