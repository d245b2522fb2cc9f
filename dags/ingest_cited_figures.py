"""Read the figures that ship with the project, each with its citation.

They change when somebody commits a better one, at any hour; so this looks once a night,
before people in Banten start work.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CITED_OBSERVATIONS

RETRIES = {"retries": 1, "retry_delay": pendulum.duration(minutes=5)}


@dag(
    schedule=CronTriggerTimetable("0 5 * * *", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_cited_figures", minutes=60),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_cited_figures():
    """Wire the one task of this source."""

    @task(outlets=[CITED_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("cited_figures")

    harvest()


ingest_cited_figures()
