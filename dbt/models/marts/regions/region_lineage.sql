-- Grain: parent x child. Which region came out of which, and when.
with region_lineage as (
    select * from {{ ref("stg_ingest__region_lineage") }}
)

select * from region_lineage
