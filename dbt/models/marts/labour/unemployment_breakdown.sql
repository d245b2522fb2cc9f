-- Grain: region x survey round x breakdown x category, the leading series version of each.
with rates as (
    select * from {{ ref("int_labour__changes") }}
    where
        breakdown <> 'total'
        and is_headline
),

regions as (
    select * from {{ ref("dim_region") }}
),

joined as (
    select
        rates.region_code,
        regions.name as region_name,
        cast(extract(year from rates.survey_month_start) as integer)
            as survey_year,
        cast(extract(month from rates.survey_month_start) as integer)
            as survey_month,
        rates.breakdown,
        rates.category,
        rates.series_version,
        cast(rates.unemployment_rate_pct as decimal(9, 4))
            as unemployment_rate_pct,
        cast(rates.change_pp as decimal(9, 4)) as change_pp,
        cast(rates.standard_error as decimal(9, 4)) as standard_error_pp,
        rates.is_derived,
        rates.has_conflict,
        rates.conflict_kind,
        rates.obs_id
    from rates
    inner join regions
        on rates.region_code = regions.region_code
)

select * from joined
