"""Publishes a candidate and kills itself with SIGKILL at a named point. Run as a process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def around(function: Callable[..., Any], where: Callable[..., bool], moment: str) -> Any:
    """Wrap a function: die just before or just after the call that ``where`` picks."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        chosen = where(*args)
        if chosen and moment == "before":
            die()
        result = function(*args, **kwargs)
        if chosen and moment == "after":
            die()
        return result

    return wrapped


def main(home: str, release_id: str, point: str) -> None:
    from lumbung.settings import Settings
    from release import build
    from release import export as exporting
    from release import publish as publishing

    moment, _, place = point.partition("_")
    if place == "switch":
        os.replace = around(os.replace, lambda _, target: Path(target).name == "current", moment)
    elif place == "rename":
        Path.rename = around(  # type: ignore[method-assign]
            Path.rename, lambda path, _: path.name == release_id, moment
        )
    elif place == "export":
        exporting._export_one = around(exporting._export_one, lambda *_: True, moment)
    elif place == "record":
        publishing.Store.record = around(  # type: ignore[method-assign]
            publishing.Store.record, lambda *_: True, moment
        )
    build.publish(Settings(home=Path(home)), release_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
