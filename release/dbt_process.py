"""Runs ``dbt build`` as a process of its own that is begun early and told late.

Importing dbt and reading the project takes longer than writing the inputs. So the process starts
first, does both meanwhile, and waits for what only the written inputs can tell. A process of its
own also closes the file when it ends, and its words are kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from lumbung.settings import ROOT, Settings
from release.amount import is_large
from release.errors import AssemblyError
from release.failures import describe
from release.names import LOG, SCRATCH, WAREHOUSE

#: What it says before anybody knows which build it will be.
EARLY_LOG = "reading.log"
#: dbt's own name of what it learned, and a note of the project it learned that from.
LEARNED, PROJECT = "partial_parse.msgpack", "project"
#: What a process needs of the environment of whoever started us.
NEEDED = ("PATH", "PYTHON", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
#: dbt and its libraries must not talk to anybody.
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
}
#: Models that dbt builds at a time. Where they are small, one is thought of while another is
#: written; where they are large, two would take each other's memory and be no faster.
THREADS, ONE_THREAD = 2, 1
#: The priority of what is done meanwhile where figures are many: it takes what dbt leaves of the
#: cores. With few figures dbt is done so soon that whoever gave way would be waited for.
NICE = 15


class DbtProcess:
    """A process that reads the project at once, and builds one candidate when it is told."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        #: What dbt learned from reading the project lies here: the next one reads what changed.
        self._memory = settings.home / "cache" / "dbt"

    def __enter__(self) -> Self:
        self._memory.mkdir(parents=True, exist_ok=True)
        self._forget_another_project()
        with (self._memory / EARLY_LOG).open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "release.dbt_child", str(self._memory), *self._project()],
                cwd=self._memory, env=environment(self._settings),
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def build(
        self, folder: Path, words: Mapping[str, str], meanwhile: Callable[[], object]
    ) -> None:
        """Build the candidate in ``folder`` and wait for its end; do ``meanwhile``.

        ``words`` are the environment variables that only this build knows. Raises AssemblyError
        that names the model or test, the rule, sample rows and the log.
        """
        threads, aside = THREADS, meanwhile
        if is_large(folder / "inputs"):
            threads, aside = ONE_THREAD, partial(_humbly, meanwhile)
        helper = threading.Thread(target=aside, daemon=True)
        helper.start()
        told = {"folder": str(folder), "environment": dict(words), "threads": threads}
        self._process.communicate(json.dumps(told).encode() + b"\n")
        code = self._process.returncode
        if code:  # who asked for it ends what is done meanwhile: nobody needs it any more
            log = folder / LOG
            if not log.exists():  # it died before it was told
                shutil.copyfile(self._memory / EARLY_LOG, log)
            raise AssemblyError(describe(folder, log, code))
        helper.join()

    def _forget_another_project(self) -> None:
        """Drop what was learned where the tree lay elsewhere: dbt would look for seeds there."""
        known = self._memory / PROJECT
        here = str(self._settings.dbt_project.resolve())
        if not known.exists() or known.read_text(encoding="utf-8") != here:
            (self._memory / LEARNED).unlink(missing_ok=True)
            known.write_text(here, encoding="utf-8")

    def _project(self) -> list[str]:
        return [
            "--project-dir", str(self._settings.dbt_project),
            "--profiles-dir", str(ROOT),
            "--target", "candidate",
        ]  # fmt: skip


def _humbly(work: Callable[[], object]) -> None:
    """Do something, giving way to others: lowers the priority of the thread that calls it."""
    with suppress(OSError):  # not every system has one for a single thread
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    work()


def environment(settings: Settings) -> dict[str, str]:
    """Return what dbt starts with, the same for every candidate.

    Paths are those inside the candidate's folder, where it stands: one that differed would make
    it read the project anew, and the profile's are the ones it watches most closely. Nothing else
    of our environment is its business, keys least of all, and it looks through all of it at every
    line it logs.
    """
    kept = {name: value for name, value in os.environ.items() if name.startswith(NEEDED)}
    told = {
        "PYTHONPATH": str(ROOT),
        "LUMBUNG_DUCKDB": WAREHOUSE,
        "LUMBUNG_SCRATCH": SCRATCH,
        "LUMBUNG_INPUTS": "inputs",
        "LUMBUNG_BUILD_MEMORY": settings.build_memory,
    }
    return {**kept, **QUIET, **told}
