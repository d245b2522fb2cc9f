"""What Airflow calls when a task fails or a DAG run takes too long.

DAG files take ``ON_FAILURE`` into their default arguments and ``within`` as their deadline.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference
from airflow.sdk.exceptions import AirflowFailException


class AlreadyToldError(AirflowFailException):
    """A failure whose alerts were told one by one: the task's own would only repeat them."""


def task_failed(context: Any) -> None:
    """Tell that a task failed for good, with the words it failed with."""
    from lumbung import settings
    from lumbung.alerts.alert import RELEASE_ID, Alert
    from lumbung.alerts.notifier import tell

    error = context.get("exception")
    if isinstance(error, AlreadyToldError):
        return
    task = context["ti"]
    message = f"{error}" if f"{error}" not in ("", "None") else "it ended without a message"
    release = RELEASE_ID.search(message)
    tell(
        settings.load(),
        Alert(
            kind="task_failed",
            subject=f"{task.dag_id}.{task.task_id}",
            message=message,
            run_id=str(task.run_id),
            release_id=release.group() if release else None,
        ),
    )


def deadline_missed(dag: str, minutes: int, context: Any = None) -> None:
    """Tell that a DAG's run was not done in time."""
    from lumbung import settings
    from lumbung.alerts.alert import Alert
    from lumbung.alerts.notifier import tell

    run = (context or {}).get("dag_run") or {}
    run_id = run.get("dag_run_id") or run.get("run_id") if isinstance(run, dict) else run.run_id
    tell(
        settings.load(),
        Alert(
            kind="deadline_missed",
            subject=dag,
            message=f"a run was queued more than {minutes} minutes ago and is not done",
            run_id=str(run_id) if run_id else None,
        ),
    )


def within(dag: str, minutes: int) -> DeadlineAlert:
    """Return the deadline of a DAG: so long after it was queued, a run must be done."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        callback=SyncCallback(deadline_missed, kwargs={"dag": dag, "minutes": minutes}),
        name=f"{dag} done within {minutes} minutes",
    )


ON_FAILURE = {"on_failure_callback": task_failed}
