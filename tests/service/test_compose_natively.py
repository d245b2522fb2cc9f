"""Every service of docker-compose.yml without a container: its very command, settings and check.

Paths, names of hosts and ports of the containers are exchanged for those of this machine, and
nothing else. The image of PostgreSQL is stood for by the same major version, made with the file's
own options.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bi import control
from lumbung.settings import ROOT, Settings
from service.environment import password_file
from serving import place
from tests import environments
from tests.service.test_compose import DOCKERFILE, LASTING, SERVICES
from tests.serving import workbench
from tests.serving.workbench import free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]

#: Five times Airflow, on a machine that runs other tests.
HEALTHY_SECONDS = 900


class Composition:
    """The composition in one folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: dict[str, subprocess.Popen[bytes]] = {}
        airflow, portal, postgres, superset = (free_port() for _ in range(4))
        self.postgres_port = postgres
        self.ports = {
            "AIRFLOW__API__PORT": str(airflow),
            "LUMBUNG_AIRFLOW_PORT": str(airflow),
            "LUMBUNG_PORTAL_PORT": str(portal),
            "LUMBUNG_SUPERSET_PORT": str(superset),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(postgres),
        }
        self.here = [
            ("/srv/lumbung/.venv-superset/bin", str(control.PYTHON.parent)),
            ("/srv/lumbung/.venv/bin", str(Path(sys.executable).parent)),
            ("/srv/lumbung", str(ROOT)),
            ("$PATH", os.environ["PATH"]),
            *((inside, str(folder / Path(inside).name)) for inside in (
                "/var/lib/lumbung", "/var/lib/superset", "/run/postgres-secret",
                "/run/reader-secret",
            )),
            ("airflow-api-server:8080", f"127.0.0.1:{airflow}"),
            ("127.0.0.1:8080", f"127.0.0.1:{airflow}"),
            ("airflow-api-server", "127.0.0.1"),
            ("@postgres:5432", f"@127.0.0.1:{postgres}"),
            ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - what a container listens on
        ]  # fmt: skip
        for name in ("lumbung", "superset", "postgres-secret", "reader-secret"):
            (folder / name).mkdir(mode=0o755)

    def local(self, text: str) -> str:
        """Return a text of the file as it is said on this machine."""
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        for inside, outside in self.here:
            text = text.replace(inside, outside)
        return text

    def environment(self, name: str) -> dict[str, str]:
        """Return what the image sets, what the file sets, and the ports of this machine."""
        target = SERVICES[name].get("build", {}).get("target")
        image = _image_environment(target) if target else {}
        given = {**image, **SERVICES[name].get("environment", {})}
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "lumbung"),
            **{key: self.local(str(value)) for key, value in given.items()},
            **self.ports,
            # so that no scheduled run takes the processor from the checks
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        }

    def once(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a service that ends, or a command in a lasting one's place."""
        return subprocess.run(
            [self.local(word) for word in words or SERVICES[name]["command"]],
            cwd=ROOT, env=self.environment(name), capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self, name: str) -> None:
        """Start a service that lasts, in a session of its own."""
        with (self.folder / f"{name}.log").open("wb") as log:
            words = [self.local(word) for word in SERVICES[name]["command"]]
            self.started[name] = subprocess.Popen(
                words, cwd=ROOT, env=self.environment(name), stdout=log,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip

    def is_healthy(self, name: str) -> subprocess.CompletedProcess[str]:
        """Ask a service by its own health check."""
        return self.once(name, *SERVICES[name]["healthcheck"]["test"][1:])

    def log(self, name: str) -> str:
        """Return the end of what a service wrote."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def stop(self) -> None:
        """End everything that was started here, each with its children."""
        for sent in (signal.SIGTERM, signal.SIGKILL):
            for process in self.started.values():
                try:
                    os.killpg(process.pid, sent)
                except ProcessLookupError:
                    continue
            deadline = time.monotonic() + 30
            while any(one.poll() is None for one in self.started.values()):
                if time.monotonic() > deadline:
                    break
                time.sleep(0.2)


def _image_environment(target: str) -> dict[str, str]:
    stage = DOCKERFILE.split(f" AS {target}\n")[1].split("\nFROM ")[0]
    joined = stage.replace("\\\n", " ")
    words = [word for line in re.findall(r"^ENV (.*)$", joined, re.M) for word in shlex.split(line)]
    return dict(word.split("=", 1) for word in words)


def _start_postgres(here: Composition) -> place.Place:
    """Stand for PostgreSQL's image: what its entry point makes of the file's settings."""
    given = here.environment("postgres")
    found = place.make(Settings(home=here.folder / "cluster"))
    password = found.folder / "password"
    shutil.copy(given["POSTGRES_PASSWORD_FILE"], password)
    found.account.owns(password)
    made = found.account.run([
        found.program("initdb"), "-D", found.data, "-U", given["POSTGRES_USER"],
        "--pwfile", password, *shlex.split(given["POSTGRES_INITDB_ARGS"]),
    ])  # fmt: skip
    assert made.returncode == 0, made.stderr
    options = f"-h 127.0.0.1 -p {here.postgres_port} -k '' -c fsync=off"
    started = found.account.run(
        [found.program("pg_ctl"), "start", "-w", "-D", found.data, "-l", found.log, "-o", options]
    )
    assert started.returncode == 0, started.stderr
    with psycopg.connect(
        host="127.0.0.1", port=here.postgres_port, user=given["POSTGRES_USER"], dbname="postgres",
        password=password.read_text(), autocommit=True,
    ) as connection:  # fmt: skip
        connection.execute(f"create database {given['POSTGRES_DB']}".encode())
    # the health check names no path: its program is the server's own
    here.here.append(("pg_isready", str(found.program("pg_isready"))))
    return found


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composition]:
    """Start everything in the order that the file asks for."""
    environments.installed("superset", tmp_path_factory)
    folder = Path(tempfile.mkdtemp(prefix="lumbung-compose-"))
    folder.chmod(0o755)
    here = Composition(folder)
    cluster: place.Place | None = None
    try:
        told = here.once("secrets")
        assert told.returncode == 0, told.stderr
        assert "owner.password" in told.stdout
        cluster = _start_postgres(here)
        workbench.release(Settings(home=folder / "lumbung"), 1)
        migrated = here.once("airflow-migrate")
        assert migrated.returncode == 0, migrated.stderr
        for name in LASTING:
            if name != "postgres":
                here.start(name)
        yield here
    finally:
        here.stop()
        if cluster is not None:
            cluster.account.run(
                [cluster.program("pg_ctl"), "stop", "-m", "fast", "-D", cluster.data]
            )
            shutil.rmtree(cluster.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", LASTING)
def test_its_very_command_gets_healthy_by_its_very_check(composed: Composition, name: str) -> None:
    deadline = time.monotonic() + HEALTHY_SECONDS
    while (asked := composed.is_healthy(name)).returncode != 0:
        said = asked.stdout + asked.stderr + composed.log(name)
        if name in composed.started:
            assert composed.started[name].poll() is None, f"{name} ended: {said}"
        assert time.monotonic() < deadline, said
        time.sleep(2)


def test_a_check_fails_where_its_service_is_not(composed: Composition) -> None:
    """Otherwise the checks above would prove nothing."""
    nobody = free_port()
    ports = dict(composed.ports)
    composed.ports.update(dict.fromkeys(
        ("LUMBUNG_AIRFLOW_PORT", "LUMBUNG_PORTAL_PORT", "LUMBUNG_SUPERSET_PORT", "PGPORT"),
        str(nobody),
    ))  # fmt: skip
    try:
        assert [name for name in LASTING if composed.is_healthy(name).returncode == 0] == []
    finally:
        composed.ports.update(ports)


def test_the_generated_passwords_open_what_they_are_for(composed: Composition) -> None:
    published = composed.once("airflow-scheduler", "python", "-m", "serving", "publish")
    assert published.returncode == 0, published.stdout + published.stderr
    reads = composed.environment("superset")["LUMBUNG_SUPERSET_READS"]
    with psycopg.connect(reads.replace("+psycopg2", "")) as reader:
        assert reader.info.user == "lumbung_reader"
        row = reader.execute("select release_id from marts.publication").fetchone()
        assert row == ((composed.folder / "lumbung" / "releases" / "current").resolve().name,)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("create table marts.mine (a int)")
    closed = ("lumbung/airflow", "lumbung/service", "lumbung/postgres/reader.password",
              "superset/admin.password", "reader-secret/reader.pgpass")  # fmt: skip
    assert (composed.folder / "lumbung/airflow" / password_file(Settings()).name).is_file()
    for name in closed:
        assert (composed.folder / name).stat().st_mode & 0o077 == 0, name
