"""Ask the ArcGIS portal of Banten for the layers that the catalogue names.

Layers change when an office uploads anew, without a calendar: once a week, on Monday before
work starts. Runs only where the portal's address is set.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import ARCGIS_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("0 4 * * 1", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_arcgis", minutes=240),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_arcgis():
    """Wire the one task of this source."""

    @task(outlets=[ARCGIS_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("banten_geoportal")

    harvest()


ingest_arcgis()
