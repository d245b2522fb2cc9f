-- Grain: government x fiscal year for which it is the prior year. The enacted revenue and own
-- revenue (PAD) that a cut in the next year is measured against; approved bills don't count.
with claims as (
    select * from {{ ref("int_claims__classified") }}
    where
        is_headline
        and value is not null
        and breakdown = 'total'
        and indicator_id in ('budget_own_revenue', 'budget_revenue')
        and stage = 'enacted'
        and perimeter = 'own_government'
        and extract(month from period_start) = 1
        and extract(month from period_end) = 12
        and extract(year from period_start) = extract(year from period_end)
),

budgets as (
    select
        region_code,
        cast(extract(year from period_start) as integer) + 1 as fiscal_year,
        max(
            case when indicator_id = 'budget_own_revenue' then value end
        ) as own_revenue,
        max(
            case when indicator_id = 'budget_own_revenue' then obs_id end
        ) as own_revenue_obs_id,
        max(case when indicator_id = 'budget_revenue' then value end)
            as revenue,
        max(case when indicator_id = 'budget_revenue' then obs_id end)
            as revenue_obs_id
    from claims
    group by region_code, extract(year from period_start)
)

select * from budgets
