with source as (
    select * from {{ source("ingest", "rejected") }}
),

renamed as (
    select
        cast(dataset_id as varchar) as dataset_id,
        cast(snapshot_id as varchar) as snapshot_id,
        cast(locator as varchar) as locator,
        cast(raw_value as varchar) as raw_value,
        cast(rule as varchar) as rule,
        cast(message as varchar) as message
    from source
)

select * from renamed
