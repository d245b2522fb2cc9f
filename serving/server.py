"""Our own PostgreSQL: made once, started, stopped, and asked how it is.

Loopback TCP only, no Unix socket, passwords by SCRAM. Every function may be repeated.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from lumbung.settings import Settings
from release.files import locked
from serving import access, cluster, place
from serving.errors import PortTakenError, ServingError, UnreachableError
from serving.place import Place

#: After a kill -9, children of the dead server may hold its memory for a moment.
RECOVERY_SECONDS = 15.0
START_SECONDS = 60
BURIAL_SECONDS = 15.0
MAX_LOG_BYTES = 10_000_000

#: Written at every start: what a laptop and a small server both bear.
CONFIGURATION = """\
# Written by Lumbung at every start; your own settings go into postgresql.conf, below the include.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'  # pragma: allowlist secret
max_connections = 100
shared_buffers = '128MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
random_page_cost = 1.1
max_wal_size = '1GB'
wal_level = 'minimal'
max_wal_senders = 0
# Queries here are short: compiling them takes longer than running them.
jit = off
# A query that sorts the whole warehouse must not fill the disk.
temp_file_limit = '2GB'
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_lock_waits = on
deadlock_timeout = '{deadlock_timeout_ms}ms'
{extra}"""

#: Passwords on every way in; only from this machine, as nothing else is listened to.
DOORS = """\
# Written by Lumbung when the cluster was made.
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True)
class State:
    """How our own server is: ``is_wanted`` since its start until it is stopped on purpose."""

    is_running: bool
    is_wanted: bool
    port: int | None
    process: int | None


def is_configured(settings: Settings) -> bool:
    """Tell whether releases go to a PostgreSQL: another's, or ours since it was started."""
    return access.is_external(settings) or _marker(settings).exists()


def start(settings: Settings, **extra: str) -> State:
    """Start our PostgreSQL, made at first, and set up its database and roles.

    ``extra`` are further settings of PostgreSQL. Started twice, it only sets up what is missing.
    With another's server there is nothing to start. Raises PortTakenError where the port is
    another program's, UnreachableError where the server does not come up.
    """
    if access.is_external(settings):
        return State(True, True, None, None)
    with locked(settings.postgres / ".lock"):
        here = place.make(settings)
        before = _state(settings, here)
        if before.is_running and before.port != settings.postgres_port:
            _stop(here)
        if not before.is_running or before.port != settings.postgres_port:
            _initialise(settings, here)
            _refuse_taken(settings.postgres_port)
            _configure(settings, here, extra)
            _start(here)
        cluster.prepare(settings)
        _marker(settings).touch()
        return _state(settings, here)


def stop(settings: Settings) -> bool:
    """Stop our PostgreSQL; return whether it ran."""
    if not settings.postgres.is_dir():
        return False
    with locked(settings.postgres / ".lock"):
        _marker(settings).unlink(missing_ok=True)
        here = place.find(settings)
        if here is None or not _state(settings, here).is_running:
            return False
        _stop(here)
        return True


def state(settings: Settings) -> State:
    """Say how our PostgreSQL is."""
    here = place.find(settings)
    if here is None:
        return State(False, _marker(settings).exists(), None, None)
    return _state(settings, here)


@contextmanager
def running(settings: Settings, **extra: str) -> Iterator[State]:
    """Run our PostgreSQL while the block runs."""
    try:
        yield start(settings, **extra)
    finally:
        stop(settings)


