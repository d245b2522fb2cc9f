-- Grain: dataset_id. How old each dataset is, and whether new figures are late.
with freshness as (
    select * from {{ ref("stg_ingest__freshness") }}
)

select * from freshness
