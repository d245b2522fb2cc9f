"""dbt standing by before anybody knows whether there is something to build.

Whoever runs a whole refresh in one process calls it as soon as something new is likely; by the
time the inputs are there, it has imported itself and read the project. What nobody needs ends
with the block. A refresh without news imports nothing of this but the names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from lumbung.settings import Settings

if TYPE_CHECKING:
    from release.dbt_process import DbtProcess


class _Waiting:
    """A process, and what it was begun with."""

    def __init__(self, settings: Settings) -> None:
        from release.dbt_process import DbtProcess

        self.stack = ExitStack()
        self.process = self.stack.enter_context(DbtProcess(settings))
        try:
            # Meanwhile: it imports dbt for a second, and reads the project only then.
            self.basis = _basis(settings)
        except BaseException:
            self.stack.close()
            raise


def _basis(settings: Settings) -> tuple[object, ...]:
    """Return what a process reads: the code as it is now, and the settings that it is told."""
    from release import fingerprint

    told = (settings.home, settings.dbt_project, settings.build_memory)
    return (*told, fingerprint.of("", settings))


class Standby:
    """At most one process that waits for its candidate."""

    def __init__(self) -> None:
        self._is_allowed = False
        self._waiting: _Waiting | None = None

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """Let ``call`` begin a process within this block, which ends it."""
        self._is_allowed = True
        try:
            yield
        finally:
            self._is_allowed = False
            self._drop()

    def call(self, settings: Settings) -> None:
        """Begin a process, unless one waits already, or nobody allowed it."""
        if self._is_allowed and self._waiting is None:
            try:
                self._waiting = _Waiting(settings)
            except OSError:  # whoever builds will meet it again, and say so
                self._waiting = None

    @contextmanager
    def process(self, settings: Settings) -> Iterator[DbtProcess]:
        """Yield the process that waits, or a new one where none reads this very code."""
        if self._waiting is not None and self._waiting.basis != _basis(settings):
            self._drop()
        taken, self._waiting = self._waiting or _Waiting(settings), None
        with taken.stack:
            yield taken.process

    def _drop(self) -> None:
        if self._waiting is not None:
            self._waiting.stack.close()
            self._waiting = None


STANDBY = Standby()
