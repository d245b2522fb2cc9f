"""Our own PostgreSQL: where it listens, who it runs as, and what it says when it can't start."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from shutil import rmtree

import psutil
import psycopg
import pytest

from lumbung.settings import Settings
from serving import access, account, place, publish, server
from serving.errors import PortTakenError, ServingError, UnreachableError
from tests.serving import workbench
from tests.serving.workbench import ask, numbers
from tests.tree import ROOT

WORD = "geheim"
DEBIAN = Path("/usr/lib/postgresql/15/bin")


def test_it_listens_on_loopback_only_and_as_nobody_with_rights(served):
    process = psutil.Process(server.state(served).process)
    listening = {
        tuple(one.laddr) for one in process.net_connections() if one.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", served.postgres_port)}
    assert process.uids().real != 0
    assert process.gids().real != 0
    sockets = [one for one in process.net_connections("unix") if one.laddr]
    assert sockets == []


def test_nobody_comes_in_without_the_password(served):
    address = f"host=127.0.0.1 port={served.postgres_port} dbname=lumbung user=lumbung_reader"
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(address)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"{address} password=lumbung")
    assert ask(served, "show password_encryption") == [("scram-sha-256",)]


def test_started_twice_it_is_the_same_server(served):
    before = server.state(served)
    assert server.start(served) == before
    assert before.is_running


def test_a_copied_home_does_not_take_the_server_of_the_first_for_its_own(served, tmp_path):
    tmp_path.chmod(0o755)
    copy = served.model_copy(update={"home": tmp_path / "copy"})
    copy.__dict__.pop("postgres", None)
    subprocess.run(["cp", "-a", served.postgres, tmp_path / "copied"], check=True)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copied").rename(copy.postgres)
    assert server.state(served).is_running
    assert not server.state(copy).is_running
    with pytest.raises(PortTakenError, match=str(served.postgres_port)):
        server.start(copy)
    assert server.stop(copy) is False
    assert server.state(served).is_running


def test_a_taken_port_is_named_and_nothing_is_started(tmp_path):
    with socket.socket() as taken:
        taken.bind((access.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(home=tmp_path / "home", postgres_port=port)
        with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is taken"):
            server._refuse_taken(settings.postgres_port)


def test_what_is_not_started_is_told_how_to_be(tmp_path):
    settings = Settings(home=tmp_path, postgres_port=workbench.free_port())
    assert not server.state(settings).is_running
    assert not server.is_configured(settings)
    assert server.stop(settings) is False
    with pytest.raises(UnreachableError, match="python -m serving start"):
        publish.served(settings)


def test_a_foreign_address_is_never_shown_with_its_password(tmp_path):
    given = f"postgresql://ani:{WORD}@db.example:5433/lumbung?sslmode=require"
    settings = Settings(home=tmp_path, postgres_dsn=given)  # type: ignore[arg-type]
    assert access.dsn(settings, "owner") == (
        "postgresql://ani@db.example:5433/lumbung?sslmode=require"
    )
    assert WORD not in access.conninfo(settings, "reader")
    assert access.dsn(settings).startswith("postgresql://lumbung_reader@db.example:5433/lumbung?")
    broken = Settings(home=tmp_path, postgres_dsn=f"postgresql://ani:{WORD}@[::1/lumbung")  # type: ignore[arg-type]
    with pytest.raises(ServingError) as told:
        access.conninfo(broken, "reader")
    assert WORD not in str(told.value)


def test_an_account_that_is_not_there_is_named(tmp_path):
    if os.geteuid() != 0:
        assert account.choose("nobody-at-all", tmp_path / "data").drops is False
        return
    with pytest.raises(ServingError, match="'nobody-at-all' is no other account"):
        account.choose("nobody-at-all", tmp_path / "data")
    with pytest.raises(ServingError, match="'root' is no other account"):
        account.choose("root", tmp_path / "data")


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.full
def test_stopped_it_leaves_no_process_and_its_data_serve_again():
    with workbench.postgres() as settings:
        workbench.release(settings, 1)
        publish.publish(settings)
        process = server.state(settings).process
        family = [process, *(one.pid for one in psutil.Process(process).children(recursive=True))]
        assert server.stop(settings)
        assert [pid for pid in family if _lives(pid)] == []
        assert not server.is_configured(settings)
        assert server.stop(settings) is False
        server.start(settings)
        assert numbers(settings) == ([1], [1], [1], workbench.ROWS)
        moved = settings.model_copy(update={"postgres_port": workbench.free_port()})
        assert server.start(moved).port == moved.postgres_port
        assert numbers(moved)[0] == [1]


@pytest.mark.full
def test_a_home_that_only_root_may_enter_stays_closed(tmp_path, monkeypatch):
    """pytest's own folders are such: below them nobody but their owner may go."""
    settings = Settings(home=tmp_path / "home", postgres_port=workbench.free_port())
    monkeypatch.setattr(place, "ELSEWHERE", Path("/var/lib/lumbung-tests"))
    tmp_path.chmod(0o700)
    try:
        with server.running(settings, fsync="off"):
            workbench.release(settings, 1)
            publish.publish(settings)
            assert numbers(settings)[0] == [1]
            assert tmp_path.stat().st_mode & 0o777 == 0o700
            cluster = settings.postgres / "cluster"
            assert cluster.is_symlink() == (os.geteuid() == 0)
            assert cluster.resolve().stat().st_mode & 0o777 == 0o700
    finally:
        if os.geteuid() == 0:
            rmtree(place.ELSEWHERE, ignore_errors=True)


