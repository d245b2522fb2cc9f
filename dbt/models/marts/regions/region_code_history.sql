-- Grain: region_id x system x code x period. Which code meant which region, and when.
with region_codes as (
    select * from {{ ref("stg_ingest__region_codes") }}
)

select * from region_codes
