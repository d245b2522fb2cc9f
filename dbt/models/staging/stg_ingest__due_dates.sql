with source as (
    select * from {{ source("ingest", "due_dates") }}
),

renamed as (
    select
        cast(dataset_id as varchar) as dataset_id,
        cast(next_due_at as date) as next_due_at
    from source
)

select * from renamed
