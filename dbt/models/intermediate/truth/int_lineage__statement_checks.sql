-- Grain: row x column x claim. The evidence of marts.statement_checks.
with evidence as (
    select
        statement_id as row_key,
        obs_id,
        choice
    from {{ ref("int_statements__evidence") }}
),

measured as (
    select * from {{ ref("int_statements__measured") }}
),

weighed as (
    select
        evidence.row_key,
        evidence.obs_id,
        evidence.choice = 1 and measured.found_value is not null as is_measured
    from evidence
    inner join measured
        on evidence.row_key = measured.statement_id
),

lineage as (
    {{ lineage_cells("statement_checks", [
        ("weighed", "verdict", ["obs_id"], "true"),
        ("weighed", "found_value", ["obs_id"], "is_measured"),
        ("weighed", "tolerance", ["obs_id"], "is_measured"),
    ]) }}
)

select * from lineage
