"""Ask the portal of DJPK (Ministry of Finance) for regional budgets and transfers.

Regional governments report a month's spending in the weeks after it ends, and correct it for
months: the last three months are read again each time. So three times a month is enough, early
in the morning, when nobody in the offices waits for the portal; closed years are not asked for
again. Runs only where the portal's address is set.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import DJPK_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("30 7 5,15,25 * *", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_djpk", minutes=240),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_djpk():
    """Wire the one task of this source."""

    @task(outlets=[DJPK_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("djpk")

    harvest()


ingest_djpk()
