-- Grain: region x round x series version of a rate. Persons and participation of the same
-- round and version as the rate. Where that version has none and the round was never
-- re-weighted, those of its other as-published version, named in levels_series_version.
with figures as (
    select * from {{ ref("int_labour__figures") }}
    where
        breakdown = 'total'
        and indicator_id in (
            'labour_force', 'employed', 'unemployed', 'participation_rate'
        )
),

rates as (
    select * from {{ ref("int_labour__rates") }}
    where breakdown = 'total'
),

levels as (
    select
        region_code,
        survey_month_start,
        series_version,
        max(
            case when indicator_id = 'labour_force' then value end
        ) as labour_force,
        max(
            case when indicator_id = 'labour_force' then obs_id end
        ) as labour_force_obs_id,
        max(
            case when indicator_id = 'employed' then value end
        ) as employed,
        max(
            case when indicator_id = 'employed' then obs_id end
        ) as employed_obs_id,
        max(
            case when indicator_id = 'unemployed' then value end
        ) as unemployed,
        max(
            case when indicator_id = 'unemployed' then obs_id end
        ) as unemployed_obs_id,
        max(
            case when indicator_id = 'participation_rate' then value end
        ) as participation_rate,
        max(
            case when indicator_id = 'participation_rate' then obs_id end
        ) as participation_rate_obs_id
    from figures
    group by region_code, survey_month_start, series_version
),

matched as (
    select
        rates.region_code,
        rates.survey_month_start,
        rates.series_version,
        levels.series_version as levels_series_version,
        levels.labour_force,
        levels.labour_force_obs_id,
        levels.employed,
        levels.employed_obs_id,
        levels.unemployed,
        levels.unemployed_obs_id,
        levels.participation_rate,
        levels.participation_rate_obs_id,
        row_number() over (
            partition by
                rates.region_code,
                rates.survey_month_start,
                rates.series_version
            order by
                rates.series_version = levels.series_version desc,
                levels.series_version desc
        ) as choice
    from rates
    inner join levels
        on
            rates.region_code = levels.region_code
            and rates.survey_month_start = levels.survey_month_start
            and (
                rates.series_version = levels.series_version
                or (
                    rates.weights_group = 'as published'
                    and levels.series_version in ('', 'first_release')
                )
            )
)

select
    region_code,
    survey_month_start,
    series_version,
    levels_series_version,
    labour_force,
    labour_force_obs_id,
    employed,
    employed_obs_id,
    unemployed,
    unemployed_obs_id,
    participation_rate,
    participation_rate_obs_id
from matched
where choice = 1
