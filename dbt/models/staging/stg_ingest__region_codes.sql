with source as (
    select * from {{ source("ingest", "region_codes") }}
),

renamed as (
    select
        cast(region_id as string) as region_id,
        cast(system as string) as system,
        cast(code as string) as code,
        cast(name as string) as name,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(basis as string) as basis
    from source
)

select * from renamed
