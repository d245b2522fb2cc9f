with source as (
    select * from {{ source("ingest", "region_groupings") }}
),

renamed as (
    select
        cast(grouping_id as string) as grouping_id,
        cast(member_group as string) as member_group,
        cast(region_code as string) as region_code,
        cast(basis as string) as basis
    from source
)

select * from renamed
