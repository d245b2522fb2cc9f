-- Grain: grouping x region. Groups of regions that people compare.
with region_groupings as (
    select * from {{ ref("stg_ingest__region_groupings") }}
)

select * from region_groupings
