"""Write each region's periodic report every half-year, and again after a release that changed it.

The half-year that ended is reported on from the fifteenth of the month after; what its sources
publish later comes with the release that brings it. Reports of earlier half-years stay current in
the same way. Up-to-date ones are left alone, so a run without news takes seconds.
"""

import pendulum
from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CURRENT_RELEASE
from lumbung.pools import heavy

RETRIES = {"retries": 1, "retry_delay": pendulum.duration(minutes=5)}


@dag(
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("0 3 15 1,7 *", timezone="Asia/Jakarta"),
        assets=CURRENT_RELEASE,
    ),
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE, **heavy()},
    deadline=within("periodic_reports", minutes=120),
    doc_md=__doc__,
    tags=["portal"],
)
def periodic_reports():
    """Wire the tasks: written reports are put into the portal at once."""

    @task
    def write() -> dict[str, int]:
        from lumbung.steps import write_due_reports

        return write_due_reports()

    @task
    def publish() -> dict[str, int]:
        from lumbung.steps import build_site

        return build_site()

    write() >> publish()


periodic_reports()
