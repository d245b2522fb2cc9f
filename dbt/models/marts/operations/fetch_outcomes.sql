-- Grain: dataset x partition x attempt. How every attempt to fetch ended.
with fetch_outcomes as (
    select * from {{ ref("stg_ingest__fetch_outcomes") }}
)

select * from fetch_outcomes
