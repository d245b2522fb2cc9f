"""Fifty questions that people ask of regional figures, as SQL for DuckDB and PostgreSQL alike."""
