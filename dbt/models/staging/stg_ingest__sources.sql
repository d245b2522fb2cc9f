with source as (
    select * from {{ source("ingest", "sources") }}
),

renamed as (
    select
        cast(source_id as string) as source_id,
        cast(name as string) as name,
        cast(url as string) as url,
        cast(kind as string) as kind,
        cast(provenance_tier as string) as provenance_tier,
        cast(licence as string) as licence,
        cast(terms_known as boolean) as terms_known
    from source
)

select * from renamed
