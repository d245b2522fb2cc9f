-- A view on DuckDB: rows are read by one model only, and need not be written out for that. Only
-- marts are published: the path in it leaves no candidate.
{{ config(materialized="view" if target.type == "duckdb" else "table") }}

with source as (
    select * from {{ source("ingest", "observations") }}
),

renamed as (
    select
        cast(dataset_id as string) as dataset_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(locator as string) as locator,
        cast(indicator_id as string) as indicator_id,
        cast(region_code as string) as region_code,
        cast(period_start as date) as period_start,
        cast(period_end as date) as period_end,
        cast(period_label as string) as period_label,
        cast(period_kind as string) as period_kind,
        cast(stage as string) as stage,
        cast(perimeter as string) as perimeter,
        cast(perimeter_note as string) as perimeter_note,
        cast(baseline as string) as baseline,
        cast(breakdown as string) as breakdown,
        cast(category as string) as category,
        cast(attributes as string) as attributes,
        cast(value as decimal(28, 6)) as value,
        cast(value_text as string) as value_text,
        cast(unit as string) as unit,
        cast(precision as decimal(28, 6)) as precision,
        cast(obs_status as string) as obs_status,
        cast(standard_error as decimal(28, 6)) as standard_error,
        cast(series_version as string) as series_version,
        cast(source_id as string) as source_id,
        cast(source_name as string) as source_name,
        cast(source_url as string) as source_url,
        cast(provenance_tier as string) as provenance_tier,
        cast(claimant as string) as claimant,
        cast(published_at as date) as published_at,
        cast(published_at_basis as string) as published_at_basis,
        cast(note as string) as note,
        cast(is_derived as boolean) as is_derived,
        cast(formula_id as string) as formula_id
    from source
)

select * from renamed
