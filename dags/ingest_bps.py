"""Fetch the dynamic tables of Badan Pusat Statistik (BPS).

Sakernas rounds come out in early May (February round), early November (August round) and,
since 2025, early February (November round), at press briefings around 11:00 in Jakarta; the
tables follow within hours, and corrections come on any working day without notice. So we ask
every working day after lunch: an answer that did not change costs one ledger row.
"""

import pendulum
from airflow.sdk import CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import BPS_OBSERVATIONS

RETRIES = {"retries": 3, "retry_delay": pendulum.duration(minutes=10)}


@dag(
    schedule=CronTriggerTimetable("30 13 * * 1-5", timezone="Asia/Jakarta"),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE},
    deadline=within("ingest_bps", minutes=240),
    doc_md=__doc__,
    tags=["ingest"],
)
def ingest_bps():
    """Wire the one task of this source."""

    @task(outlets=[BPS_OBSERVATIONS])
    def harvest() -> list[dict]:
        from lumbung.steps import harvest_source

        return harvest_source("bps")

    harvest()


ingest_bps()
