"""Bring PostgreSQL to the current release, when there is a new one and every quarter of an hour.

Apart from the build on purpose: a PostgreSQL that is down must neither fail a release nor wait
for the next figures to catch up. It skips where no PostgreSQL is set up.
"""

import pendulum
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CURRENT_RELEASE
from lumbung.pools import at_releases

RETRIES = {"retries": 2, "retry_delay": pendulum.duration(minutes=1)}


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("*/15 * * * *", timezone="Asia/Jakarta"),
        assets=CURRENT_RELEASE,
    ),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE, **at_releases()},
    deadline=within("serve_release", minutes=30),
    doc_md=__doc__,
    tags=["release"],
)
def serve_release():
    """Wire the one publication."""

    @task
    def serve() -> str:
        from lumbung.steps import serve_current_release

        return serve_current_release()

    serve()


serve_release()
