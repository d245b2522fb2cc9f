with source as (
    select * from {{ source("ingest", "observations") }}
),

renamed as (
    select
        cast(dataset_id as varchar) as dataset_id,
        cast(snapshot_id as varchar) as snapshot_id,
        cast(locator as varchar) as locator,
        cast(indicator_id as varchar) as indicator_id,
        cast(region_code as varchar) as region_code,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(period_label as varchar) as period_label,
        cast(period_kind as varchar) as period_kind,
        cast(stage as varchar) as stage,
        cast(perimeter as varchar) as perimeter,
        cast(perimeter_note as varchar) as perimeter_note,
        cast(baseline as varchar) as baseline,
        cast(breakdown as varchar) as breakdown,
        cast(category as varchar) as category,
        cast(attributes as varchar) as attributes,
        cast(value as decimal(28, 6)) as value,
        cast(value_text as varchar) as value_text,
        cast(unit as varchar) as unit,
        cast(precision as decimal(28, 6)) as precision,
        cast(obs_status as varchar) as obs_status,
        cast(standard_error as decimal(28, 6)) as standard_error,
        cast(series_version as varchar) as series_version,
        cast(source_id as varchar) as source_id,
        cast(source_name as varchar) as source_name,
        cast(source_url as varchar) as source_url,
        cast(provenance_tier as varchar) as provenance_tier,
        cast(claimant as varchar) as claimant,
        cast(published_at as date) as published_at,
        cast(published_at_basis as varchar) as published_at_basis,
        cast(note as varchar) as note,
        cast(is_derived as boolean) as is_derived,
        cast(formula_id as varchar) as formula_id
    from source
)

select * from renamed
