with source as (
    select * from {{ source("ingest", "datasets") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(protocol as string) as protocol,
        cast(source_id as string) as source_id,
        cast(title_id as string) as title_id,
        cast(title_en as string) as title_en,
        cast(cadence as string) as cadence,
        cast(is_live as boolean) as is_live
    from source
)

select * from renamed
