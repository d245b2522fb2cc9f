"""Ends a run that has no memory left to start a thread in, where Python would wait for ever.

A thread that dies before it has said that it runs leaves the one that started it waiting: no
error reaches it. Python tells of the dead one by ``sys.unraisablehook``, and nowhere else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: EX_OSERR of sysexits.h: the system can't give what is asked of it.
CODE = 71
WORDS = (
    "out of memory. The current release is as it was. A refresh needs 1 GiB: raise the limit, or "
    "stop what else runs here, then `make refresh` takes up what is built already."
)


@contextmanager
def ended_at_once(terminal: int) -> Iterator[None]:
    """End the process with words on ``terminal``, a file descriptor, where a thread can't start."""
    before = sys.unraisablehook
    line = f"\n{WORDS}\n".encode()  # made now: later there is no memory for it

    def end(found: sys.UnraisableHookArgs) -> None:
        if issubclass(found.exc_type, MemoryError) and "thread" in (found.err_msg or ""):
            os.write(terminal, line)
            os._exit(CODE)
        before(found)

    sys.unraisablehook = end
    try:
        yield
    finally:
        sys.unraisablehook = before
