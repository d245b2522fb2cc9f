-- Grain: row x column x claim. What the figures of marts.scorecard rest on: the claims under
-- the cell of the mart that a figure was taken from.
with cells as (
    select
        *,
        {{ row_key(["region_code", "year"]) }} as row_key
    from {{ ref("int_scorecard__cells") }}
),

sources as (
    select * from {{ ref("int_lineage__unemployment") }}
    union all
    select * from {{ ref("int_lineage__transfer_cuts") }}
    union all
    select * from {{ ref("int_lineage__budget") }}
    union all
    select * from {{ ref("int_lineage__program_spend_by_theme") }}
),

lineage as (
    select
        'scorecard' as mart,
        cells.row_key,
        cells.column_name,
        sources.obs_id
    from cells
    inner join sources
        on
            cells.source_mart = sources.mart
            and cells.source_row_key = sources.row_key
            and cells.source_column = sources.column_name
    union
    select
        'scorecard' as mart,
        row_key,
        column_name,
        obs_id
    from cells
    where obs_id is not null
    union
    select
        'scorecard' as mart,
        row_key,
        column_name,
        second_obs_id as obs_id
    from cells
    where second_obs_id is not null
)

select * from lineage