def _state(settings: Settings, here: Place) -> State:
    wanted = _marker(settings).exists()
    _await_burial(here)
    done = here.account.run([here.program("pg_ctl"), "-D", here.data, "status"])
    if done.returncode != 0:
        return State(False, wanted, None, None)
    if _is_of_another_home(here):
        return State(False, wanted, None, None)
    lines = (here.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    return State(True, wanted, int(lines[3]), int(lines[0]))


def _await_burial(here: Place) -> None:
    """Wait until the system has cleared a killed server away: PostgreSQL takes it for alive.

    The first process of the machine does that, in some containers only every few seconds.
    """
    deadline = time.monotonic() + BURIAL_SECONDS
    while time.monotonic() < deadline:
        try:
            process = int((here.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            if psutil.Process(process).status() != psutil.STATUS_ZOMBIE:
                return
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        time.sleep(0.05)


def _marker(settings: Settings) -> Path:
    return settings.postgres / "wanted"


def _initialise(settings: Settings, here: Place) -> None:
    """Make the cluster where there is none: beside its place, so that half a one is never used."""
    if here.data.is_dir():
        _refuse_other_version(here)
        return
    partial = here.folder / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    secret = here.folder / "admin.password"
    secret.touch(mode=0o600)
    here.account.owns(secret)
    secret.write_text(access.make_password(settings, "admin") + "\n", encoding="utf-8")
    try:
        done = here.account.run([
            here.program("initdb"), "--pgdata", partial, "--username", access.user("admin"),
            "--pwfile", secret, "--auth", "scram-sha-256", "--encoding", "UTF8",
            # Texts sort by their bytes, as they do in DuckDB, on every machine.
            "--locale", "C", "--data-checksums",
        ])  # fmt: skip
    finally:
        secret.unlink()
    if done.returncode != 0:
        raise ServingError(f"PostgreSQL could not be set up in {here.folder}: {_said(done)}")
    with (partial / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude_if_exists = 'lumbung.conf'\n")
    (partial / "pg_hba.conf").write_text(DOORS, encoding="utf-8")
    partial.rename(here.data)


def _refuse_other_version(here: Place) -> None:
    made_by = (here.data / "PG_VERSION").read_text(encoding="utf-8").strip()
    programs = here.account.run([here.program("postgres"), "--version"]).stdout
    if f" {made_by}." not in programs:
        raise ServingError(
            f"the data in {here.data} is of PostgreSQL {made_by}, the programs in "
            f"{here.programs} are {programs.strip() or 'not to be run'}: set LUMBUNG_POSTGRES_BIN "
            "to programs of that version, or remove the folder; the next publication fills it again"
        )


def _refuse_taken(port: int) -> None:
    """Name a taken port before PostgreSQL hides it in its log."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((access.HOST, port))
        except OSError:
            raise PortTakenError(
                f"port {port} on {access.HOST} is taken by another program: "
                "set LUMBUNG_POSTGRES_PORT to a free one"
            ) from None


def _configure(settings: Settings, here: Place, extra: dict[str, str]) -> None:
    path = here.data / "lumbung.conf"
    lines = "".join(f"{name} = '{value}'\n" for name, value in sorted(extra.items()))
    text = CONFIGURATION.format(port=settings.postgres_port, deadlock_timeout_ms=1000, extra=lines)
    path.write_text(text, encoding="utf-8")
    here.account.owns(path)
    if here.log.exists() and here.log.stat().st_size > MAX_LOG_BYTES:
        here.log.replace(here.log.with_suffix(".log.1"))


def _start(here: Place) -> None:
    """Start the server; try again for some seconds where an earlier one was killed."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    was_killed = (here.data / "postmaster.pid").exists()
    if _is_of_another_home(here):
        (here.data / "postmaster.pid").unlink()  # that server lives: ours would never start
    while True:
        done = here.account.run(
            [here.program("pg_ctl"), "-D", here.data, "-l", here.log, "-w", "-s",
             "-t", str(START_SECONDS), "start"]
        )  # fmt: skip
        if done.returncode == 0:
            return
        if not was_killed or time.monotonic() > deadline:
            raise UnreachableError(
                f"PostgreSQL did not start: {_said(done)}\nThe end of {here.log}:\n{_tail(here)}"
            )
        time.sleep(0.3)


def _is_of_another_home(here: Place) -> bool:
    """Tell whether this home is a copy: its file of the running server names the first's data."""
    path = here.data / "postmaster.pid"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return len(lines) > 1 and Path(lines[1]).resolve() != here.data.resolve()


def _stop(here: Place) -> None:
    done = here.account.run(
        [here.program("pg_ctl"), "-D", here.data, "-m", "fast", "-w", "-s", "-t", "60", "stop"]
    )
    if done.returncode != 0:
        raise ServingError(f"PostgreSQL did not stop: {_said(done)}; its log: {here.log}")


def _said(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stderr or done.stdout).split()) or f"exit code {done.returncode}"


def _tail(here: Place, lines: int = 8) -> str:
    if not here.log.exists():
        return "(nothing)"
    text = here.log.read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])
