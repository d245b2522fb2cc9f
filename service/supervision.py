"""Hands the parts to supervisord, which starts again what dies; finds and ends what is ours.

supervisord keeps no control socket: it is told to end by a signal, and every process of the
service is known by a mark in its environment, also one whose parent was killed.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import psutil

from lumbung.settings import ROOT, Settings
from service.environment import MARK, environment, folder
from service.errors import ServiceError
from service.parts import Part, parts

#: How long a part may take to end before it is killed. Airflow waits for its tasks' processes.
STOP_SECONDS = 30
#: How long the supervisor may take to say that it is there.
START_SECONDS = 30


def logs(settings: Settings) -> Path:
    """Return the folder of the parts' logs."""
    return settings.home / "logs" / "service"


def configuration(settings: Settings) -> str:
    """Return supervisord's configuration for these settings."""
    sections = [
        "; Written by Lumbung at every start: change the settings, not this file.",
        "[supervisord]",
        f"logfile={_text(logs(settings) / 'supervisord.log')}",
        "logfile_maxbytes=10MB",
        "logfile_backups=2",
        f"pidfile={_text(_pid_file(settings))}",
        f"childlogdir={_text(logs(settings))}",
        f"directory={_text(ROOT)}",
    ]
    if os.geteuid() == 0:
        sections.append("user=root")  # said on purpose, or supervisord warns of it
    for number, part in enumerate(parts(settings), start=1):
        sections += ["", *_program(settings, part, number)]
    return "\n".join(sections) + "\n"


def start(settings: Settings) -> None:
    """Start supervisord with all parts. Raises ServiceError with what it says where it can't."""
    logs(settings).mkdir(parents=True, exist_ok=True)
    file = _configuration_file(settings)
    file.write_text(configuration(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(file)],
        cwd=ROOT,
        env=environment(settings, os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    # it returns before it has written down who it is
    deadline = time.monotonic() + START_SECONDS
    while done.returncode == 0 and supervisor(settings) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    if supervisor(settings) is None:
        said = (done.stderr or done.stdout).strip() or f"see {logs(settings) / 'supervisord.log'}"
        raise ServiceError(f"the parts could not be started: {said}")


def is_changed(settings: Settings) -> bool:
    """Tell whether what runs was started with other settings than these."""
    file = _configuration_file(settings)
    return not file.exists() or file.read_text(encoding="utf-8") != configuration(settings)


def supervisor(settings: Settings) -> psutil.Process | None:
    """Return the supervisor of this home; None where none runs."""
    try:
        found = psutil.Process(int(_pid_file(settings).read_text(encoding="utf-8")))
        return found if _is_ours(found, settings) else None
    except (OSError, ValueError, psutil.Error):
        return None


def processes(settings: Settings) -> list[psutil.Process]:
    """Return every process of this home's service, orphans too, but never the caller's own."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in own and _is_ours(process, settings)
    ]


def end_supervisor(settings: Settings) -> None:
    """End the supervisor, which ends its parts first; kill it where it takes too long."""
    head = supervisor(settings)
    if head is not None:
        _signal([head], "terminate")
        _signal(_wait([head], STOP_SECONDS + 10), "kill")


def sweep(settings: Settings) -> None:
    """End every process of the service that is left, and forget what ran."""
    _signal(processes(settings), "terminate")
    _signal(_wait(processes(settings), STOP_SECONDS), "kill")
    _wait(processes(settings), 5)
    for file in (_pid_file(settings), _configuration_file(settings)):
        file.unlink(missing_ok=True)


def run(settings: Settings, name: str) -> NoReturn:
    """Become a part, after ending what an earlier process of it left behind when it was killed.

    Raises ServiceError where there is no such part.
    """
    for part in parts(settings):
        if part.name == name:
            if not part.leaves_children:
                _end_orphans(settings, name)
            os.execv(part.command[0], part.command)  # noqa: S606 - no shell is wanted
    raise ServiceError(f"there is no part {name!r}: {', '.join(p.name for p in parts(settings))}")


def _end_orphans(settings: Settings, name: str) -> None:
    orphans = [one for one in processes(settings) if _part_of(one) == name]
    _signal(orphans, "kill")
    _wait(orphans, 5)


def _part_of(process: psutil.Process) -> str:
    """Return the part that a process belongs to: supervisord says so to each."""
    try:
        return str(process.environ().get("SUPERVISOR_PROCESS_NAME", ""))
    except (psutil.Error, OSError):
        return ""


def _is_ours(process: psutil.Process, settings: Settings) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return bool(process.environ().get(MARK) == str(settings.home))
    except (psutil.Error, OSError):
        return False


def _signal(those: Iterable[psutil.Process], how: str) -> None:
    for process in those:
        try:
            getattr(process, how)()
        except psutil.NoSuchProcess:
            continue


def _wait(those: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait until they are gone; return those that are not."""
    _, alive = psutil.wait_procs(those, timeout=seconds)
    return list(alive)


def _program(settings: Settings, part: Part, number: int) -> list[str]:
    restart = "false" if part.once else "true"
    return [
        f"[program:{part.name}]",
        f"command={_text(shlex.join((sys.executable, '-m', 'service', 'run', part.name)))}",
        f"priority={number}",
        f"umask={part.umask}",
        f"autorestart={restart}",
        # what ends within five seconds did not start: tried again, less and less often
        f"startsecs={0 if part.once else 5}",
        f"startretries={0 if part.once else 20}",
        f"stopwaitsecs={STOP_SECONDS}",
        "stopasgroup=true",
        "killasgroup=true",
        "redirect_stderr=true",
        f"stdout_logfile={_text(logs(settings) / (part.name + '.log'))}",
        "stdout_logfile_maxbytes=10MB",
        "stdout_logfile_backups=2",
    ]


def _text(value: Path | str) -> str:
    """Write a value so that supervisord takes its percent signs literally."""
    return str(value).replace("%", "%%")


def _pid_file(settings: Settings) -> Path:
    return folder(settings) / "supervisord.pid"


def _configuration_file(settings: Settings) -> Path:
    return folder(settings) / "supervisord.conf"
