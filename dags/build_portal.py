"""Build the public pages of each release that becomes current, downloads included.

Only what changed is drawn and written anew, so a release without news for most regions takes
seconds. Readers see the old site or the new one, never a half of each.
"""

import pendulum
from airflow.sdk import dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CURRENT_RELEASE
from lumbung.pools import heavy

RETRIES = {"retries": 1, "retry_delay": pendulum.duration(minutes=2)}


@dag(
    schedule=CURRENT_RELEASE,
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE, **heavy()},
    deadline=within("build_portal", minutes=60),
    doc_md=__doc__,
    tags=["portal"],
)
def build_portal():
    """Wire the one task."""

    @task
    def build() -> dict[str, int]:
        from lumbung.steps import build_site

        return build_site()

    build()


build_portal()
