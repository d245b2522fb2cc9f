"""The data that DAGs hand to each other, named once.

An ingest DAG updates the observations of its source; the build DAG waits for any of them
and updates the release. Airflow draws its asset graph from these objects.
"""

from __future__ import annotations

from airflow.sdk import Asset

AGENCY_OBSERVATIONS = Asset("lumbung://observations/agency_drop")
BPS_OBSERVATIONS = Asset("lumbung://observations/bps")
CITED_OBSERVATIONS = Asset("lumbung://observations/cited_figures")
BACKFILLED_OBSERVATIONS = Asset("lumbung://observations/backfills")
ARCGIS_OBSERVATIONS = Asset("lumbung://observations/arcgis")
CKAN_OBSERVATIONS = Asset("lumbung://observations/ckan")
DJPK_OBSERVATIONS = Asset("lumbung://observations/djpk")
JABAR_OBSERVATIONS = Asset("lumbung://observations/jabar")
WORLD_BANK_OBSERVATIONS = Asset("lumbung://observations/world_bank")
#: Any of them makes a release worth looking into.
OBSERVATIONS = (
    BPS_OBSERVATIONS
    | CITED_OBSERVATIONS
    | DJPK_OBSERVATIONS
    | WORLD_BANK_OBSERVATIONS
    | JABAR_OBSERVATIONS
    | CKAN_OBSERVATIONS
    | ARCGIS_OBSERVATIONS
    | AGENCY_OBSERVATIONS
    | BACKFILLED_OBSERVATIONS
)
CURRENT_RELEASE = Asset("lumbung://release/current")
