-- Grain: row of int_labour__changes (totals) x level (province, country). The rate of what the
-- region lies in, in the same round on the same weights.
with rates as (
    select * from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

regions as (
    select * from {{ ref("dim_region") }}
),

targets as (
    select
        region_code,
        parent_region_code as target_region_code,
        'province' as level
    from regions
    where type in ('kabupaten', 'kota')
    union all
    select
        region_code,
        '0000' as target_region_code,
        'country' as level
    from regions
    where type <> 'country'
),

matched as (
    select
        rates.region_code,
        rates.survey_month_start,
        rates.series_version,
        rates.obs_id,
        rates.second_obs_id,
        targets.level,
        target_rates.unemployment_rate_pct as target_rate_pct,
        target_rates.obs_id as target_obs_id,
        target_rates.second_obs_id as target_second_obs_id,
        row_number() over (
            partition by
                rates.region_code,
                rates.survey_month_start,
                rates.series_version,
                targets.level
            order by
                target_rates.series_version = rates.series_version desc,
                target_rates.is_headline desc,
                target_rates.series_version asc
        ) as choice
    from rates
    inner join targets
        on rates.region_code = targets.region_code
    inner join rates as target_rates
        on
            targets.target_region_code = target_rates.region_code
            and rates.survey_month_start = target_rates.survey_month_start
            and rates.weights_group = target_rates.weights_group
)

select
    region_code,
    survey_month_start,
    series_version,
    obs_id,
    second_obs_id,
    level,
    target_rate_pct,
    target_obs_id,
    target_second_obs_id
from matched
where choice = 1
