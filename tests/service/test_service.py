"""The service as a person runs it: up, parts killed, down, and nothing left."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from lumbung.settings import ROOT, Settings
from service import health, supervision
from service.environment import password_file
from serving import access, server
from tests.service.test_parts import free_port
from tests.serving import workbench

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]


class Service:
    """One home's service, driven by the very commands behind `make`."""

    def __init__(self, home: Path) -> None:
        self.ports = {
            f"LUMBUNG_{name}_PORT": str(free_port()) for name in ("AIRFLOW", "PORTAL", "POSTGRES")
        }
        self.settings = Settings(
            home=home,
            airflow_port=int(self.ports["LUMBUNG_AIRFLOW_PORT"]),
            portal_port=int(self.ports["LUMBUNG_PORTAL_PORT"]),
            postgres_port=int(self.ports["LUMBUNG_POSTGRES_PORT"]),
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
        other = {"AIRFLOW_HOME": "/nowhere/other", "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor"}
        return subprocess.run(
            [sys.executable, "-m", "service", *command],
            cwd=ROOT,
            env={**kept, **other, **self.ports, "LUMBUNG_HOME": str(self.settings.home)},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def process(self, part: str) -> psutil.Process:
        """Return the head of a part: the child of the supervisor."""
        head = supervision.supervisor(self.settings)
        assert head is not None
        [found] = [
            child for child in head.children() if child.environ()["SUPERVISOR_PROCESS_NAME"] == part
        ]
        return found

    def orphans(self) -> list[str]:
        """Return the parts of which processes run that no supervisor knows."""
        head = supervision.supervisor(self.settings)
        known = {child.pid for child in head.children(recursive=True)} if head else set()
        found = []
        for one in supervision.processes(self.settings):
            try:
                part = one.environ().get("SUPERVISOR_PROCESS_NAME")
                if one.pid not in known and one != head and part != "postgres":
                    found.append(f"{part}: {one.cmdline()}")
            except psutil.Error:
                continue
        return found

    def wait_until_well(self, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while troubles := health.troubles(self.settings):
            assert time.monotonic() < deadline, troubles
            time.sleep(0.5)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    made = Service(tmp_path_factory.mktemp("service") / "a home")
    # with a release there: without one, `up` runs `make refresh`, which has tests of its own
    workbench.release(made.settings, 1)
    up = made.run("up")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        made.told = up.stdout  # type: ignore[attr-defined]
        yield made
    finally:
        made.run("down")
        cluster = (made.settings.postgres / "cluster").resolve()
        shutil.rmtree(cluster, ignore_errors=True)


def test_it_says_where_everything_is(service):
    told = service.told
    assert f"http://127.0.0.1:{service.settings.portal_port}/" in told
    assert f"http://127.0.0.1:{service.settings.airflow_port}/" in told
    assert str(password_file(service.settings)) in told
    assert str(access.password_file(service.settings, "reader")) in told


def test_no_password_is_readable_by_others(service):
    for file in (
        password_file(service.settings),
        access.password_file(service.settings, "reader"),
        *(service.settings.home / "service").glob("airflow_*"),
    ):
        assert file.stat().st_mode & 0o077 == 0, file


def test_nothing_listens_beyond_this_machine(service):
    service.wait_until_well()
    head = supervision.supervisor(service.settings)
    assert head is not None
    ours = {process.pid for process in head.children(recursive=True)} | {head.pid}
    ports = {int(port) for port in service.ports.values()}
    # asked of the system at once, as processes come and go; PostgreSQL is nobody's child, but
    # known by its port
    doors = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
        and (connection.pid in ours or connection.laddr.port in ports)
    }
    assert {port for _, port in doors} >= ports
    assert {ip for ip, _ in doors} <= {"127.0.0.1", "::1"}, doors


def test_the_password_opens_airflow_which_knows_every_dag(service):
    base = f"http://127.0.0.1:{service.settings.airflow_port}"
    password = json.loads(password_file(service.settings).read_text())["admin"]
    credentials = {"username": "admin", "password": password}
    token = requests.post(f"{base}/auth/token", json=credentials, timeout=60).json()["access_token"]
    known = {"Authorization": f"Bearer {token}"}
    wanted = {path.stem for path in (ROOT / "dags").glob("*.py")}
    found: set[str] = set()
    deadline = time.monotonic() + 120
    while not wanted <= found and time.monotonic() < deadline:
        listed = requests.get(f"{base}/api/v2/dags?limit=100", headers=known, timeout=60).json()
        found = {dag["dag_id"] for dag in listed["dags"] if not dag["is_paused"]}
        time.sleep(1)
    assert wanted <= found


def test_readers_find_the_release_in_postgresql(service):
    current = (service.settings.releases / "current").resolve().name
    deadline = time.monotonic() + 120
    served = None
    while served != current and time.monotonic() < deadline:
        try:
            with access.connect(service.settings, "reader") as connection:
                [(served,)] = connection.execute(
                    "select release_id from marts.publication"
                ).fetchall()
        except Exception:
            time.sleep(1)
    assert served == current


@pytest.mark.parametrize("part", ["portal", *health.AIRFLOW_PARTS])
def test_the_health_checks_of_the_containers_pass(service, part):
    asked = service.run("healthy", part)
    assert asked.returncode == 0, asked.stderr


def test_up_again_changes_nothing(service):
    before = supervision.supervisor(service.settings)
    again = service.run("up")
    assert again.returncode == 0
    assert "Lumbung runs" in again.stdout
    assert supervision.supervisor(service.settings) == before


@pytest.mark.parametrize("part", ["airflow-scheduler", "airflow-api-server", "portal"])
def test_a_killed_part_comes_back(service, part):
    killed = service.process(part)
    killed.kill()
    deadline = time.monotonic() + 60
    while True:
        try:
            after = service.process(part)
            if after.pid != killed.pid:
                break
        except (ValueError, KeyError, psutil.Error):
            pass
        assert time.monotonic() < deadline
        time.sleep(0.2)
    service.wait_until_well()
    # the heartbeat of the killed one is believed for a while; its orphans end as the new one starts
    deadline = time.monotonic() + 120
    while orphans := service.orphans():
        assert time.monotonic() < deadline, f"what the killed part left behind goes on: {orphans}"
        time.sleep(0.5)


def test_postgresql_goes_on_when_only_its_keeper_is_killed(service):
    before = server.state(service.settings).process
    keeper = service.process("postgres")
    keeper.kill()
    time.sleep(2)
    service.wait_until_well()
    assert server.state(service.settings).process == before


def test_a_killed_postgresql_comes_back(service):
    first = server.state(service.settings).process
    assert first is not None
    psutil.Process(first).kill()
    deadline = time.monotonic() + 60
    while server.state(service.settings).process in (None, first):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    service.wait_until_well()


def test_a_killed_supervisor_is_replaced_and_its_orphans_ended(service):
    head = supervision.supervisor(service.settings)
    assert head is not None
    orphans = {child.pid for child in head.children()}
    head.kill()
    again = service.run("up")
    assert again.returncode == 0, again.stderr
    assert not {pid for pid in orphans if psutil.pid_exists(pid)}
    service.wait_until_well()


def test_down_leaves_nothing_behind_and_may_be_repeated(service):
    down = service.run("down")
    assert down.returncode == 0, down.stderr
    assert "Stopped" in down.stdout
    assert supervision.processes(service.settings) == []
    assert not server.state(service.settings).is_running
    assert set(health.troubles(service.settings)) == {"Airflow", "portal", "PostgreSQL"}
    assert service.run("status").returncode == 3
    assert service.run("healthy", "scheduler").returncode == 1
    assert "Nothing was running" in service.run("down").stdout
