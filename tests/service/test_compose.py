"""docker-compose.yml says what `make up` runs, closed as tightly; no engine runs here to try it.

test_compose_natively.py runs every service's very command and health check, with the file's own
settings, on this machine; the images themselves are untried.
"""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bi import control
from lumbung.settings import ROOT, Settings
from service import parts
from service.environment import write_secrets

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if "build" in one}
LASTING = {name: one for name, one in SERVICES.items() if one["restart"] != "no"}
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_each_part_of_make_up_is_a_service_with_the_same_command(tmp_path):
    named = {part.name: part for part in parts.parts(Settings(home=tmp_path))}
    for name in ("airflow-api-server", "airflow-scheduler", "airflow-dag-processor"):
        assert SERVICES[name]["command"] == ["python", *named[name].command[1:]]
    assert SERVICES["airflow-triggerer"]["command"][1:] == list(
        named["airflow-triggerer"].command[1:]
    )
    assert SERVICES["portal"]["command"][:4] == ["python", *named["portal"].command[1:]]
    assert set(named) - set(SERVICES) == {"portal-build"}, "built by the DAG build_portal"


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check_and_a_limit(name):
    assert LASTING[name]["healthcheck"]["test"][0] == "CMD"
    assert re.fullmatch(r"\d+[mg]", LASTING[name]["mem_limit"])


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root_or_may_become_more(name):
    one = SERVICES[name]
    assert not one["user"].startswith("0")
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_our_own_containers_write_to_their_volumes_only(name):
    assert OURS[name]["read_only"] is True


def test_every_published_port_is_on_this_machine_only():
    published = [port for one in SERVICES.values() for port in one.get("ports", [])]
    assert len(published) == 4
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_images_are_pinned():
    images = {one["image"] for one in SERVICES.values()} | set(
        re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    )
    assert len(images) == 4
    assert [image for image in images if not re.search(r":\d+\.\d+", image)] == []


def test_no_secret_stands_in_the_file():
    texts = [str(value) for one in SERVICES.values() for value in one["environment"].values()]
    settings = " ".join(texts)
    assert "password=" not in settings.lower()
    assert re.findall(r"//[^@/\s]*:[^@/\s]*@", settings) == []
    for name, value in SERVICES["airflow-scheduler"]["environment"].items():
        if "SECRET" in name or "FERNET" in name:
            assert name.endswith("_CMD"), name
            assert str(value).startswith("cat /var/lib/lumbung/service/")


def test_the_image_holds_every_room_that_runs():
    rooms = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["packages"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    # Spark is compared with in an environment of its own, on a bare machine
    for room in (*(room for room in rooms if room != "spark"), "dags", "dbt"):
        assert f"COPY {room} {room}\n" in DOCKERFILE, room
        assert f"!{room}" in ignored, room
    assert "USER lumbung" in DOCKERFILE


def test_superset_runs_the_command_of_make_superset_and_knows_the_reader_s_password_alone():
    one = SERVICES["superset"]
    everywhere = "0.0.0.0"  # noqa: S104 - inside the container; the port is published on loopback
    assert one["command"] == ["python", *control.COMMAND, "--host", everywhere]
    assert f"CMD {json.dumps(one['command'])}\n" in DOCKERFILE
    assert one["healthcheck"]["test"] == ["CMD", "python", "-m", "bi.serve", "--healthy"]
    secret = SERVICES["secrets"]["command"][-1]
    assert one["environment"] == {
        "LUMBUNG_SUPERSET_READS": "postgresql+psycopg2://lumbung_reader@postgres:5432/lumbung"
        f"?passfile={secret}",
        "LUMBUNG_SUPERSET_PORTAL": "http://127.0.0.1:${LUMBUNG_PORTAL_PORT:-8090}/",
    }
    assert one["volumes"] == [
        "superset:/var/lib/superset",
        f"reader-secret:{Path(secret).parent}:ro",
    ]
    for needed in ("bi bi", "portal/words.yml portal/words.yml"):
        assert f"COPY {needed}\n" in DOCKERFILE.split("AS superset\n")[1].split("FROM ")[0]


def test_secrets_are_generated_once_where_the_services_look_for_them(tmp_path):
    home, shared = tmp_path / "home", tmp_path / "postgres-secret"
    shared.mkdir()
    given = SERVICES["secrets"]["command"][1:]
    command = [
        sys.executable,
        *(str(shared / Path(word).name) if word.startswith("/run/") else word for word in given),
    ]
    environment = {"LUMBUNG_HOME": str(home), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    told = [
        subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    password = (shared / "password").read_text()
    assert told[0].stdout == told[1].stdout
    assert password not in told[0].stdout
    assert str(home / "service" / "owner.password") in told[0].stdout
    assert (home / "service" / "owner.pgpass").read_text() == f"*:*:*:lumbung_owner:{password}\n"
    assert stat.S_IMODE((shared / "password").stat().st_mode) == 0o640
    reader = (home / "postgres" / "reader.password").read_text().strip()
    assert (shared / "reader.pgpass").read_text() == f"*:*:*:lumbung_reader:{reader}\n"
    assert stat.S_IMODE((shared / "reader.pgpass").stat().st_mode) == 0o600
    for line in SERVICES["airflow-scheduler"]["environment"].values():
        if str(line).startswith("cat "):
            name = Path(str(line).removeprefix("cat ")).name
            assert stat.S_IMODE((home / "service" / name).stat().st_mode) == 0o600
    assert "passfile=/var/lib/lumbung/service/owner.pgpass" in str(
        SERVICES["airflow-scheduler"]["environment"]["LUMBUNG_POSTGRES_DSN"]
    )


def test_a_second_call_keeps_the_password(tmp_path):
    write_secrets(Settings(home=tmp_path), tmp_path / "password", tmp_path / "reader.pgpass")
    first = (tmp_path / "password").read_text()
    write_secrets(Settings(home=tmp_path), tmp_path / "password", tmp_path / "reader.pgpass")
    assert (tmp_path / "password").read_text() == first
    assert len(first) > 30
