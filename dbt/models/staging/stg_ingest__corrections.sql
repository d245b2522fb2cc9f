with source as (
    select * from {{ source("ingest", "corrections") }}
),

renamed as (
    select
        cast(correction_id as string) as correction_id,
        cast(kind as string) as kind,
        cast(status as string) as status,
        cast(dataset_id as string) as dataset_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(locator as string) as locator,
        cast(indicator_id as string) as indicator_id,
        cast(region_code as string) as region_code,
        cast(period_label as string) as period_label,
        cast(expected_text as string) as expected_text,
        cast(reason_id as string) as reason_id,
        cast(reason_en as string) as reason_en,
        cast(reported_by as string) as reported_by,
        cast(reported_on as date) as reported_on,
        cast(declared_in as string) as declared_in,
        cast(set_value as decimal(28, 6)) as set_value,
        cast(set_value_text as string) as set_value_text,
        cast(set_precision as decimal(28, 6)) as set_precision,
        cast(set_indicator_id as string) as set_indicator_id,
        cast(set_region_code as string) as set_region_code,
        cast(set_period_start as date) as set_period_start,
        cast(set_period_end as date) as set_period_end,
        cast(set_period_label as string) as set_period_label,
        cast(set_stage as string) as set_stage,
        cast(set_perimeter as string) as set_perimeter,
        cast(set_baseline as string) as set_baseline,
        cast(set_series_version as string) as set_series_version
    from source
)

select * from renamed
