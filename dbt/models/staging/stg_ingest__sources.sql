with source as (
    select * from {{ source("ingest", "sources") }}
),

renamed as (
    select
        cast(source_id as varchar) as source_id,
        cast(name as varchar) as name,
        cast(url as varchar) as url,
        cast(kind as varchar) as kind,
        cast(provenance_tier as varchar) as provenance_tier,
        cast(licence as varchar) as licence,
        cast(terms_known as boolean) as terms_known
    from source
)

select * from renamed
