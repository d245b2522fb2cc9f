with source as (
    select * from {{ source("ingest", "fetches") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(partition as string) as partition,
        cast(sha256 as string) as snapshot_id,
        cast(fetched_at as timestamp) as fetched_at,
        cast(seen_on as date) as seen_on,
        cast(is_sample as boolean) as is_sample,
        cast(is_kept as boolean) as is_kept
    from source
)

select * from renamed
