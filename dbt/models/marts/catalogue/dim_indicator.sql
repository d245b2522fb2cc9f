-- Grain: indicator_id. What each indicator means, in two languages.
with indicators as (
    select * from {{ ref("stg_ingest__indicators") }}
)

select * from indicators
