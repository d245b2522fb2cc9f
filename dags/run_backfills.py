"""Run the declared backfills that have not run yet, one after the other.

They ask for much at once, so they go when the portals' offices are closed. A backfill is a
file in `backfills/`, reviewed like code; it runs once, which the ledger remembers.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import BACKFILLED_OBSERVATIONS

RETRIES = {"retries": 2, "retry_delay": pendulum.duration(minutes=30)}


@dag(
    schedule=CronTriggerTimetable("0 21 * * *", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("run_backfills", minutes=720),
    doc_md=__doc__,
    tags=["ingest"],
)
def run_backfills():
    """Wire the one task."""

    @task(outlets=[BACKFILLED_OBSERVATIONS])
    def backfill() -> list[dict]:
        from lumbung.steps import run_pending_backfills

        return run_pending_backfills()

    backfill()


run_backfills()
