with source as (
    select * from {{ source("ingest", "corrections") }}
),

renamed as (
    select
        cast(correction_id as varchar) as correction_id,
        cast(kind as varchar) as kind,
        cast(status as varchar) as status,
        cast(dataset_id as varchar) as dataset_id,
        cast(snapshot_id as varchar) as snapshot_id,
        cast(locator as varchar) as locator,
        cast(indicator_id as varchar) as indicator_id,
        cast(region_code as varchar) as region_code,
        cast(period_label as varchar) as period_label,
        cast(expected_text as varchar) as expected_text,
        cast(reason_id as varchar) as reason_id,
        cast(reason_en as varchar) as reason_en,
        cast(reported_by as varchar) as reported_by,
        cast(reported_on as date) as reported_on,
        cast(declared_in as varchar) as declared_in,
        cast(set_value as decimal(28, 6)) as set_value,
        cast(set_value_text as varchar) as set_value_text,
        cast(set_precision as decimal(28, 6)) as set_precision,
        cast(set_indicator_id as varchar) as set_indicator_id,
        cast(set_region_code as varchar) as set_region_code,
        cast(set_period_start as date) as set_period_start,
        cast(set_period_end as date) as set_period_end,
        cast(set_period_label as varchar) as set_period_label,
        cast(set_stage as varchar) as set_stage,
        cast(set_perimeter as varchar) as set_perimeter,
        cast(set_baseline as varchar) as set_baseline,
        cast(set_series_version as varchar) as set_series_version
    from source
)

select * from renamed
