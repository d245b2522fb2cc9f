with source as (
    select * from {{ source("ingest", "snapshots") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(partition as string) as partition,
        cast(first_fetched_at as timestamp) as first_fetched_at,
        cast(last_fetched_at as timestamp) as last_fetched_at,
        cast(seen_on as date) as seen_on,
        cast(is_sample as boolean) as is_sample,
        cast(retired_on as date) as retired_on
    from source
)

select * from renamed
