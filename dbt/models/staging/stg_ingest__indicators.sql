with source as (
    select * from {{ source("ingest", "indicators") }}
),

renamed as (
    select
        cast(indicator_id as string) as indicator_id,
        cast(name_id as string) as name_id,
        cast(name_en as string) as name_en,
        cast(definition_id as string) as definition_id,
        cast(definition_en as string) as definition_en,
        cast(unit as string) as unit,
        cast(theme as string) as theme,
        cast(direction as string) as direction,
        cast(cadence as string) as cadence,
        cast(licence as string) as licence,
        cast(minimum as decimal(28, 6)) as minimum,
        cast(maximum as decimal(28, 6)) as maximum
    from source
)

select * from renamed
