-- Grain: region_id. Country, provinces and regencies, with their codes of today.
with regions as (
    select * from {{ ref("stg_ingest__regions") }}
)

select * from regions
