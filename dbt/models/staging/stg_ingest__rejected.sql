with source as (
    select * from {{ source("ingest", "rejected") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(locator as string) as locator,
        cast(raw_value as string) as raw_value,
        cast(rule as string) as rule,
        cast(message as string) as message
    from source
)

select * from renamed