@pytest.mark.full
@pytest.mark.skipif(not DEBIAN.is_dir(), reason="apt install postgresql-15")
def test_debians_postgresql_serves_as_well():
    with workbench.postgres(postgres_bin=DEBIAN) as settings:
        assert ask(settings, "show server_version_num")[0][0].startswith("15")
        for number in (1, 2):
            workbench.release(settings, number)
            publish.publish(settings)
            assert numbers(settings) == ([number], [number], [number], workbench.ROWS)
        assert len(ask(settings, "select * from observations_as_of('2026-01-03')")) == 3
        other = settings.model_copy(update={"postgres_bin": None})
        server.stop(settings)
        with pytest.raises(ServingError, match="is of PostgreSQL 15"):
            server.start(other)


@pytest.mark.full
def test_any_other_server_is_published_to_by_its_address(tmp_path):
    """Its role may create roles; ours are made, and publish and read without being that role."""
    with workbench.postgres() as foreign:
        with access.connect(foreign, "admin", database="postgres") as admin:
            admin.execute(f"create role ani login createrole password '{WORD}'".encode())
            admin.execute("create database daerah owner ani")
            for role in ("lumbung_publisher", "lumbung_reader"):
                admin.execute(f"grant {role} to ani with admin option".encode())
        settings = Settings(
            home=tmp_path / "home",
            postgres_dsn=f"postgresql://ani:{WORD}@127.0.0.1:{foreign.postgres_port}/daerah",
        )  # type: ignore[arg-type]
        assert server.is_configured(settings)
        workbench.release(settings, 1)
        publish.publish(settings)
        assert numbers(settings) == ([1], [1], [1], workbench.ROWS)
        owners = ask(settings, "select distinct viewowner from pg_views where schemaname = 'marts'")
        assert owners == [("lumbung_publisher",)]


@pytest.mark.full
def test_the_command_line_starts_publishes_tells_and_stops():
    with workbench.postgres() as settings:
        server.stop(settings)
        environment = {
            **os.environ, "LUMBUNG_HOME": str(settings.home), "PYTHONPATH": str(ROOT),
            "LUMBUNG_POSTGRES_PORT": str(settings.postgres_port),
        }  # fmt: skip

        def run(*command: str) -> tuple[int, str]:
            done = subprocess.run(
                [sys.executable, "-m", "serving", *command], env=environment, cwd=ROOT, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
            return done.returncode, done.stdout

        assert run("status")[0] == 3
        code, said = run("start")
        assert code == 0, said
        assert f"127.0.0.1:{settings.postgres_port}" in said
        release_id = workbench.release(settings, 1)
        assert run("status")[0] == 3
        code, said = run("publish")
        assert (code, release_id in said) == (0, True), said
        assert run("publish") == (0, f"PostgreSQL serves {release_id} already.\n")
        assert run("status")[0] == 0
        code, said = run("dsn")
        with psycopg.connect(said.strip()) as reader:
            assert reader.execute("select release_id from publication").fetchone() == (release_id,)
        assert run("stop") == (0, "PostgreSQL is stopped.\n")
        assert run("stop") == (0, "PostgreSQL did not run.\n")
