with source as (
    select * from {{ source("ingest", "datasets") }}
),

renamed as (
    select
        cast(dataset_id as varchar) as dataset_id,
        cast(protocol as varchar) as protocol,
        cast(source_id as varchar) as source_id,
        cast(title_id as varchar) as title_id,
        cast(title_en as varchar) as title_en,
        cast(cadence as varchar) as cadence,
        cast(is_live as boolean) as is_live
    from source
)

select * from renamed
