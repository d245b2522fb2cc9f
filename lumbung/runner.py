"""Run DAG files through Airflow in this process, one DAG after the other.

This is what ``airflow dags test`` does, for several DAGs at the price of one start. Each task
runs as Airflow runs it: dependencies, skips, XCom and asset events are Airflow's own.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Whether DAGs run in this process, so that what one task imports the next one finds.
IN_ONE_PROCESS = ContextVar("in_one_process", default=False)
#: The DAG file of the run at work, the only one that Airflow reads anew for it; None: all of them.
_FILE: ContextVar[str | None] = ContextVar("file", default=None)


class BrokenDagError(Exception):
    """A DAG file can't be read, or a DAG that should be there is not."""


@dataclass(frozen=True)
class TaskEvent:
    """Something a task just did: it is running, or it ended."""

    dag_id: str
    task_id: str
    state: str
    seconds: float = 0.0
    message: str = ""


@dataclass
class DagRun:
    """How one DAG went: its final state, and its tasks' last events by task id."""

    dag_id: str
    state: str
    events: dict[str, TaskEvent] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Tell whether Airflow calls the run a success."""
        return self.state == "success"

    @property
    def failures(self) -> list[TaskEvent]:
        """Return the tasks that failed by themselves, not for want of an upstream one."""
        return [event for event in self.events.values() if event.state == "failed"]


Tell = Callable[[TaskEvent], None]


def load(dags_folder: Path) -> dict[str, Any]:
    """Read the DAG files; raise BrokenDagError with the file and the error where one is broken.

    From here to the first task, Python collects no garbage.
    """
    # What Airflow makes as it starts stays, and to look through it for garbage again and again
    # takes a fifth of its start.
    gc.disable()
    from airflow.dag_processing.dagbag import DagBag

    # Airflow sets a handler of Python's for a crash and leaves it: it would return to the line that
    # crashed, for ever
    at_crash = signal.getsignal(signal.SIGSEGV)
    bag = DagBag(dag_folder=str(dags_folder))
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGSEGV, at_crash or signal.SIG_DFL)
    for path, error in bag.import_errors.items():
        raise BrokenDagError(f"{path}: {error.strip().splitlines()[-1]}")
    _talk_to_the_newest_client_only()
    return dict(bag.dags)


def _talk_to_the_newest_client_only() -> None:
    """Have Airflow's API in this process prepare for the one client that it has here.

    It would rewrite all its routes for workers of each earlier version since 3.0, a quarter of
    Airflow's start. It needs one of them beside the newest: there it finds what was taken out.
    """
    from airflow.api_fastapi.execution_api.versions import bundle

    bundle.versions = bundle.versions[:2]


def is_read(file_path: str, zip_file: Any = None) -> bool:
    """Tell whether Airflow should read this file: its setting core.might_contain_dag_callable."""
    from airflow.utils.file import might_contain_dag_via_default_heuristic as looks_like_a_dag

    only = _FILE.get()
    if only is None:
        return looks_like_a_dag(file_path, zip_file)
    return os.path.realpath(file_path) == os.path.realpath(only)


def run(dag: Any, tell: Tell) -> DagRun:
    """Run one DAG now, telling each task's start and end. Never raises for a failed task."""
    from airflow.sdk.listener import get_listener_manager

    # Somebody is waiting at a terminal: a retry minutes from now is the scheduler's business.
    for task in dag.tasks:
        task.retries = 0
    # So is a deadline; and Airflow 3.3 fails at one here, when a run that had it succeeds: it
    # looks for the deadline's id in the database, where `dag.test` never wrote one.
    dag.deadline = None
    IN_ONE_PROCESS.set(True)
    # For each run Airflow reads the whole folder again, and writes every DAG of it to the database.
    os.environ["AIRFLOW__CORE__MIGHT_CONTAIN_DAG_CALLABLE"] = f"{__name__}.{is_read.__name__}"
    _FILE.set(dag.fileloc)
    listener = _listener(tell)
    manager = get_listener_manager()
    manager.add_listener(listener)  # type: ignore[no-untyped-call]
    try:
        outcome = dag.test()
    finally:
        manager.pm.unregister(listener)
        _FILE.set(None)
        gc.enable()
    return DagRun(dag.dag_id, str(outcome.state), listener.events)


def _listener(tell: Tell) -> Any:
    """Build the object through which Airflow reports; its decorator needs airflow imported."""
    from airflow.listeners import hookimpl

    class Listener:
        def __init__(self) -> None:
            self.events: dict[str, TaskEvent] = {}
            self.started: dict[str, float] = {}

        def note(self, task_instance: Any, state: str, message: str = "") -> None:
            task_id = task_instance.task_id
            now = time.monotonic()
            begun = self.started.setdefault(task_id, now)
            event = TaskEvent(task_instance.dag_id, task_id, state, now - begun, message)
            self.events[task_id] = event
            tell(event)

        @hookimpl
        def on_task_instance_running(self, task_instance: Any) -> None:
            if not gc.isenabled():  # the first: what lies there is Airflow's own, and stays
                gc.freeze()
                gc.enable()
            self.note(task_instance, "running")

        @hookimpl
        def on_task_instance_success(self, task_instance: Any) -> None:
            self.note(task_instance, "success")

        @hookimpl
        def on_task_instance_skipped(self, task_instance: Any) -> None:
            self.note(task_instance, "skipped")

        @hookimpl
        def on_task_instance_failed(self, task_instance: Any, error: Any) -> None:
            self.note(task_instance, "failed", f"{error}" or type(error).__name__)

    return Listener()
