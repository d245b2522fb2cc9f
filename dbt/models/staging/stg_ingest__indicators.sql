with source as (
    select * from {{ source("ingest", "indicators") }}
),

renamed as (
    select
        cast(indicator_id as varchar) as indicator_id,
        cast(name_id as varchar) as name_id,
        cast(name_en as varchar) as name_en,
        cast(definition_id as varchar) as definition_id,
        cast(definition_en as varchar) as definition_en,
        cast(unit as varchar) as unit,
        cast(theme as varchar) as theme,
        cast(direction as varchar) as direction,
        cast(cadence as varchar) as cadence,
        cast(licence as varchar) as licence,
        cast(minimum as decimal(28, 6)) as minimum,
        cast(maximum as decimal(28, 6)) as maximum
    from source
)

select * from renamed
