with source as (
    select * from {{ source("ingest", "freshness") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(last_fetched_at as timestamp) as last_fetched_at,
        cast(last_changed_at as timestamp) as last_changed_at,
        cast(next_due_at as date) as next_due_at,
        cast(is_late as boolean) as is_late,
        cast(last_outcome as string) as last_outcome,
        cast(is_failing as boolean) as is_failing,
        cast(reason as string) as reason
    from source
)

select * from renamed
