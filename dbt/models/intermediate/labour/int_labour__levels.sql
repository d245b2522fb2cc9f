-- Grain: region x round x series version. Persons and participation of the same round and
-- version as the rate; nothing is borrowed from another one.
with figures as (
    select * from {{ ref("int_labour__figures") }}
    where breakdown = 'total'
),

levels as (
    select
        region_code,
        survey_month_start,
        series_version,
        {% for indicator in ["labour_force", "employed", "unemployed", "participation_rate"] %}
        max(
            case when indicator_id = '{{ indicator }}' then value end
        ) as {{ indicator }},
        max(
            case when indicator_id = '{{ indicator }}' then obs_id end
        ) as {{ indicator }}_obs_id{{ "," if not loop.last }}
        {% endfor %}
    from figures
    group by region_code, survey_month_start, series_version
)

select * from levels
