"""Nothing listens beyond this machine and no password is known before the first start."""

from __future__ import annotations

import ast
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from lumbung.settings import ROOT
from tests.replicas import arcgis, bps, ckan, djpk, jabar, worldbank

#: Addresses by which a server takes callers from other machines.
ANYWHERE = frozenset({"0.0.0.0", "[::]"})  # noqa: S104 - what is looked for
#: Open only where a server is told whom to listen to.
OPEN = ANYWHERE | {"", "*", "::"}
SECRET_NAME = re.compile(r"passw(or)?d|secret|token|_key$|fernet|dsn|credential", re.IGNORECASE)
#: Compose's own ways to say: from whoever starts it, else nothing.
ASKED_FOR = re.compile(r"\$\{[A-Z_]+(:-|-|:\?[^}]*|\?[^}]*)?\}|")
#: Where a generated secret lies: a path, a command that reads it, a connection with a passfile.
KEPT_IN_FILE = re.compile(
    r"(cat )?/(var|run)/[\w./-]+|postgresql://\w+@[\w:/]+\?passfile=/[\w./-]+"
)
LISTENS = re.compile(r"listen|bind|serve|host|server|addr|^run$", re.IGNORECASE)


def python_files() -> Iterator[Path]:
    for room in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        yield from sorted(room.rglob("*.py"))
    for room in ("dags", "scripts", "benchmarks", "tests/replicas"):
        yield from sorted((ROOT / room).glob("*.py"))


def open_doors(source: str) -> list[int]:
    """Return the lines that hold an open address as a text of its own, or an empty host to bind."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and node.value in ANYWHERE:
            found.append(node.lineno)
        if isinstance(node, ast.Call):
            pairs = [one.elts for one in node.args if isinstance(one, ast.Tuple)]
            found += [
                pair[0].lineno
                for pair in pairs
                if len(pair) == 2 and _is_open(pair[0]) and _may_be_port(pair[1])
            ]
        if (
            isinstance(node, ast.keyword)
            and LISTENS.search(node.arg or "")
            and _is_open(node.value)
        ):
            found.append(node.value.lineno)
    return found


def _is_open(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in OPEN - ANYWHERE


def _may_be_port(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and type(node.value) is int) or (
        isinstance(node, ast.Name | ast.Attribute) and "port" in ast.unparse(node).lower()
    )


def known_secrets(source: str) -> list[str]:
    """Return names like `password` that are given a text right in the code."""
    found = []
    for node in ast.walk(ast.parse(source)):
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(ast.unparse(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(ast.unparse(node.target), node.value)]
        elif isinstance(node, ast.keyword):
            pairs = [(node.arg or "", node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        found += [
            f"{node.lineno if hasattr(node, 'lineno') else 0}: {name}"  # type: ignore[attr-defined]
            for name, value in pairs
            if SECRET_NAME.search(name)
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
            and looks_like_one(value.value)
        ]
    return found


def looks_like_one(text: str) -> bool:
    """Tell a password from the name of a file or a variable, a sentence or a format."""
    return bool(text) and not re.search(r"[\s/.{}<>%:]|^[A-Z_]+$|^(scram|md5|pass|airflow_)", text)


def compose() -> dict[str, dict[str, object]]:
    services: dict[str, dict[str, object]] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    )["services"]
    return services


def test_no_code_opens_a_door_to_other_machines() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in python_files()
        for line in open_doors(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_no_code_knows_a_password() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{said}"
        for path in python_files()
        if "tests" not in path.parts
        for said in known_secrets(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "n_found"),
    [
        ('serve(("0.0.0.0", 80))', 1), ('serve(("", 80))', 1), ('serve(("", port))', 1),
        ('start(host="")', 1), ('start(listen_addresses="*")', 1), ('start(host="127.0.0.1")', 0),
        ('join(("", "a"))', 0), ('join("::")', 0), ('start(("::", 80))', 1),
    ],
)  # fmt: skip
def test_the_search_for_open_doors_would_find_one(source: str, n_found: int) -> None:
    assert len(open_doors(source)) == n_found


@pytest.mark.parametrize(
    ("source", "n_found"),
    [
        ('password = "lumbung"', 1),  # pragma: allowlist secret
        ('PGPASSWORD: str = "postgres"', 1),  # pragma: allowlist secret
        ('go(secret="geheim")', 1),  # pragma: allowlist secret
        ('{"AIRFLOW__API__SECRET_KEY": "abc"}', 1),  # pragma: allowlist secret
        ('password = read()', 0),
        ('password_file = "reader.password"', 0), ('password = ""', 0),  # pragma: allowlist secret
    ],
)  # fmt: skip
def test_the_search_for_passwords_would_find_one(source: str, n_found: int) -> None:
    assert len(known_secrets(source)) == n_found


def test_compose_publishes_its_ports_on_loopback_only() -> None:
    ports = [str(port) for one in compose().values() for port in one.get("ports", [])]  # type: ignore[attr-defined]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert [name for name, one in compose().items() if one.get("network_mode") == "host"] == []


def test_compose_and_dockerfile_hold_no_secret() -> None:
    given: list[tuple[str, str]] = []
    for one in compose().values():
        environment = one.get("environment") or {}
        pairs = (
            environment.items()
            if isinstance(environment, dict)
            else (str(line).partition("=")[::2] for line in environment)  # type: ignore[attr-defined]
        )
        given += [(name, str(value)) for name, value in pairs]
    told = [pair for pair in given if SECRET_NAME.search(pair[0])]
    assert told, "the search looks at nothing"
    allowed = (ASKED_FOR, KEPT_IN_FILE)
    assert [n for n, value in told if not any(form.fullmatch(value) for form in allowed)] == []
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"(?i)(?:password|secret|token|fernet)\w*[ =]", docker) == []


@pytest.mark.parametrize("module", [arcgis, bps, ckan, djpk, jabar, worldbank])
def test_a_replica_answers_on_loopback_and_nowhere_else(module) -> None:
    with module.Replica() as replica:
        host, port = replica.url.split("/")[2].split(":")
        assert host == "127.0.0.1"
        own = socket.gethostbyname(socket.gethostname())
        for other in {own, "127.0.0.2"} - {"127.0.0.1"}:
            with socket.socket() as caller:
                caller.settimeout(2)
                assert caller.connect_ex((other, int(port))) != 0
