"""Runs ``dbt build`` as a process of its own that is begun early and told late.

Importing dbt takes about as long as writing the inputs. So the process starts first, imports dbt
meanwhile, and waits for what only the written inputs can tell. A process of its own also closes
the file when it ends, and its words are kept.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from lumbung.settings import ROOT, Settings
from release import parsed
from release.errors import AssemblyError
from release.failures import describe

#: What dbt writes, staging and intermediate tables included.
BUILT = "built.duckdb"
#: What a process needs of the environment of whoever started us.
NEEDED = ("PATH", "PYTHON", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
#: dbt and its libraries must not talk to anybody.
QUIET = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
}


class DbtProcess:
    """One ``dbt build`` in ``folder``: begun on entry, told and awaited by :meth:`build`."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._log = folder / "dbt.log"

    def __enter__(self) -> Self:
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "release.dbt_child", *self._arguments()],
                cwd=self._folder, env=environment(self._settings),
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def build(self, words: Mapping[str, str], meanwhile: Callable[[], object]) -> None:
        """Say what to build, as environment variables, and wait for its end; do ``meanwhile``.

        Raises AssemblyError that names the model or test, the rule, sample rows and the log.
        """
        helper = threading.Thread(target=meanwhile, daemon=True)
        helper.start()
        self._process.communicate(json.dumps(dict(words)).encode() + b"\n")
        helper.join()
        code = self._process.returncode
        if code:
            raise AssemblyError(describe(self._folder, self._log, code))
        parsed.keep(self._settings, self._folder / "dbt")

    def _arguments(self) -> list[str]:
        return [
            str(self._folder / "dbt"),
            "--no-use-colors", "build",
            "--project-dir", str(self._settings.dbt_project),
            "--profiles-dir", str(ROOT),
            # Unit tests and those of seeds judge the code, not the figures: `make test` runs them.
            "--exclude-resource-type", "unit_test",
            "--indirect-selection", "cautious",
            "--exclude", "resource_type:seed,resource_type:test",
            # Its words are kept in dbt.log; a second file with every statement costs a second.
            "--log-level-file", "none",
            *parsed.arguments(self._settings),
        ]  # fmt: skip


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
        "LUMBUNG_DUCKDB": BUILT,
        "LUMBUNG_INPUTS": "inputs",
        "LUMBUNG_BUILD_MEMORY": settings.build_memory,
    }
    return {**kept, **QUIET, **told}
