"""Ends a run that has no memory left to start a thread in, where Python would wait for ever.

A thread that dies before it has said that it runs leaves the one that started it waiting: no
error reaches it. Python tells of the dead one by ``sys.unraisablehook``, and nowhere else; and
it tells it in the dead one's place, where there is no memory to run anything of Python's. So the
hook only puts the news aside, and a thread that has been there from the start looks for it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: EX_OSERR of sysexits.h: the system can't give what is asked of it.
CODE = 71
WORDS = (
    "out of memory. The current release is as it was. A refresh needs 1 GiB: raise the limit, or "
    "stop what else runs here, then `make refresh` takes up what is built already."
)
LOOK_SECONDS = 0.5

Hook = Callable[["sys.UnraisableHookArgs"], object]


@contextmanager
def ended_at_once(terminal: int) -> Iterator[None]:
    """End the process with words on ``terminal``, a file descriptor, where a thread can't start."""
    before, news, at_work = sys.unraisablehook, deque[Any](), [True]
    line = f"\n{WORDS}\n".encode()  # made now: later there is no memory for it
    threading.Thread(
        target=_watch, args=(news, at_work, terminal, line, before), name="starved", daemon=True
    ).start()
    # a method of C that needs no memory: the first entries of a deque have their places
    sys.unraisablehook = news.append
    try:
        yield
    finally:
        sys.unraisablehook = before
        at_work.clear()


def _watch(news: deque[Any], at_work: list[bool], terminal: int, line: bytes, tell: Hook) -> None:
    """Look for what was put aside, and end the process for want of memory; tell all else."""
    while at_work or news:
        try:
            while news:
                found = news.popleft()
                if issubclass(found.exc_type, MemoryError) and "thread" in (found.err_msg or ""):
                    raise MemoryError
                tell(found)
            time.sleep(LOOK_SECONDS)
        except MemoryError:
            os.write(terminal, line)
            os._exit(CODE)
