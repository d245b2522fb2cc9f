-- Grain: row x column x claim. What the figures of marts.observations rest on.
with observations as (
    select * from {{ ref("observations") }}
),

lineage as (
    select
        'observations' as mart,
        obs_id as row_key,
        'value' as column_name,
        obs_id
    from observations
    where value is not null
)

select * from lineage
