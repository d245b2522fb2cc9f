"""The scheduled service on one machine: Airflow's parts, PostgreSQL and the portal, supervised.

``python -m service up`` / ``down`` / ``status`` are what ``make up`` and ``make down`` run. Why
supervisor keeps the parts alive: docs/decisions/0023-the-service.md.
"""
