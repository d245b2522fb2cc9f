"""What the files in a candidate's folder are called."""

#: What a candidate says about itself, written once it is whole.
STATE = "candidate.json"
#: What dbt writes: what is published, and what only the build needs.
WAREHOUSE, SCRATCH = "warehouse.duckdb", "scratch.duckdb"
#: What dbt says.
LOG = "dbt.log"
