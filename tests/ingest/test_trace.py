"""A figure leads back to the bytes it was read from."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from ingest import catalogue, harvest
from ingest.__main__ import app
from ingest.landing import Landing
from ingest.trace import TraceError, around, find, report
from lumbung.settings import Settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    known = catalogue.load(settings.catalog)
    for dataset in ("cited_labour", "bps_unemployment_rate_by_province"):
        harvest.harvest(known.datasets[dataset].source, settings)
    return settings


def snapshot_of(settings: Settings, dataset: str) -> str:
    return Landing(settings.landing).snapshots(dataset)[-1].snapshot_id


def test_a_line_is_shown_with_its_neighbours() -> None:
    passage = around(b"one\ntwo\nthree\nfour\n", "line 3, tpt")
    assert (passage.offset, passage.body) == (4, b"two\nthree\nfour\n")


def test_a_key_is_shown_in_its_neighbourhood_and_not_as_part_of_a_longer_one() -> None:
    body = b'{"115430123189": 1, "15430123189": 7.52}'
    passage = around(body, "15430123189")
    assert body[passage.offset :] == passage.body
    assert around(b"x" * 500 + body, "15430123189").offset == 500 + 21 - 1 - 60


@pytest.mark.parametrize("locator", ["line 0", "line 9", "no such key"])
def test_a_place_that_is_not_in_the_reply_is_an_error(locator: str) -> None:
    with pytest.raises(TraceError, match="the reply"):
        around(b"one\ntwo\n", locator)


def test_the_report_names_file_fetch_and_bytes(home: Settings) -> None:
    snapshot_id = snapshot_of(home, "cited_labour")
    body = Landing(home.landing).read(snapshot_id)
    number = next(
        i
        for i, line in enumerate(body.splitlines(), 1)
        if b",10.61," in line and b"poskota" in line
    )
    place = find(home, None, snapshot_id, f"line {number}")
    lines = list(report(home, place))
    assert f"file         landing/objects/{snapshot_id[:2]}/{snapshot_id}" in lines[1]
    assert "cited_labour" in lines[3]
    assert "bundled with the project" in lines[3]
    assert "3604,Kabupaten Serang,2022-08" in lines[-1]
    assert "poskota.co.id/2022/11/07" in lines[-1]


def test_the_command_shows_the_key_of_a_bps_reply(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(home.home))
    snapshot_id = snapshot_of(home, "bps_unemployment_rate_by_province")
    body = Landing(home.landing).read(snapshot_id)
    key = body.split(b'"datacontent"')[1].split(b'"')[1].decode()
    said = CliRunner().invoke(app, ["trace", "--snapshot", snapshot_id, "--locator", key])
    assert said.exit_code == 0, said.output
    assert f'"{key}"' in said.output


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "by its OBS_ID"),
        (["x", "--snapshot", "y"], "by its OBS_ID"),
        (["x"], "run `make refresh` first"),
        (["--snapshot", "f" * 64, "--locator", "line 1"], "can't be read"),
    ],
)
def test_what_can_not_be_followed_says_what_to_do(
    home: Settings, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(home.home))
    said = CliRunner().invoke(app, ["trace", *arguments])
    assert said.exit_code == 1
    assert told in said.output
