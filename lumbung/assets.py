"""The data that DAGs hand to each other, named once.

An ingest DAG updates the observations of its source; the build DAG waits for any of them
and updates the release. Airflow draws its asset graph from these objects.
"""

from __future__ import annotations

from airflow.sdk import Asset

BPS_OBSERVATIONS = Asset("lumbung://observations/bps")
CITED_OBSERVATIONS = Asset("lumbung://observations/cited_figures")
BACKFILLED_OBSERVATIONS = Asset("lumbung://observations/backfills")
CURRENT_RELEASE = Asset("lumbung://release/current")
