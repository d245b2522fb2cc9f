"""What the service is made of: its environment, its supervisor's file, and its ports."""

from __future__ import annotations

import configparser
import os
import shlex
import socket
import stat
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from lumbung.settings import Settings
from service import ports, supervision
from service.environment import MARK, environment, folder
from service.errors import PortTakenError, ServiceError
from service.parts import parts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "a 100% home")


def test_another_airflow_leaves_no_trace_but_its_connections(settings):
    env = environment(
        settings,
        {
            "AIRFLOW_HOME": "/opt/other",
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__API__SSL_CERT": "/opt/other/cert.pem",
            "AIRFLOW_CONN_LUMBUNG_SMTP": "smtp://mail.example:25",
            "AIRFLOW__SMTP__SMTP_HOST": "mail.example",
            "LANG": "id_ID.UTF-8",
        },
    )
    assert env["AIRFLOW_HOME"] == str(settings.airflow_home)
    assert env["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert "AIRFLOW__API__SSL_CERT" not in env
    assert env["AIRFLOW_CONN_LUMBUNG_SMTP"] == "smtp://mail.example:25"
    assert env["AIRFLOW__SMTP__SMTP_HOST"] == "mail.example"
    assert env["LANG"] == "id_ID.UTF-8"
    assert env[MARK] == str(settings.home)


def test_the_ports_are_settings_and_everything_is_on_loopback(tmp_path):
    env = environment(Settings(home=tmp_path, airflow_port=18123), {})
    assert env["AIRFLOW__API__PORT"] == "18123"
    assert env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert env["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18123"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:18123/execution/"


def test_secrets_are_made_once_for_their_owner_alone(settings):
    first, second = environment(settings, {}), environment(settings, {})
    files = list(folder(settings).iterdir())
    names = (
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__API__SECRET_KEY",
        "AIRFLOW__CORE__FERNET_KEY",
    )
    assert [first[name] for name in names] == [second[name] for name in names]
    assert len({first[name] for name in names}) == 3
    assert Fernet(first["AIRFLOW__CORE__FERNET_KEY"]).encrypt(b"x")
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(folder(settings).stat().st_mode) == 0o700


def test_the_supervisor_starts_again_what_dies_and_holds_no_secret(settings):
    env = environment(settings, {})
    text = supervision.configuration(settings)
    read = configparser.RawConfigParser()
    read.read_string(text)
    sections = {name.removeprefix("program:"): read[name] for name in read if ":" in name}
    assert list(sections) == [part.name for part in parts(settings)]
    assert {name for name, program in sections.items() if program["autorestart"] == "false"} == {
        "portal-build"
    }
    command = shlex.split(sections["airflow-scheduler"]["command"].replace("%%", "%"))
    assert command == [sys.executable, "-m", "service", "run", "airflow-scheduler"]
    assert str(settings.home).replace("%", "%%") in sections["portal"]["stdout_logfile"]
    assert not [value for name, value in env.items() if "SECRET" in name and value in text]
    assert not [line for line in text.splitlines() if "inet_http_server" in line]


def test_somebody_elses_postgresql_is_no_part_and_no_port(tmp_path):
    known = Settings(home=tmp_path, postgres_dsn="postgresql://owner@db.example/lumbung")
    assert "postgres" not in [part.name for part in parts(known)]
    assert "LUMBUNG_POSTGRES_PORT" not in ports.of(known)


def test_a_taken_port_is_named_with_its_setting_and_its_holder(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        known = Settings(home=tmp_path, portal_port=port, airflow_port=free_port())
        with pytest.raises(PortTakenError) as refused:
            ports.refuse_taken(known, own_postgres=True)
    assert f"port {port} is taken by process {os.getpid()}" in str(refused.value)
    assert "set LUMBUNG_PORTAL_PORT to a free one" in str(refused.value)
    assert "LUMBUNG_AIRFLOW_PORT" not in str(refused.value)


def test_one_port_for_two_parts_is_refused(tmp_path):
    port = free_port()
    known = Settings(home=tmp_path, portal_port=port, airflow_port=port)
    with pytest.raises(
        PortTakenError, match=f"PORTAL_PORT and LUMBUNG_AIRFLOW_PORT are both {port}"
    ):
        ports.refuse_taken(known, own_postgres=True)


def test_free_ports_are_accepted(tmp_path):
    known = Settings(home=tmp_path, portal_port=free_port(), airflow_port=free_port())
    ports.refuse_taken(known, own_postgres=True)


def test_only_parts_can_be_run(settings):
    with pytest.raises(ServiceError, match="no part 'celery': postgres, airflow-api-server"):
        supervision.run(settings, "celery")


def test_nothing_is_found_where_nothing_runs(settings):
    assert supervision.supervisor(settings) is None
    assert supervision.processes(settings) == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
