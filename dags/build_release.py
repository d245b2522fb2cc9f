"""Build, audit and publish a release whenever a source brought observations.

One run at a time: each builds a file of its own, but only one may become current next. Where
inputs, catalogue and code are those of the current release, everything after the plan is
skipped. dbt is one task on purpose: docs/decisions/0004-dbt-as-one-task.md.
"""

import pendulum
from airflow.sdk import dag, task

from lumbung.alerts.callbacks import ON_FAILURE, within
from lumbung.assets import CURRENT_RELEASE, OBSERVATIONS
from lumbung.pools import heavy

RETRIES = {"retries": 1, "retry_delay": pendulum.duration(minutes=2)}


@dag(
    schedule=OBSERVATIONS,
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Jakarta"),
    catchup=False,
    max_active_runs=1,
    default_args={**RETRIES, **ON_FAILURE, **heavy()},
    deadline=within("build_release", minutes=60),
    doc_md=__doc__,
    tags=["release"],
)
def build_release():
    """Wire plan, assemble, audit and publish, one after the other."""

    # It ends the others at once where it returns nothing. Were it skipped itself, Airflow would
    # skip them one by one, with a pause of a second before each.
    @task.short_circuit
    def plan() -> dict[str, str] | None:
        from lumbung.steps import plan_release

        return plan_release()

    @task
    def assemble(planned: dict[str, str]) -> str:
        from lumbung.steps import assemble_candidate

        assemble_candidate(planned["release_id"])
        return planned["release_id"]

    @task
    def audit(release_id: str) -> str:
        from lumbung.steps import audit_candidate

        audit_candidate(release_id)
        return release_id

    @task(outlets=[CURRENT_RELEASE])
    def publish(release_id: str) -> str:
        from lumbung.steps import publish_release

        publish_release(release_id)
        return release_id

    publish(audit(assemble(plan())))


build_release()
