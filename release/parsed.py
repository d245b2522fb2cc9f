"""What dbt learned from reading the project, kept between builds: a third of a build's time.

dbt checks what it is given against its own version, the settings, and every file, and reads
again what changed; what it cannot use it leaves alone. So the worst an old copy does is nothing.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from lumbung.settings import Settings

NAME = "partial_parse.msgpack"


def arguments(settings: Settings) -> list[str]:
    """Return the options that make dbt begin from the last build's reading, if there is one."""
    path = _path(settings)
    return ["--partial-parse-file-path", str(path)] if path.is_file() else []


def keep(settings: Settings, target: Path) -> None:
    """Keep what the build in ``target`` read, for the next one; a failure costs only time."""
    path = _path(settings)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")  # one build at a time: what a killed one left is overwritten
        shutil.copyfile(target / NAME, new)
        new.replace(path)
    except OSError:
        shutil.rmtree(path.parent, ignore_errors=True)


def _path(settings: Settings) -> Path:
    return settings.home / "cache" / "dbt" / NAME
