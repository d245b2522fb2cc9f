-- Grain: regency x round x group of weights. Its place among all regencies of the country: 1 is
-- the highest, ties share, and no place where a member is missing.
with rates as (
    select * from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

regencies as (
    select * from {{ ref("dim_region") }}
    where type in ('kabupaten', 'kota')
),

rounds as (
    select distinct
        survey_month_start,
        weights_group
    from rates
),

expected as (
    select
        rounds.survey_month_start,
        rounds.weights_group,
        regencies.region_code
    from rounds
    inner join regencies
        on
            rounds.survey_month_start
            >= coalesce(regencies.valid_from, date '0001-01-01')
            and rounds.survey_month_start
            < coalesce(regencies.valid_to, date '9999-12-31')
),

-- One rate a regency: the headline where its weights are the group's.
chosen as (
    select
        expected.*,
        rates.unemployment_rate_pct,
        row_number() over (
            partition by
                expected.region_code,
                expected.survey_month_start,
                expected.weights_group
            order by
                rates.is_headline desc nulls last,
                rates.series_version asc
        ) as choice
    from expected
    left join rates
        on
            expected.region_code = rates.region_code
            and expected.survey_month_start = rates.survey_month_start
            and expected.weights_group = rates.weights_group
),

placed as (
    select
        region_code,
        survey_month_start,
        weights_group,
        unemployment_rate_pct,
        count(unemployment_rate_pct)
            over (partition by survey_month_start, weights_group)
            as n_ranked,
        count(*) over (partition by survey_month_start, weights_group)
            as n_expected,
        rank() over (
            partition by survey_month_start, weights_group
            order by unemployment_rate_pct desc nulls last
        ) as place
    from chosen
    where choice = 1
)

select
    region_code,
    survey_month_start,
    weights_group,
    unemployment_rate_pct,
    cast(n_ranked as integer) as n_ranked_in_country,
    cast(n_expected as integer) as n_expected_in_country,
    case when n_ranked = n_expected then cast(place as integer) end
        as rank_in_country
from placed
where unemployment_rate_pct is not null
