-- Grain: region x year of an August round with a published number of unemployed persons, and
-- the years it serves: its own and those after it, until a newer one.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_headline
        and value > 0
        and indicator_id = 'unemployed'
        and stage = 'observed'
        and perimeter = 'area'
        and breakdown = 'total'
        and period_kind = 'round'
        and extract(month from period_start) = 8
        and extract(month from period_end) = 8
),

years as (
    select
        region_code,
        value as persons,
        obs_id,
        cast(extract(year from period_start) as integer) as unemployed_year,
        cast(
            lead(extract(year from period_start)) over (
                partition by region_code
                order by period_start
            ) as integer
        ) as next_unemployed_year
    from claims
)

select * from years
