-- Grain: region x year of registration. One series for everything per head (Dukcapil's
-- registered persons, the latest count of each year), and the years it serves: its own and
-- those after it, until a newer count.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_headline
        and value > 0
        and indicator_id = 'population_registered'
        and stage = 'observed'
        and perimeter = 'area'
        and breakdown = 'total'
        and period_end is not null
),

dated as (
    select
        region_code,
        value as persons,
        obs_id,
        cast(extract(year from period_end) as integer) as denominator_year,
        row_number() over (
            partition by region_code, extract(year from period_end)
            order by period_end desc, period_start desc, obs_id
        ) as recency
    from claims
),

denominators as (
    select
        region_code,
        persons,
        obs_id,
        denominator_year,
        lead(denominator_year) over (
            partition by region_code
            order by denominator_year
        ) as next_denominator_year
    from dated
    where recency = 1
)

select * from denominators
