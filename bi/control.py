"""Starts our Superset on this machine, stops it, and says how it is; each may be repeated."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bi import bundle
from bi.errors import SupersetError
from lumbung import summary, turn
from lumbung.settings import ROOT, Settings
from service import ports
from serving import access, publish, server
from serving.errors import ServingError

#: Every process of ours carries the home it belongs to.
MARK = "LUMBUNG_SUPERSET_HOME"
HOST = access.HOST
PYTHON = ROOT / ".venv-superset" / "bin" / "python"
#: Migrates, imports, and becomes the server; the container's command too.
COMMAND = ("-m", "bi.serve")
#: The first start makes Superset's own tables: half a minute, on a busy machine several.
UP_SECONDS = 900.0
STOP_SECONDS = 20.0
#: What Superset may know of our environment: neither keys nor other programs' settings.
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "USER")
Say = Callable[[str], None]


def start(settings: Settings, say: Say, python: Path = PYTHON, seconds: float = UP_SECONDS) -> None:
    """Start Superset with our assets imported, and PostgreSQL where it does not run; wait for it.

    Running already, it takes over changed assets. Raises SupersetError where a port is taken, there
    is no release, or Superset does not come up, and ServingError where PostgreSQL does not.
    """
    if not python.is_file():
        raise SupersetError("Superset's environment is not there: make superset")
    with _alone(settings):
        running = process(settings)
        if running is not None and _is_other(running, settings):
            raise SupersetError("it runs with other settings: make superset-down first")
        _postgres(settings, say)
        if running is None:
            _launch(settings, python)
            say("Starting Superset; the first time takes a minute …")
        else:
            _import(settings, python, say)
        _wait(settings, seconds)


def stop(settings: Settings) -> bool:
    """Stop our Superset; return whether it ran. PostgreSQL goes on."""
    with _alone(settings):
        head = process(settings)
        if head is None:
            return False
        family = [head, *head.children(recursive=True)]
        head.terminate()
        _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
        for one in alive:
            one.kill()
        psutil.wait_procs(alive, timeout=5)
        _pid_file(settings).unlink(missing_ok=True)
        return True


def process(settings: Settings) -> psutil.Process | None:
    """Return the process of this home's Superset; None where none runs."""
    try:
        found = psutil.Process(int(_pid_file(settings).read_text(encoding="utf-8")))
        is_ours = found.environ().get(MARK) == str(settings.superset)
        return found if is_ours and found.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, psutil.Error):
        return None


def is_up(settings: Settings) -> bool:
    """Tell whether Superset answers."""
    try:
        where = f"{address(settings)}health"
        with urllib.request.urlopen(where, timeout=10) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except OSError:
        return False


def address(settings: Settings) -> str:
    """Return where Superset's pages are."""
    return f"http://{HOST}:{settings.superset_port}/"


def password_file(settings: Settings) -> Path:
    """Return the file with the password of the user admin."""
    return settings.superset / "admin.password"


def log(settings: Settings) -> Path:
    """Return what Superset writes."""
    return settings.home / "logs" / "superset.log"


def reads(settings: Settings) -> str:
    """Return the address of the database that Superset reads; it names a file, no password."""
    return access.dsn(settings).replace("postgresql://", "postgresql+psycopg2://", 1)


def portal(settings: Settings) -> str:
    """Return where the public pages are; the dashboard links to them."""
    return f"http://{HOST}:{settings.portal_port}/"


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    settings.superset.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with turn.take(settings.superset / "lock", "another `make superset`"):
            yield
    except turn.TakenError as error:
        raise SupersetError(str(error)) from None


def _postgres(settings: Settings, say: Say) -> None:
    """See to it that there is a release to read in PostgreSQL."""
    if summary.current_release_id(settings) is None:
        raise SupersetError("there is no release to show yet; run: make refresh")
    if not access.is_external(settings) and not server.state(settings).is_running:
        say("Starting PostgreSQL …")
        server.start(settings)
    publish.publish(settings)


def _ours(settings: Settings) -> dict[str, str]:
    """Return what `bi.serve` is told."""
    return {
        MARK: str(settings.superset),
        "LUMBUNG_SUPERSET_READS": reads(settings),
        "LUMBUNG_SUPERSET_PORT": str(settings.superset_port),
        "LUMBUNG_SUPERSET_PORTAL": portal(settings),
    }


def _environment(settings: Settings) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {
        **kept,
        **_ours(settings),
        "HOME": str(settings.superset),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }


def _is_other(running: psutil.Process, settings: Settings) -> bool:
    """Tell whether what runs listens or reads elsewhere than these settings say."""
    known = running.environ()
    return any(known.get(name) != value for name, value in _ours(settings).items())


def _launch(settings: Settings, python: Path) -> None:
    port = settings.superset_port
    if ports.is_taken(port):
        raise SupersetError(
            f"port {port} is taken by {ports.holder(port)}: set LUMBUNG_SUPERSET_PORT to a free one"
        )
    log(settings).parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log(settings), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as output:
        head = subprocess.Popen(
            [python, *COMMAND], cwd=ROOT, env=_environment(settings), stdout=output,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    _pid_file(settings).write_text(f"{head.pid}\n", encoding="utf-8")


def _import(settings: Settings, python: Path, say: Say) -> None:
    """Take changed assets over into the Superset that runs."""
    noted = settings.superset / "prepared.assets"
    wanted = bundle.digest(bundle.files(reads(settings), portal(settings)))
    if not is_up(settings) or noted.read_text(encoding="utf-8").strip() == wanted:
        return
    say("Importing the changed dashboard …")
    done = subprocess.run(
        [python, *COMMAND, "--prepare"], cwd=ROOT, env=_environment(settings),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SupersetError(f"the dashboard could not be imported:\n{done.stderr[-2000:]}")


def _wait(settings: Settings, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not is_up(settings):
        if process(settings) is None:
            raise SupersetError(f"Superset ended: see {log(settings)}\n{_tail(settings)}")
        if time.monotonic() > deadline:
            raise SupersetError(f"Superset does not answer yet: see {log(settings)}")
        time.sleep(0.5)


def _tail(settings: Settings, lines: int = 8) -> str:
    text = log(settings).read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def _pid_file(settings: Settings) -> Path:
    return settings.superset / "superset.pid"


def trouble(settings: Settings) -> str:
    """Return what is wrong; nothing where Superset and its PostgreSQL work."""
    if process(settings) is None:
        return "Superset does not run: make superset"
    if not is_up(settings):
        return f"Superset does not answer yet: see {log(settings)}"
    try:
        if publish.served(settings) is None:
            return "PostgreSQL serves no release: python -m serving publish"
    except ServingError as error:
        return str(error)
    return ""
