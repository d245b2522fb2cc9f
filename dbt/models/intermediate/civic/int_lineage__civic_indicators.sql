-- Grain: row x column x claim. What the figures of marts.civic_indicators rest on.
with figures as (
    select
        obs_id,
        figure_id as row_key
    from {{ ref("int_civic__figures") }}
),

lineage as (
    {{ lineage_cells("civic_indicators", [
        ("figures", "value", ["obs_id"], "true"),
    ]) }}
)

select * from lineage
