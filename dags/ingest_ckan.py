"""Ask the CKAN portal of Kabupaten Serang for the tables that the catalogue names.

Offices upload tables when they are done, on working days and without a calendar: once a week,
on Monday before they start. Runs only where the portal's address is set.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CKAN_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("0 5 * * 1", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_ckan", minutes=240),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_ckan():
    """Wire the one task of this source."""

    @task(outlets=[CKAN_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("serangkab_open_data")

    harvest()


ingest_ckan()
