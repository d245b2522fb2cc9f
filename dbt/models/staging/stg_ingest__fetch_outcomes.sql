with source as (
    select * from {{ source("ingest", "fetch_outcomes") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(partition as string) as partition,
        cast(attempted_at as timestamp) as attempted_at,
        cast(outcome as string) as outcome,
        cast(message as string) as message
    from source
)

select * from renamed
