"""Tables come over HTTP or from a folder, and are looked at before they land."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ingest.harvest import HarvestReport, harvest
from ingest.landing import Landing
from tests.ingest.workbooks import xlsx
from tests.ingest.world import World

NIK = "3604054107900012"
TABLE = """
dataset: rates
protocol: table
source: press
title: {{id: TPT, en: Unemployment rate}}
url: data/rates.{kind}
file: {file}
region: {{column: Kode, by: code}}
period: {{fixed: "2024-08", kind: round}}
measures: [{{column: TPT, indicator: unemployment_rate, unit: "%"}}]
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    world = World(tmp_path)
    sources = world.folder / "catalog" / "sources.yml"
    text = sources.read_text().replace(
        "url: https://press.invalid", "url: https://press.invalid\n  connection: press"
    )
    sources.write_text(text)
    monkeypatch.delenv("LUMBUNG_PRESS_URL", raising=False)
    return world


@pytest.fixture(params=["http", "file"])
def portal(
    world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A portal's folder, reached by HTTP or as a folder."""
    folder = world.folder / "a portal"
    (folder / "data").mkdir(parents=True)
    if request.param == "file":
        monkeypatch.setenv("LUMBUNG_PRESS_URL", f"file://{folder}")
        yield folder
        return
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("LUMBUNG_PRESS_URL", f"http://127.0.0.1:{server.server_port}/")
    yield folder
    server.shutdown()
    server.server_close()


def run(world: World, kind: str, more: str = "") -> HarvestReport:
    file = "{format: xlsx}" if kind == "xlsx" else "{}"
    world.write("catalog/rates.yml", TABLE.format(kind=kind, file=file) + more)
    (report,) = harvest(["rates"], world.settings)
    return report


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_table_is_fetched_from_its_address_below_the_connections(world, portal, kind):
    rows = [["Kode", "TPT"], ["3604", "9.5"]]
    body = xlsx(rows) if kind == "xlsx" else b"Kode,TPT\n3604,9.5\n"
    (portal / "data" / f"rates.{kind}").write_bytes(body)
    report = run(world, kind)
    assert (report.outcome, report.n_observations, report.is_sample) == ("ok", 1, False)
    (fetch,) = Landing(world.settings.landing).fetches()
    assert fetch.url.endswith(f"/data/rates.{kind}")
    assert str(world.folder) not in fetch.url


def test_a_file_that_is_not_there_is_broken(world, portal):
    assert run(world, "csv").outcome == "broken"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_portals_register_of_persons_never_lands(world, portal, kind):
    rows = [["Kode", "TPT", "NIK"], ["3604", "9.5", NIK]]
    body = xlsx(rows) if kind == "xlsx" else "\n".join(map(",".join, rows)).encode()
    (portal / "data" / f"rates.{kind}").write_bytes(body)
    report = run(world, kind)
    assert (report.outcome, report.n_snapshots) == ("refused", 0)
    assert "personal data in" in report.message
    assert NIK not in report.message
    assert list(Landing(world.settings.landing).fetches()) == []
    assert world.files_with(NIK) == []


def test_an_offices_own_number_passes_where_that_is_declared(world, portal):
    body = b"Kode,TPT,Catatan\n3604,9.5,Telp. (0254) 200123\n"
    (portal / "data" / "rates.csv").write_bytes(body)
    assert run(world, "csv").outcome == "refused"
    assert run(world, "csv", "contacts_allowed: true\n").outcome == "ok"


def test_a_nik_is_refused_even_there(world, portal):
    (portal / "data" / "rates.csv").write_bytes(f"Kode,TPT,x\n3604,9.5,{NIK}\n".encode())
    assert run(world, "csv", "contacts_allowed: true\n").outcome == "refused"
