with source as (
    select * from {{ source("ingest", "region_groupings") }}
),

renamed as (
    select
        cast(grouping_id as varchar) as grouping_id,
        cast(member_group as varchar) as member_group,
        cast(region_code as varchar) as region_code,
        cast(basis as varchar) as basis
    from source
)

select * from renamed
