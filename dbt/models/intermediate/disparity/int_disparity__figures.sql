-- Grain: indicator x region x period x series version. One value a region, in the version in
-- which regions may stand side by side: first releases and figures of no named version were
-- published together, every named version stands alone.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_figure_headline
        and value is not null
        and stage = 'observed'
        and perimeter = 'area'
        and breakdown = 'total'
        and period_start is not null
),

rates as (
    select * from {{ ref("int_labour__changes") }}
    where breakdown = 'total'
),

products as (
    select
        region_code,
        period_label,
        value,
        obs_id
    from claims
    where indicator_id = 'grdp_current_prices' and is_headline
),

spending as (
    select * from {{ ref("int_budgets__amounts") }}
    where
        indicator_id = 'budget_expenditure'
        and stage = 'enacted'
        and is_whole_year
),

denominators as (
    select * from {{ ref("int_population__denominators") }}
),

unemployment as (
    select
        'unemployment_rate' as indicator_id,
        region_code,
        concat(
            cast(extract(year from survey_month_start) as integer),
            '-',
            lpad(
                cast(
                    cast(extract(month from survey_month_start) as integer)
                    as string
                ), 2, '0'
            )
        ) as period_label,
        survey_month_start as period_start,
        replace(weights_group, ' ', '_') as series_version,
        unemployment_rate_pct as value,
        is_headline,
        obs_id,
        second_obs_id,
        cast(null as decimal(28, 6)) as own_persons,
        cast(null as string) as persons_obs_id
    from rates
),

others as (
    select
        claims.indicator_id,
        claims.region_code,
        claims.period_label,
        claims.period_start,
        case
            when claims.series_version in ('', 'first_release')
                then 'as_published'
            else claims.series_version
        end as series_version,
        claims.value,
        claims.is_headline,
        claims.obs_id,
        cast(null as string) as second_obs_id,
        -- The population that product and product per head imply together.
        case
            when claims.indicator_id = 'grdp_per_capita' and claims.value > 0
                then
                    {{ to_decimal(
                        ratio("products.value", "claims.value"), 28, 6
                    ) }}
        end as own_persons,
        case
            when claims.indicator_id = 'grdp_per_capita' then products.obs_id
        end as persons_obs_id
    from claims
    left join products
        on
            claims.region_code = products.region_code
            and claims.period_label = products.period_label
    where
        claims.indicator_id in (
            'grdp_per_capita', 'human_development_index', 'poverty_rate'
        )
),

spending_per_head as (
    select
        'budget_expenditure_per_capita' as indicator_id,
        spending.region_code,
        cast(spending.fiscal_year as string) as period_label,
        cast(concat(spending.fiscal_year, '-01-01') as date) as period_start,
        'as_published' as series_version,
        cast(
            {{ per_head("spending.amount", "denominators.persons") }}
            as decimal(28, 6)
        ) as value,
        true as is_headline,
        spending.obs_id,
        denominators.obs_id as second_obs_id,
        denominators.persons as own_persons,
        denominators.obs_id as persons_obs_id
    from spending
    inner join denominators
        on
            spending.region_code = denominators.region_code
            and spending.fiscal_year >= denominators.denominator_year
            and spending.fiscal_year < coalesce(
                denominators.next_denominator_year, 9999
            )
),

every_figure as (
    select * from unemployment
    union all
    select * from others
    union all
    select * from spending_per_head
),

ranked as (
    select
        every_figure.*,
        cast(extract(year from period_start) as integer) as period_year,
        row_number() over (
            partition by
                indicator_id, region_code, period_label, series_version
            order by is_headline desc, obs_id
        ) as choice
    from every_figure
)

select
    indicator_id,
    region_code,
    period_label,
    period_year,
    period_start,
    series_version,
    value,
    obs_id,
    second_obs_id,
    own_persons,
    persons_obs_id
from ranked
where choice = 1
