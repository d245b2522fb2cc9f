with source as (
    select * from {{ source("ingest", "region_codes") }}
),

renamed as (
    select
        cast(region_id as varchar) as region_id,
        cast(system as varchar) as system,
        cast(code as varchar) as code,
        cast(name as varchar) as name,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(basis as varchar) as basis
    from source
)

select * from renamed
