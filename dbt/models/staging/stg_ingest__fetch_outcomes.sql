with source as (
    select * from {{ source("ingest", "fetch_outcomes") }}
),

renamed as (
    select
        cast(dataset_id as varchar) as dataset_id,
        cast(partition as varchar) as partition,
        cast(attempted_at as timestamp) as attempted_at,
        cast(outcome as varchar) as outcome,
        cast(message as varchar) as message
    from source
)

select * from renamed
