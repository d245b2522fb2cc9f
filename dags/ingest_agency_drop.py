"""Take the files that offices put into the drop folder.

Each file is checked before anything of it is kept: a right one is accepted and read, a wrong
one goes back with a report that names every cell. A wrong file is its sender's business and
fails nothing here: `watch_freshness` names it, and the mart `fetch_outcomes` holds it. Offices
send files in working hours, so this looks every hour of the working day.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import AGENCY_OBSERVATIONS

RETRIES = {"retries": 2, "retry_delay": pendulum.duration(minutes=5)}


@dag(
    schedule=CronTriggerTimetable("15 7-18 * * 1-5", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_agency_drop", minutes=60),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_agency_drop():
    """Wire the look through the folder, then the reading of what was accepted."""

    @task
    def receive() -> dict[str, int]:
        from lumbung.steps import receive_drop

        return receive_drop()

    @task(outlets=[AGENCY_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("agency_drop")

    receive() >> harvest()


ingest_agency_drop()
