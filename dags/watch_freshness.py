"""Say every evening which datasets are late against their publisher's calendar.

Each is alerted by itself, late apart from failing; the run fails too, so that whoever watches
Airflow sees it. The mart `freshness` holds the same facts for readers.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within


@dag(
    schedule=CronTriggerTimetable("0 18 * * *", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args=ON_FAILURE,
    deadline=within("watch_freshness", minutes=30),
    doc_md=__doc__,
    tags=["watch"],
)
def watch_freshness():
    """Wire the one look at the calendar."""

    @task
    def look() -> list[str]:
        from lumbung.steps import late_datasets

        return late_datasets()

    look()


watch_freshness()
