"""Ask the portal of Jawa Barat for its tables.

Its offices upload when they are done, on working days and without a calendar: once a week, on
Monday before they start. Runs only where the portal's address is set.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import JABAR_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("30 5 * * 1", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_jabar", minutes=60),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_jabar():
    """Wire the one task of this source."""

    @task(outlets=[JABAR_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("jabar")

    harvest()


ingest_jabar()
