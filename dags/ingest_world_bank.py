"""Ask the World Bank for the national cross-checks.

Its indicators are updated a few times a year, on no fixed day: once a month finds every update
in time. Runs only where the API's address is set.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import WORLD_BANK_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("0 6 3 * *", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_world_bank", minutes=60),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_world_bank():
    """Wire the one task of this source."""

    @task(outlets=[WORLD_BANK_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("world_bank")

    harvest()


ingest_world_bank()
