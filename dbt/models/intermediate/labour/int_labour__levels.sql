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
        {%- for indicator in [
            "labour_force", "employed", "unemployed", "participation_rate"
        ] %}
        max(
            case when indicator_id = '{{ indicator }}' then value end
        ) as {{ indicator }},
        max(
            case when indicator_id = '{{ indicator }}' then obs_id end
        ) as {{ indicator }}_obs_id{{ "," if not loop.last }}
        {%- endfor %}
    from figures
    group by region_code, survey_month_start, series_version
),

matched as (
    select
        rates.region_code,
        rates.survey_month_start,
        rates.series_version,
        levels.series_version as levels_series_version,
        levels.* exclude (region_code, survey_month_start, series_version),
        row_number() over (
            partition by
                rates.region_code, rates.survey_month_start, rates.series_version
            order by
                case
                    when rates.series_version = levels.series_version then 0
                    else 1
                end,
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

select * exclude (choice)
from matched
where choice = 1
