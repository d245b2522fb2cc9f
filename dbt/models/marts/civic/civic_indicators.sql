-- Grain: civic_key, one figure; or one wanted indicator of a region that nobody publishes.
with figures as (
    select * from {{ ref("int_civic__figures") }}
),

gaps as (
    select * from {{ ref("int_civic__gaps") }}
),

regions as (
    select * from {{ ref("dim_region") }}
),

published as (
    select
        figure_id as civic_key,
        region_code,
        indicator_id,
        theme,
        period_label,
        period_start,
        period_end,
        breakdown,
        category,
        stage,
        perimeter,
        series_version,
        comparison_series,
        is_headline,
        value,
        unit,
        cast(null as string) as reason,
        cast(null as string) as reason_id,
        cast(null as string) as reason_en,
        agency,
        template_dataset,
        claimant,
        provenance_tier,
        source_url,
        known_at,
        has_conflict,
        obs_id
    from figures
),

missing as (
    select
        {{ hash_of(["indicator_id", "region_code"]) }} as civic_key,
        region_code,
        indicator_id,
        theme,
        'none' as period_label,
        cast(null as date) as period_start,
        cast(null as date) as period_end,
        'total' as breakdown,
        'total' as category,
        cast(null as string) as stage,
        cast(null as string) as perimeter,
        '' as series_version,
        cast(null as string) as comparison_series,
        false as is_headline,
        cast(null as decimal(28, 6)) as value,
        unit,
        reason,
        reason_id,
        reason_en,
        agency,
        template_dataset,
        cast(null as string) as claimant,
        cast(null as string) as provenance_tier,
        cast(null as string) as source_url,
        cast(null as date) as known_at,
        false as has_conflict,
        cast(null as string) as obs_id
    from gaps
),

every_row as (
    select * from published
    union all
    select * from missing
),

named as (
    select
        every_row.civic_key,
        every_row.region_code,
        regions.name as region_name,
        every_row.indicator_id,
        every_row.theme,
        every_row.period_label,
        every_row.period_start,
        every_row.period_end,
        every_row.breakdown,
        every_row.category,
        every_row.stage,
        every_row.perimeter,
        every_row.series_version,
        every_row.comparison_series,
        every_row.is_headline,
        every_row.value,
        every_row.unit,
        every_row.reason,
        every_row.reason_id,
        every_row.reason_en,
        every_row.agency,
        every_row.template_dataset,
        every_row.claimant,
        every_row.provenance_tier,
        every_row.source_url,
        every_row.known_at,
        every_row.has_conflict,
        every_row.obs_id
    from every_row
    inner join regions
        on every_row.region_code = regions.region_code
)

select * from named
