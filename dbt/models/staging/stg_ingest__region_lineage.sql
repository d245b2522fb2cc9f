with source as (
    select * from {{ source("ingest", "region_lineage") }}
),

renamed as (
    select
        cast(from_region_id as string) as from_region_id,
        cast(to_region_id as string) as to_region_id,
        cast(valid_from as date) as valid_from,
        cast(kind as string) as kind,
        cast(not_before as date) as not_before,
        cast(not_after as date) as not_after,
        cast(basis as string) as basis
    from source
)

select * from renamed
