with source as (
    select * from {{ source("ingest", "regions") }}
),

renamed as (
    select
        cast(region_id as string) as region_id,
        cast(region_code as string) as region_code,
        cast(kemendagri_code as string) as kemendagri_code,
        cast(djpk_code as string) as djpk_code,
        cast(name as string) as name,
        cast(type as string) as type,
        cast(parent_region_code as string) as parent_region_code,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to
    from source
)

select * from renamed
